import { readFileSync } from 'fs';
import { join } from 'path';
import { Duration, Size } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as actions from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as sns from 'aws-cdk-lib/aws-sns';
import { newLake, Synthesized } from './lake';
import { LakeAlarm, LakeAlarmOptions } from '../src';

const lake = Synthesized.of();
const alarms = lake.ofType('AWS::CloudWatch::Alarm');
const runbook = readFileSync(join(__dirname, '..', 'docs', 'runbook.md'), 'utf-8');

/** The anchor that GitHub makes of a heading. */
const anchor = (heading: string) => heading.toLowerCase().replaceAll(/[^\w -]/g, '').replaceAll(' ', '-');
const sections = Object.fromEntries(runbook.split(/^## /m).slice(1).map((section) => (
  [anchor(section.split('\n')[0]), section]
)));

/** Name of the stage in the metrics of its job. */
const dimensionOf: Record<string, string> = { ProcessCsv: 'process-csv', AnalyticsTransform: 'analytics-transform' };
/** A metric of an alarm that has several. */
const read = ({ Id, MetricStat: { Metric, Stat, Period } }: any) => (
  { Id, name: Metric.MetricName, of: Metric.Dimensions.map(({ Value }: any) => Value), stat: Stat, period: Period });

test('a lake has these alarms and no others', () => {
  const ofEach = [
    'FailedRuns', 'LostEvents', 'UnseenObjects', 'DeadLetters', 'ExpiringDeadLetters', 'BacklogAge', 'NoProgress',
    'ArrivalToDone',
  ];
  expect(Object.keys(alarms).map((id) => id.replace('LakeObserve', ''))).toEqual([
    'AccessAccessDenied',
    ...[...ofEach, 'Misfits', 'Arrivals'].map((name) => `ProcessCsv${name}`),
    ...[...ofEach, 'Rows'].map((name) => `AnalyticsTransform${name}`),
    'SweeperFailedSweeps', 'SweeperSilentSweeper', 'ManifestManifestThrottled', 'QueryQueriesCutOff',
  ]);
});

describe.each(['ProcessCsv', 'AnalyticsTransform'])('%s', (stage) => {
  const alarm = (name: string) => alarms[`LakeObserve${stage}${name}`];
  const dimensions = (name: string) => Object.fromEntries(
    alarm(name).Dimensions.map(({ Name, Value }: any) => [Name, Value]));

  test('a failed run raises an alarm, by the event that Glue sends of it', () => {
    expect(alarm('FailedRuns')).toMatchObject({
      Namespace: 'AWS/Events', MetricName: 'TriggeredRules', Statistic: 'Sum', Threshold: 1,
    });
    expect(dimensions('FailedRuns')).toEqual({ RuleName: `\${LakeSweeper${stage}RunFailed}` });
  });

  test('an event that reaches neither queue raises an alarm', () => {
    expect(alarm('LostEvents')).toMatchObject(
      { Namespace: 'AWS/Events', MetricName: 'InvocationsFailedToBeSentToDlq', Statistic: 'Sum', Threshold: 1 });
    expect(dimensions('LostEvents')).toEqual({ RuleName: `\${Lake${stage}ObjectCreated}` });
  });

  test('a wake-up that fails raises none, since a busy workflow refuses events', () => {
    expect(Object.values(alarms).map(({ MetricName }) => MetricName)).not.toContain('FailedInvocations');
  });

  test('one dead letter raises an alarm', () => {
    expect(alarm('DeadLetters')).toMatchObject({
      Namespace: 'AWS/SQS', MetricName: 'ApproximateNumberOfMessagesVisible', Statistic: 'Maximum', Threshold: 1,
    });
    expect(dimensions('DeadLetters')).toEqual({ QueueName: `\${Lake${stage}DeadLetterQueue.QueueName}` });
  });

  test('a dead letter raises an alarm a week before SQS deletes it', () => {
    expect(alarm('ExpiringDeadLetters')).toMatchObject({
      Namespace: 'AWS/SQS', MetricName: 'ApproximateAgeOfOldestMessage', Statistic: 'Maximum', Threshold: 7 * 24 * 3600,
    });
    expect(dimensions('ExpiringDeadLetters')).toEqual({ QueueName: `\${Lake${stage}DeadLetterQueue.QueueName}` });
    expect(lake.one('AWS::SQS::Queue', `${stage}DeadLetterQueue`).MessageRetentionPeriod).toBe(14 * 24 * 3600);
  });

  test('objects that wait while none succeeds raise an alarm after a quarter of an hour', () => {
    expect(alarm('NoProgress')).toMatchObject({ Threshold: 1, EvaluationPeriods: 3 });
    const [expression, ...metrics] = alarm('NoProgress').Metrics;
    expect(expression).toMatchObject(
      { Expression: 'IF(visible > 0 AND FILL(succeeded, 0) == 0, 1, 0)', ReturnData: true });
    expect(metrics.map(read)).toEqual([
      {
        Id: 'visible',
        name: 'ApproximateNumberOfMessagesVisible',
        of: [`\${Lake${stage}WorkQueue.QueueName}`],
        stat: 'Maximum',
        period: 300,
      },
      {
        Id: 'succeeded',
        name: 'ObjectsSucceeded',
        of: ['mycompany-prod', dimensionOf[stage]],
        stat: 'Sum',
        period: 300,
      },
    ]);
  });

  test('objects that take half an hour raise an alarm', () => {
    expect(alarm('ArrivalToDone')).toMatchObject({
      Namespace: 'ModernDataLake',
      MetricName: 'ArrivalToDoneSeconds',
      ExtendedStatistic: 'p95',
      Period: 300,
      EvaluationPeriods: 3,
      Threshold: 1800,
    });
    expect(dimensions('ArrivalToDone')).toEqual({ Lake: 'mycompany-prod', Stage: dimensionOf[stage] });
  });

  test('an object that waits for an hour raises an alarm', () => {
    expect(alarm('BacklogAge')).toMatchObject({
      Namespace: 'AWS/SQS', MetricName: 'ApproximateAgeOfOldestMessage', Statistic: 'Maximum', Threshold: 3600,
    });
    expect(dimensions('BacklogAge')).toEqual({ QueueName: `\${Lake${stage}WorkQueue.QueueName}` });
  });
});

test('a sweep that fails raises an alarm', () => {
  expect(alarms.LakeObserveSweeperFailedSweeps).toMatchObject({
    Namespace: 'AWS/States',
    MetricName: 'ExecutionsFailed',
    Statistic: 'Sum',
    Threshold: 1,
    Dimensions: [{ Name: 'StateMachineArn', Value: '${LakeSweeperStateMachine}' }],
  });
});

test('a sweeper that does not start for ten minutes raises an alarm, by its silence', () => {
  expect(alarms.LakeObserveSweeperSilentSweeper).toMatchObject({
    Namespace: 'AWS/States',
    MetricName: 'ExecutionsStarted',
    Statistic: 'Sum',
    Period: 300,
    EvaluationPeriods: 2,
    Threshold: 1,
    ComparisonOperator: 'LessThanThreshold',
    TreatMissingData: 'breaching',
    Dimensions: [{ Name: 'StateMachineArn', Value: '${LakeSweeperStateMachine}' }],
  });
});

test('one misfit in 100 rows of an hour raises an alarm: rescued in either stage, or a short row', () => {
  const { Threshold, EvaluationPeriods, Metrics: [expression, ...metrics] } = alarms.LakeObserveProcessCsvMisfits;
  expect({ Threshold, EvaluationPeriods }).toEqual({ Threshold: 1, EvaluationPeriods: 1 });
  expect(expression.Expression).toBe('100 * (FILL(rescued, 0) + FILL(later, 0) + FILL(short, 0)) / rows');
  const hourly = { stat: 'Sum', period: 3600 };
  const [csv, parquet] = ['process-csv', 'analytics-transform'].map((stage) => ['mycompany-prod', stage]);
  expect(metrics.map(read)).toEqual([
    { Id: 'rescued', name: 'ValuesRescued', of: csv, ...hourly },
    { Id: 'later', name: 'ValuesRescued', of: parquet, ...hourly },
    { Id: 'short', name: 'RowsShort', of: csv, ...hourly },
    { Id: 'rows', name: 'RowsWritten', of: csv, ...hourly },
  ]);
});

test('a manifest that is throttled for a quarter of an hour raises an alarm, for the table or an index', () => {
  const { Threshold, EvaluationPeriods, Metrics: [expression, ...metrics] } =
    alarms.LakeObserveManifestManifestThrottled;
  expect({ Threshold, EvaluationPeriods }).toEqual({ Threshold: 1, EvaluationPeriods: 3 });
  expect(expression.Expression).toBe(
    'FILL(read, 0) + FILL(written, 0) + FILL(status, 0) + FILL(source, 0) + FILL(dataset, 0)');
  const [table, every] = ['${LakeManifestTable}', { stat: 'Sum', period: 300 }];
  // CloudWatch has dimensions in the order of their names.
  expect(metrics.map(read)).toEqual([
    { Id: 'read', name: 'ReadThrottleEvents', of: [table], ...every },
    { Id: 'written', name: 'WriteThrottleEvents', of: [table], ...every },
    { Id: 'status', name: 'WriteThrottleEvents', of: ['by-status', table], ...every },
    { Id: 'source', name: 'WriteThrottleEvents', of: ['by-source', table], ...every },
    { Id: 'dataset', name: 'WriteThrottleEvents', of: ['by-dataset', table], ...every },
  ]);
});

test('a query that scanned all that it may raises an alarm', () => {
  const { LakeObserveQueryQueriesCutOff: alarm } = Synthesized.of({ bytesScannedCutoff: Size.gibibytes(1) })
    .ofType('AWS::CloudWatch::Alarm');
  expect(alarm).toMatchObject({
    Namespace: 'AWS/Athena',
    MetricName: 'ProcessedBytes',
    Dimensions: [{ Name: 'WorkGroup', Value: 'mycompany-prod-datalake' }],
    Statistic: 'Maximum',
    Threshold: 1024 ** 3,
  });
});

test('a denied call on a bucket of a customer or on the key raises an alarm', () => {
  expect(alarms.LakeObserveAccessAccessDenied).toMatchObject({
    Namespace: 'AWS/Events',
    MetricName: 'TriggeredRules',
    Dimensions: [{ Name: 'RuleName', Value: '${LakeObserveAccessDenied}' }],
    Statistic: 'Sum',
    Threshold: 1,
  });
  expect(lake.one('AWS::Events::Rule', 'ObserveAccessDenied')).toMatchObject({
    EventPattern: {
      'source': ['aws.s3', 'aws.kms'],
      'detail-type': ['AWS API Call via CloudTrail'],
      'detail': {
        errorCode: ['AccessDenied', 'AccessDeniedException'],
        $or: [
          { requestParameters: { bucketName: [{ wildcard: 'mycompany-*-prod-datalake' }] } },
          { resources: { ARN: ['${LakeEncryptionKey.Arn}'] } },
        ],
      },
    },
    Targets: [{ Arn: '${LakeObserveAccessCalls.Arn}' }],
  });
});

test.each([
  ['ProcessCsvArrivals', 'NumberOfMessagesSent', ['${LakeProcessCsvWorkQueue.QueueName}']],
  ['AnalyticsTransformRows', 'RowsWritten', ['mycompany-prod', 'analytics-transform']],
])('%s raises an alarm after three hours outside the band of the usual', (id, name, of) => {
  const { Metrics: [band, metric], ...alarm } = alarms[`LakeObserve${id}`];
  expect(alarm).toMatchObject({
    ComparisonOperator: 'LessThanLowerOrGreaterThanUpperThreshold', EvaluationPeriods: 3, ThresholdMetricId: band.Id,
  });
  expect(band.Expression).toBe(`ANOMALY_DETECTION_BAND(${metric.Id}, 3)`);
  expect(read(metric)).toMatchObject({ name, of, stat: 'Sum', period: 3600 });
});

test('an alarm that watches the sum of a period rings for one period of five minutes', () => {
  const single = Object.entries(alarms).filter(([, { EvaluationPeriods, Period }]) => (
    EvaluationPeriods === 1 && Period === 300));
  const about = /.*(ProcessCsv|AnalyticsTransform|Sweeper|ObserveQuery|ObserveAccess)/;
  expect(single.map(([id]) => id.replace(about, ''))).toEqual([
    'AccessDenied',
    ...['FailedRuns', 'LostEvents', 'UnseenObjects', 'DeadLetters', 'ExpiringDeadLetters', 'BacklogAge'],
    ...['FailedRuns', 'LostEvents', 'UnseenObjects', 'DeadLetters', 'ExpiringDeadLetters', 'BacklogAge'],
    'FailedSweeps',
    'QueriesCutOff',
  ]);
});

describe.each(Object.entries(alarms))('%s', (_, alarm) => {
  test('is raised at the threshold, and by silence only if it is about silence', () => {
    const isSilence = alarm.ComparisonOperator === 'LessThanThreshold';
    expect(alarm.TreatMissingData).toBe(isSilence ? 'breaching' : 'notBreaching');
    expect(alarm.ComparisonOperator).toMatch(
      /^(GreaterThanOrEqualToThreshold|LessThanThreshold|LessThanLowerOrGreaterThanUpperThreshold)$/);
  });

  test('goes to the topic', () => {
    expect(alarm.AlarmActions).toEqual(['${LakeObserveAlarmTopic}']);
  });

  test('names its construct and links to its heading, which says what it is, how to look and what to do', () => {
    const [, stage, , heading] = /^(\w+): (.+)\. https:.+\/docs\/runbook\.md#(.+)$/.exec(alarm.AlarmDescription)!;
    expect(stage).toMatch(/^(ProcessCsv|AnalyticsTransform|Sweeper|Manifest|Query|Access)$/);
    const subheadings = [...sections[heading].matchAll(/^### (.+)$/gm)].map(([, subheading]) => subheading);
    expect(subheadings).toEqual(['Description', 'Investigation', 'Resolution']);
  });
});

test('one alarm to page on rings while any of the others does, and notifies nobody twice', () => {
  const unhealthy = lake.one('AWS::CloudWatch::CompositeAlarm');
  const named = [...unhealthy.AlarmRule.matchAll(/ALARM\("?\$\{(\w+)\.Arn\}"?\)/g)].map(([, id]) => id);
  expect(named.sort()).toEqual(Object.keys(alarms).sort());
  expect(unhealthy.AlarmRule.replaceAll(/ALARM\([^)]*\)/g, '').replaceAll(' OR ', '')).toBe('()');
  expect(unhealthy.AlarmActions).toBeUndefined();
  expect(unhealthy.AlarmDescription).toMatch(/^Lake: .+\. https:.+\/docs\/runbook\.md$/);
  expect(unhealthy).not.toHaveProperty('AlarmName'); // CloudFormation's own is unique in the account
});

describe('options', () => {
  const alarmsWith = (options: LakeAlarmOptions) => (
    Synthesized.of({ alarms: options }).ofType('AWS::CloudWatch::Alarm'));

  test('change thresholds and what the descriptions say of them', () => {
    const changed = alarmsWith(
      { backlogAge: Duration.hours(3), arrivalToDone: Duration.minutes(5), misfitsPer100Rows: 0.1 });
    expect(changed.LakeObserveProcessCsvBacklogAge).toMatchObject(
      { Threshold: 10800, AlarmDescription: expect.stringContaining('waited for more than 3 hours.') });
    expect(changed.LakeObserveAnalyticsTransformArrivalToDone).toMatchObject(
      { Threshold: 300, AlarmDescription: expect.stringContaining('more than 5 minutes from their upload') });
    expect(changed.LakeObserveProcessCsvMisfits).toMatchObject(
      { Threshold: 0.1, AlarmDescription: expect.stringContaining('more than 0.1 of 100 rows') });
  });

  test('switch alarms off', () => {
    const left = alarmsWith({ off: [LakeAlarm.ARRIVALS, LakeAlarm.ROWS, LakeAlarm.BACKLOG_AGE] });
    expect(Object.keys(alarms).filter((id) => !(id in left)).map((id) => id.replace('LakeObserve', ''))).toEqual(
      ['ProcessCsvBacklogAge', 'ProcessCsvArrivals', 'AnalyticsTransformBacklogAge', 'AnalyticsTransformRows']);
  });

  test('leave out what only an alarm needs that is off', () => {
    const without = Synthesized.of({ alarms: { off: [LakeAlarm.ACCESS_DENIED] } });
    expect(Object.keys(lake.ofType('AWS::SQS::Queue')).filter((id) => !(id in without.ofType('AWS::SQS::Queue'))))
      .toEqual(['LakeObserveAccessCalls']);
  });

  test('switch all alarms off, the one to page on included', () => {
    const none = newLake({ alarms: { off: Object.values(LakeAlarm) } });
    expect(new Synthesized(none.stack).counts()).not.toHaveProperty('AWS::CloudWatch::CompositeAlarm');
    expect(none.lake.unhealthyAlarm).toBeUndefined();
    expect(none.lake.alarmsOf(LakeAlarm.BACKLOG_AGE)).toEqual([]);
  });
});

test('the documented alarms are those that a lake with expected uploads has, at the documented prices', () => {
  const datasets = [{ name: 'orders', expectedEvery: 'P1D' }];
  const expecting = Synthesized.of({ customers: [{ customerId: 'acme', datasets }] }).ofType('AWS::CloudWatch::Alarm');
  const operate = readFileSync(join(__dirname, '..', 'docs', 'operate.md'), 'utf-8');
  const rows = [...operate.matchAll(/^\| `([A-Z_]+)` \|.*\| ([\d.]+) \|$/gm)].map(([, name, price]) => [name, price]);
  const priceOf = ({ Metrics = [] }: any) => (
    JSON.stringify(Metrics).includes('ANOMALY_DETECTION_BAND') ? 30
      : 10 * Math.max(1, Metrics.filter(({ MetricStat }: any) => MetricStat).length));
  expect(rows).toEqual(Object.entries(LakeAlarm).map(([name, id]) => {
    const cents = Object.entries(expecting).filter(([alarm]) => alarm.endsWith(id)).map(([, alarm]) => priceOf(alarm));
    // `ExpiringDeadLetters` ends like `DeadLetters`.
    const sum = cents.reduce((total, each) => total + each, 0) - (name === 'DEAD_LETTERS' ? 20 : 0);
    return [name, (sum / 100).toFixed(2)];
  }));
});

test('an app adds an action to an alarm and to the one to page on', () => {
  const { stack, lake: mine } = newLake();
  const pager = new actions.SnsAction(new sns.Topic(stack, 'Pager'));
  for (const alarm of [...mine.alarmsOf(LakeAlarm.DEAD_LETTERS), mine.unhealthyAlarm!]) {
    (alarm as cloudwatch.AlarmBase).addAlarmAction(pager);
  }
  const found = new Synthesized(stack);
  const withPager = Object.entries({
    ...found.ofType('AWS::CloudWatch::Alarm'), ...found.ofType('AWS::CloudWatch::CompositeAlarm'),
  }).filter(([, { AlarmActions }]) => AlarmActions.includes('${Pager}')).map(([id]) => id.replace('LakeObserve', ''));
  expect(withPager).toEqual(['ProcessCsvDeadLetters', 'AnalyticsTransformDeadLetters', 'LakeUnhealthy']);
});

test('the runbook\'s names of resources are those of the template', () => {
  const names = [...runbook.matchAll(/\$\(name (AWS::\S+) "?(?:\$\{stage\})?(\w+)"?\)/g)];
  expect(names.map(([, type, id]) => [type, id])).toContainEqual(['AWS::Glue::Job', 'Job']);
  for (const [text, type, id] of names) {
    const end = text.includes('stage') ? `ProcessCsv${id}` : id;
    expect(Object.keys(lake.ofType(type)).filter((found) => found.includes(end))).toHaveLength(1);
  }
});

test('the topic is encrypted with the lake\'s key and takes alarms of the account, by TLS', () => {
  expect(lake.one('AWS::SNS::Topic').KmsMasterKeyId).toBe('${LakeEncryptionKey.Arn}');
  expect(lake.one('AWS::SNS::TopicPolicy').PolicyDocument.Statement).toEqual([
    expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
    {
      Sid: 'Alarms',
      Effect: 'Allow',
      Principal: { Service: 'cloudwatch.amazonaws.com' },
      Action: 'sns:Publish',
      Resource: '${LakeObserveAlarmTopic}',
      Condition: { StringEquals: { 'aws:SourceAccount': '${AWS::AccountId}' } },
    },
  ]);
});
