import { readFileSync } from 'fs';
import { join } from 'path';
import { Synthesized } from './lake';

const lake = Synthesized.of();
const alarms = lake.ofType('AWS::CloudWatch::Alarm');
const runbook = readFileSync(join(__dirname, '..', 'docs', 'runbook.md'), 'utf-8');

/** The anchor that GitHub makes of a heading. */
const anchor = (heading: string) => heading.toLowerCase().replaceAll(/[^\w -]/g, '').replaceAll(' ', '-');
const sections = Object.fromEntries(runbook.split(/^## /m).slice(1).map((section) => (
  [anchor(section.split('\n')[0]), section]
)));

describe.each(['ProcessCsv', 'AnalyticsTransform'])('%s', (stage) => {
  const alarm = (name: string) => alarms[`LakeObserve${stage}${name}`];
  const dimensions = (name: string) => Object.fromEntries(
    alarm(name).Dimensions.map(({ Name, Value }: any) => [Name, Value]));

  test('has these alarms and no others', () => {
    const names = Object.keys(alarms).filter((id) => id.startsWith(`LakeObserve${stage}`));
    expect(names.map((id) => id.replace(`LakeObserve${stage}`, ''))).toEqual(
      ['FailedRuns', 'LostEvents', 'DeadLetters', 'ExpiringDeadLetters', 'BacklogAge']);
  });

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

describe.each(Object.entries(alarms))('%s', (_, alarm) => {
  test('is raised by one period of five minutes at the threshold, and not by silence', () => {
    expect(alarm).toMatchObject({
      Period: 300,
      EvaluationPeriods: 1,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      TreatMissingData: 'notBreaching',
    });
  });

  test('goes to the topic', () => {
    expect(alarm.AlarmActions).toEqual(['${LakeObserveAlarmTopic}']);
  });

  test('names its construct and links to its heading, which says what it is, how to look and what to do', () => {
    const [, stage, , heading] = /^(\w+): (.+)\. https:.+\/docs\/runbook\.md#(.+)$/.exec(alarm.AlarmDescription)!;
    expect(stage).toMatch(/^(ProcessCsv|AnalyticsTransform|Sweeper)$/);
    const subheadings = [...sections[heading].matchAll(/^### (.+)$/gm)].map(([, subheading]) => subheading);
    expect(subheadings).toEqual(['Description', 'Investigation', 'Resolution']);
  });
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
