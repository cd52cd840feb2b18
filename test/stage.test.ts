import { readdirSync, readFileSync } from 'fs';
import { join } from 'path';
import { App, Duration } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { newLake, Synthesized } from './lake';

const lake = Synthesized.of();
const STAGES = [
  ['ProcessCsv', 'raw/', 'process_csv.py'],
  ['AnalyticsTransform', 'processed/', 'analytics_transform.py'],
] as const;

describe.each(STAGES)('%s', (stage, prefix) => {
  const id = `Lake${stage}`;
  const rule = lake.one('AWS::Events::Rule', `${stage}ObjectCreated`);
  const job = lake.one('AWS::Glue::Job', `${stage}Job`);
  const queues = ['WorkQueue', 'DeadLetterQueue'].map((name) => lake.one('AWS::SQS::Queue', `${stage}${name}`));
  const [workQueue] = queues;
  const roleStatements = lake.one('AWS::IAM::Policy', `${stage}JobRoleDefaultPolicy`).PolicyDocument.Statement;

  test('its work is every new object below its prefix in the buckets of the lake', () => {
    expect(rule.EventPattern).toEqual({
      'source': ['aws.s3'],
      'detail-type': ['Object Created'],
      'detail': { bucket: { name: [{ wildcard: 'mycompany-*-prod-datalake' }] }, object: { key: [{ prefix }] } },
    });
  });

  test('Glue alone takes its role', () => {
    expect(lake.one('AWS::IAM::Role', `${stage}JobRole`).AssumeRolePolicyDocument.Statement).toEqual(
      [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'glue.amazonaws.com' } }]);
  });

  test('an event goes to the fair work queue, with the dead-letter queue behind it, and wakes the job', () => {
    expect(rule.Targets).toEqual([
      {
        Id: 'Target0',
        Arn: `\${${id}WorkQueue.Arn}`,
        SqsParameters: { MessageGroupId: '$.detail.bucket.name' },
        DeadLetterConfig: { Arn: `\${${id}DeadLetterQueue.Arn}` },
      },
      {
        Id: 'Target1',
        Arn: `arn:\${AWS::Partition}:glue:\${AWS::Region}:\${AWS::AccountId}:workflow/\${${id}Workflow}`,
        RoleArn: `\${${id}WakeUpRole.Arn}`,
      },
    ]);
  });

  test('its rule alone may send to its queues', () => {
    const allowed = (name: string) => lake.statements()
      .filter(({ owner, Effect }) => owner === `${id}${name}Policy` && Effect === 'Allow');
    const names = ['WorkQueue', 'DeadLetterQueue'];
    expect(names.map(allowed)).toEqual(names.map((name) => [{
      owner: `${id}${name}Policy`,
      type: 'AWS::SQS::QueuePolicy',
      Effect: 'Allow',
      Action: 'sqs:SendMessage',
      Principal: { Service: 'events.amazonaws.com' },
      Resource: `\${${id}${name}.Arn}`,
      Condition: { ArnEquals: { 'aws:SourceArn': `\${${id}ObjectCreated.Arn}` } },
    }]));
  });

  test('its queues are encrypted with the lake\'s key, take TLS only and keep messages for 14 days', () => {
    for (const queue of queues) {
      expect(queue).toMatchObject(
        { KmsMasterKeyId: '${LakeEncryptionKey.Arn}', MessageRetentionPeriod: 14 * 24 * 3600 });
    }
    const denied = lake.statements().filter(({ owner, Effect }) => owner.startsWith(id) && Effect === 'Deny');
    const withoutTls = { Bool: { 'aws:SecureTransport': 'false' } };
    expect(denied.map(({ Condition }) => Condition)).toEqual([withoutTls, withoutTls]);
  });

  test('a message comes back after 60 silent seconds and is a dead letter when received 100 times', () => {
    expect(workQueue.VisibilityTimeout).toBe(60);
    expect(workQueue.RedrivePolicy).toEqual(
      { deadLetterTargetArn: `\${${id}DeadLetterQueue.Arn}`, maxReceiveCount: 100 });
  });

  test('one run works, another may wait, the sweeper restarts one that dies, one that hangs is ended', () => {
    expect(job).toMatchObject({
      ExecutionProperty: { MaxConcurrentRuns: 1 }, JobRunQueuingEnabled: true, MaxRetries: 0, Timeout: 60,
    });
    expect(lake.one('AWS::Glue::Workflow', `${stage}Workflow`).MaxConcurrentRuns).toBe(2);
  });

  test('it runs Spark 4.1 on up to 10 workers of 4 vCPU', () => {
    expect(job).toMatchObject({
      GlueVersion: '6.0',
      WorkerType: 'G.1X',
      NumberOfWorkers: 10,
      Command: { Name: 'glueetl', PythonVersion: '3' },
      DefaultArguments: { '--enable-auto-scaling': 'true' },
    });
  });

  test('the job is told where everything is', () => {
    const ofGlue = /^--(enable-|extra-)/;
    const ofLake = Object.entries(job.DefaultArguments).filter(([name]) => !ofGlue.test(name));
    expect(Object.fromEntries(ofLake)).toEqual({
      '--organization': 'mycompany',
      '--environment': 'prod',
      '--manifest_table': '${LakeManifestTable}',
      '--work_queue_url': `\${${id}WorkQueue}`,
      '--dead_letter_queue_url': `\${${id}DeadLetterQueue}`,
      '--data_role_arn': '${LakeDataRole.Arn}',
    });
  });

  test('its log groups are there before Glue makes them, under the names that Glue gives, encrypted', () => {
    const found = ['Output', 'Error'].map((name) => lake.one('AWS::Logs::LogGroup', `${stage}Logs${name}`));
    const prefix_ = `/aws-glue/jobs/\${LakeSecurityConfiguration}-role/\${${id}JobRole}`;
    expect(found.map(({ LogGroupName }) => LogGroupName)).toEqual([`${prefix_}/output`, `${prefix_}/error`]);
    expect(found.map(({ KmsKeyId }) => KmsKeyId)).toEqual(['${LakeEncryptionKey.Arn}', '${LakeEncryptionKey.Arn}']);
    const { stack } = newLake();
    const [[, { DependsOn }]] = Object.entries<any>(Template.fromStack(stack).findResources('AWS::Glue::Job'))
      .filter(([job_]) => job_.startsWith(`${id}Job`));
    expect(DependsOn.map((each: string) => each.slice(0, -8))).toEqual(
      expect.arrayContaining([`${id}LogsError`, `${id}LogsOutput`]));
  });

  test('100 events or 30 seconds after the first, the workflow starts the job', () => {
    expect(lake.one('AWS::Glue::Trigger', `${stage}Arrivals`)).toMatchObject({
      Type: 'EVENT',
      WorkflowName: `\${${id}Workflow}`,
      EventBatchingCondition: { BatchSize: 100, BatchWindow: 30 },
      Actions: [{ JobName: `\${${id}Job}` }],
    });
  });

  test('its rule may wake its workflow', () => {
    expect(lake.one('AWS::IAM::Policy', `${stage}WakeUpRoleDefaultPolicy`).PolicyDocument.Statement).toEqual([{
      Effect: 'Allow',
      Action: 'glue:NotifyEvent',
      Resource: `arn:\${AWS::Partition}:glue:\${AWS::Region}:\${AWS::AccountId}:workflow/\${${id}Workflow}`,
    }]);
  });

  test('the job itself may do no more than work through its queue, find the buckets, log and measure', () => {
    const allowed = roleStatements.map(({ Sid, Action }: any) => [Sid ?? 'Sessions', Action]);
    expect(Object.fromEntries(allowed)).toEqual({
      Code: 's3:GetObject',
      Work: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility', 'sqs:GetQueueAttributes',
        'sqs:SendMessage'],
      Buckets: 's3:ListAllMyBuckets',
      DeadLetters: 'sqs:SendMessage',
      Messages: ['kms:Decrypt', 'kms:GenerateDataKey'],
      Logs: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents', 'logs:AssociateKmsKey'],
      Metrics: 'cloudwatch:PutMetricData',
      Sessions: ['sts:AssumeRole', 'sts:TagSession'],
    });
  });

  test('the job uses the key for messages and puts metrics of the lake and of Glue only', () => {
    const condition = (sid: string) => roleStatements.find(({ Sid }: any) => Sid === sid).Condition.StringEquals;
    expect(condition('Messages')).toEqual({ 'kms:ViaService': 'sqs.${AWS::Region}.${AWS::URLSuffix}' });
    expect(condition('Metrics')).toEqual({ 'cloudwatch:namespace': ['ModernDataLake', 'Glue'] });
  });
});

describe.each(['ProcessCsv', 'AnalyticsTransform'])('%s looks once a day for what no event has told of', (stage) => {
  const { Target, ...schedule } = lake.one('AWS::Scheduler::Schedule', `${stage}Reconcile`);

  test('by the message that the jobs read', () => {
    expect(schedule).toMatchObject({ ScheduleExpression: 'rate(1 day)', State: 'ENABLED' });
    expect(Target.Arn).toBe(`\${Lake${stage}WorkQueue.Arn}`);
    expect(JSON.parse(Target.Input)).toEqual({ 'detail-type': 'Reconcile Requested', 'detail': {} });
  });

  test('with the right to send it, and no other', () => {
    expect(Target.RoleArn).toBe(`\${Lake${stage}ReconcileRole.Arn}`);
    const { Statement: statements } = lake.one('AWS::IAM::Policy', `${stage}ReconcileRoleDefaultPolicy`).PolicyDocument;
    expect(statements).toEqual([
      { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: `\${Lake${stage}WorkQueue.Arn}` },
      {
        Effect: 'Allow',
        Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
        Resource: '${LakeEncryptionKey.Arn}',
        Condition: { StringEquals: { 'kms:ViaService': 'sqs.${AWS::Region}.${AWS::URLSuffix}' } },
      },
    ]);
  });
});

test('batch window and number of workers are the lake\'s', () => {
  const changed = Synthesized.of({ batchWindow: Duration.minutes(2), maxWorkers: 40 });
  expect(changed.one('AWS::Glue::Trigger', 'ProcessCsvArrivals').EventBatchingCondition.BatchWindow).toBe(120);
  expect(changed.one('AWS::Glue::Job', 'AnalyticsTransformJob').NumberOfWorkers).toBe(40);
});

test('logs and bookmarks are encrypted with the lake\'s key, objects as their bucket says', () => {
  const KmsKeyArn = '${LakeEncryptionKey.Arn}';
  expect(lake.one('AWS::Glue::SecurityConfiguration').EncryptionConfiguration).toEqual({
    CloudWatchEncryption: { CloudWatchEncryptionMode: 'SSE-KMS', KmsKeyArn },
    JobBookmarksEncryption: { JobBookmarksEncryptionMode: 'CSE-KMS', KmsKeyArn },
    S3Encryptions: [{ S3EncryptionMode: 'DISABLED' }],
  });
  for (const job of Object.values(lake.ofType('AWS::Glue::Job'))) {
    expect(job.SecurityConfiguration).toBe('${LakeSecurityConfiguration}');
  }
});

test('the metrics\' namespace is that of the jobs', () => {
  const source = readFileSync(join(__dirname, '..', 'glue-assets', 'datalake', 'driver', 'metrics.py'), 'utf-8');
  expect(source).toContain('"ModernDataLake"');
});

describe('the code of a job', () => {
  const { stack } = newLake({}, {}, { context: {} });
  const assembly = (stack.node.root as App).synth();
  const assets = readdirSync(assembly.directory).filter((name) => name.startsWith('asset.'));

  test('is its script, and the package that both scripts import with nothing beside it', () => {
    expect(assets.filter((name) => name.endsWith('.py'))).toHaveLength(2);
    const [library, ...others] = assets.filter((name) => !name.endsWith('.py'));
    expect(others).toEqual([]);
    expect(readdirSync(join(assembly.directory, library))).toEqual(['datalake']);
  });

  test('has no compiled Python, which would change with every run of a test', () => {
    const [library] = assets.filter((name) => !name.endsWith('.py'));
    const files = readdirSync(join(assembly.directory, library), { recursive: true }).map(String);
    expect(files).toContain(join('datalake', '__init__.py'));
    expect(files.filter((name) => !/\.py$|^datalake(\/[a-z]+)*$/.test(name))).toEqual([]);
  });
});

describe('the rule', () => {
  const { EventPattern: { detail } } = lake.one('AWS::Events::Rule', 'ProcessCsvObjectCreated');
  const wildcard = new RegExp(`^${detail.bucket.name[0].wildcard.replaceAll('*', '.*')}$`);
  const matches = (bucket: string, key: string) => wildcard.test(bucket) && key.startsWith(detail.object.key[0].prefix);

  test.each([
    ['mycompany-acme-prod-datalake', 'raw/orders.csv'],
    ['mycompany-north-west-prod-datalake', 'raw/orders/2026/a b+c%20.csv'],
    ['mycompany-1-prod-datalake', 'raw/not-a-csv.exe'],
  ])('matches %s %s', (bucket, key) => {
    expect(matches(bucket, key)).toBe(true);
  });

  test.each([
    ['mycompany-acme-dev-datalake', 'raw/orders.csv'],
    ['mycompany2-acme-prod-datalake', 'raw/orders.csv'],
    ['other-acme-prod-datalake', 'raw/orders.csv'],
    ['mycompany-acme-prod-datalake-copy', 'raw/orders.csv'],
    ['mycompany-prod-query-results', 'raw/orders.csv'],
    ['mycompany-acme-prod-datalake', 'processed/orders.json'],
    ['mycompany-acme-prod-datalake', 'rawer/orders.csv'],
    ['mycompany-acme-prod-datalake', 'analytics-ready/raw/orders.csv'],
  ])('does not match %s %s', (bucket, key) => {
    expect(matches(bucket, key)).toBe(false);
  });
});
