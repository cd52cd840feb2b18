import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Construct } from 'constructs';
import { addLake, LakeOptions, newLake, Synthesized } from './lake';

const { lake } = newLake();
const tagsOf = (properties: any): Record<string, string> => (
  Array.isArray(properties.Tags) ? Object.fromEntries(properties.Tags.map(({ Key, Value }: any) => [Key, Value]))
    : properties.Tags
);

describe('a lake hands out', () => {
  const { stack } = newLake();
  const resolved = (value: string) => JSON.stringify(stack.resolve(value)).replace(/[0-9A-F]{8}"/g, '"');

  test('what its operators need', () => {
    const fresh = newLake();
    expect([
      fresh.lake.manifest.tableName, fresh.lake.alarmTopic.topicArn, fresh.lake.sweeper.stateMachineArn,
      fresh.lake.processCsv.jobName, fresh.lake.processCsv.workQueue.queueUrl,
      fresh.lake.processCsv.deadLetterQueue.queueUrl,
      fresh.lake.analyticsTransform.jobName, fresh.lake.analyticsTransform.workQueue.queueUrl,
      fresh.lake.analyticsTransform.deadLetterQueue.queueUrl,
    ].map(resolved)).toEqual([
      'LakeManifestTable', 'LakeObserveAlarmTopic', 'LakeSweeperStateMachine',
      'LakeProcessCsvJob', 'LakeProcessCsvWorkQueue', 'LakeProcessCsvDeadLetterQueue',
      'LakeAnalyticsTransformJob', 'LakeAnalyticsTransformWorkQueue', 'LakeAnalyticsTransformDeadLetterQueue',
    ].map((id) => JSON.stringify({ Ref: id })));
  });

  test('a customer\'s names, which refer to no resource', () => {
    const { customerId, bucketName, bucketArn, databaseName, workGroupName } = lake.customer('globex');
    expect(stack.resolve({ customerId, bucketName, bucketArn, databaseName, workGroupName })).toEqual({
      customerId: 'globex',
      bucketName: 'mycompany-globex-prod-datalake',
      bucketArn: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':s3:::mycompany-globex-prod-datalake']] },
      databaseName: 'mycompany_globex_prod',
      workGroupName: 'mycompany-prod-datalake',
    });
    expect(lake.customer('globex')).toBe(lake.customer('globex'));
  });

  test('nothing of a customer that it does not have', () => {
    const message = '[Lake/Lake/Storage] the lake has no customer \'initech\' among its 2; add it to the lake\'s '
      + 'customers';
    expect(() => lake.customer('initech')).toThrow(message);
    expect(() => lake.grantQuery({} as any, ['globex', 'initech'])).toThrow(message);
  });

  test('and the closest customer is named instead of all', () => {
    expect(() => lake.customer('globx')).toThrow(new Error('[Lake/Lake/Storage] the lake has no customer '
      + '\'globx\' among its 2; write \'globex\', or add it to the lake\'s customers'));
  });
});

describe('tags', () => {
  const taggable = (synthesized: Synthesized) => Object.keys(synthesized.counts())
    .flatMap((type) => Object.entries(synthesized.ofType(type)))
    .filter(([, properties]) => properties.Tags);

  test('project, environment and owner are on everything that has tags', () => {
    const tagged = taggable(Synthesized.of());
    expect(tagged.length).toBeGreaterThan(25);
    for (const [, properties] of tagged) {
      expect(tagsOf(properties)).toMatchObject(
        { project: 'modern-data-lake', environment: 'prod', owner: 'mycompany' });
    }
  });

  test('project and owner are the lake\'s', () => {
    for (const [, properties] of taggable(Synthesized.of({ project: 'analytics', owner: 'data-team' }))) {
      expect(tagsOf(properties)).toMatchObject({ project: 'analytics', owner: 'data-team' });
    }
  });

  test('what is a customer\'s has the customer\'s name, owner and tags', () => {
    const customers = [{ customerId: 'acme', owner: 'sales', tags: { cost: '4711' } }, { customerId: 'globex' }];
    const buckets = Synthesized.of({ customers }).ofType('AWS::S3::Bucket');
    expect(tagsOf(buckets.LakeStorageacmeBucket)).toMatchObject({ customer: 'acme', owner: 'sales', cost: '4711' });
    expect(tagsOf(buckets.LakeStorageglobexBucket)).toEqual(
      { customer: 'globex', owner: 'mycompany', project: 'modern-data-lake', environment: 'prod' });
    expect(tagsOf(buckets.LakeQueryResults)).not.toHaveProperty('customer');
  });
});

describe('resources', () => {
  const of = (count: number) => Synthesized.of({
    customers: Array.from({ length: count }, (_, n) => ({ customerId: `c${n}` })),
  }).counts();

  test('of a lake with one customer', () => {
    expect(of(1)).toEqual({
      'AWS::Athena::NamedQuery': 6,
      'AWS::Athena::WorkGroup': 1,
      'AWS::CloudTrail::Trail': 1,
      'AWS::CloudWatch::Alarm': 24,
      'AWS::CloudWatch::CompositeAlarm': 1,
      'AWS::CloudWatch::Dashboard': 1,
      'AWS::DynamoDB::Table': 1,
      'AWS::Events::Rule': 5,
      'AWS::Glue::Database': 1,
      'AWS::Glue::Job': 2,
      'AWS::Glue::SecurityConfiguration': 1,
      'AWS::Glue::Trigger': 2,
      'AWS::Glue::Workflow': 2,
      'AWS::IAM::Policy': 12,
      'AWS::IAM::Role': 11,
      'AWS::KMS::Key': 1,
      'AWS::Logs::LogGroup': 6,
      'AWS::Logs::QueryDefinition': 7,
      'AWS::S3::Bucket': 5,
      'AWS::S3::BucketPolicy': 5,
      'AWS::SNS::Topic': 1,
      'AWS::SNS::TopicPolicy': 1,
      'AWS::SQS::Queue': 5,
      'AWS::SQS::QueuePolicy': 5,
      'AWS::Scheduler::Schedule': 3,
      'AWS::StepFunctions::StateMachine': 2,
    });
  });

  test('of each further customer: bucket, its policy, database', () => {
    const [one, four] = [of(1), of(4)];
    const more = Object.entries(four).map(([type, count]) => [type, count - one[type]]).filter(([, count]) => count);
    expect(Object.fromEntries(more)).toEqual(
      { 'AWS::S3::Bucket': 3, 'AWS::S3::BucketPolicy': 3, 'AWS::Glue::Database': 3 });
  });

  test.each(['acme', 'initech'])('of other customers are the same without %s, the first or last', (left) => {
    const resourcesOf = (customers: string[]) => {
      const { stack } = newLake({ customers: customers.map((customerId) => ({ customerId })) });
      return Template.fromStack(stack).toJSON().Resources;
    };
    const all = ['acme', 'globex', 'initech'];
    const [before, after] = [all, all.filter((customer) => customer !== left)].map(resourcesOf);
    const changed = Object.keys(before).filter((id) => JSON.stringify(before[id]) !== JSON.stringify(after[id]));
    expect(changed.filter((id) => !after[id]).map((id) => id.slice(0, -8)).sort()).toEqual(
      ['Bucket', 'BucketPolicy', 'Database'].map((part) => `LakeStorage${left}${part}`));
    // The trail names the buckets whose objects it records.
    expect(changed.filter((id) => after[id]).map((id) => before[id].Type)).toEqual(['AWS::CloudTrail::Trail']);
    expect(Object.keys(after).filter((id) => !before[id])).toEqual([]);
  });

  test('are none that age: no function, no custom resource', () => {
    const types = Object.keys(of(2));
    expect(types.filter((type) => /^AWS::(Lambda|CloudFormation)::|^Custom::/.test(type))).toEqual([]);
  });
});

test('only buckets, databases, and what AWS does not name by itself, have names', () => {
  const synthesized = Synthesized.of();
  const named = Object.keys(synthesized.counts()).flatMap((type) => Object.entries(synthesized.ofType(type)).filter(
    ([, properties]) => Object.keys(properties).some((name) => /^(\w*Name|DatabaseInput)$/.test(name)
      && !/^(MetricName|PolicyName|WorkflowName|S3BucketName)$/.test(name)),
  ).map(([id]) => id));
  const isOfLogs = (id: string) => /^Lake(LogQueries|ProcessCsvLogs|AnalyticsTransformLogs)/.test(id);
  expect(named.filter((id) => !isOfLogs(id)).sort()).toEqual([
    'LakeQueryNewestFiles', 'LakeQueryRescuedValues', 'LakeQueryResults', 'LakeQueryRowsByFile', 'LakeQueryRowsByMonth',
    'LakeQuerySchemaVersions', 'LakeQueryShortRows', 'LakeQueryWorkGroup', 'LakeSecurityConfiguration',
    'LakeStorageacmeBucket', 'LakeStorageacmeDatabase', 'LakeStorageglobexBucket', 'LakeStorageglobexDatabase',
  ]);
});

test('a stack can have two lakes', () => {
  const stack = new Stack(new App(), 'Lakes');
  ['one', 'two'].forEach((organization) => addLake(new Construct(stack, organization), { organization }));
  expect(new Synthesized(stack).counts()['AWS::Glue::Job']).toBe(4);
});

describe('two lakes of the same names', () => {
  const add = (stack: Stack, options: LakeOptions = {}) => addLake(stack, options);
  const stackIn = (app: App, id: string, region?: string) => (
    new Stack(app, id, { env: { account: '111122223333', region } }));

  test.each([[undefined, undefined], ['eu-west-1', 'us-east-1']])('are an error, in %s and %s', (one, other) => {
    const app = new App();
    add(stackIn(app, 'One', one));
    expect(() => add(stackIn(app, 'Other', other))).toThrow(
      '[Other/Lake] an app must have one lake for each organization and environment, which name its buckets, got: '
      + '\'mycompany\' and \'prod\', which One/Lake has already; write another environment, for example \'prod2\'');
  });

  test('are no error with other names, in another partition or another app', () => {
    const app = new App();
    add(stackIn(app, 'One', 'eu-west-1'));
    expect(() => add(stackIn(app, 'Dev', 'eu-west-1'), { environment: 'dev' })).not.toThrow();
    expect(() => add(stackIn(app, 'China', 'cn-north-1'))).not.toThrow();
    expect(() => add(stackIn(new App(), 'One', 'eu-west-1'))).not.toThrow();
  });

  test('are no error if only both names together are the same letters', () => {
    const app = new App();
    add(stackIn(app, 'One'), { organization: 'acmed', environment: 'ev' });
    expect(() => add(stackIn(app, 'Other'), { organization: 'acme', environment: 'dev' })).not.toThrow();
  });
});

test.each<[LakeOptions, string]>([
  [{ maxWorkers: 1 }, '[Lake/Lake] \'maxWorkers\' must be '],
  [{ organization: 'my-company' }, '[Lake/Lake] \'organization\' must be '],
  [{ customers: [{ customerId: 'c'.repeat(50) }] },
    '[Lake/Lake] \'customers\' do not fit this lake:\n  customers[0].customerId must have at most '],
])('what AWS would refuse is an error: %j', (options, message) => {
  expect(() => newLake(options)).toThrow(message);
});
