import { Synthesized } from './lake';

const lake = Synthesized.of();
const machine = lake.one('AWS::StepFunctions::StateMachine', 'SweeperStateMachine');
const definition = JSON.parse(machine.DefinitionString);
const TWICE_MORE = {
  ErrorEquals: ['States.ALL'], IntervalSeconds: 2, MaxAttempts: 2, BackoffRate: 3, JitterStrategy: 'FULL',
};
const ERROR = '{% $states.input.jobName & ": " & $states.errorOutput.Error & ": " & $states.errorOutput.Cause %}';
const WHEN_FAILED = { ErrorEquals: ['States.ALL'], Next: 'StageFailed', Output: { error: ERROR } };
const JOB_NAME = { jobName: '{% $states.input.jobName %}' };
const { Items, ItemProcessor: { StartAt, States } } = definition.States[definition.StartAt];

test('it runs every minute, and a late run is not made up for', () => {
  expect(lake.one('AWS::Scheduler::Schedule', 'SweeperSchedule')).toMatchObject({
    ScheduleExpression: 'rate(1 minute)',
    State: 'ENABLED',
    Target: {
      Arn: '${LakeSweeperStateMachine}',
      RetryPolicy: { MaximumEventAgeInSeconds: 60 },
      Input: '{"scheduledTime":"<aws.scheduler.scheduled-time>"}',
    },
  });
});

test('it runs as Express, which is billed by execution', () => {
  expect(machine.StateMachineType).toBe('EXPRESS');
  expect(definition.TimeoutSeconds).toBeLessThanOrEqual(300); // the longest that Express takes
});

test.each(['ProcessCsv', 'AnalyticsTransform'])('it runs at once after a run of %s has failed', (stage) => {
  expect(lake.one('AWS::Events::Rule', `${stage}RunFailed`)).toMatchObject({
    EventPattern: {
      'source': ['aws.glue', 'modern-data-lake.sweeper'],
      'detail-type': ['Glue Job State Change'],
      'detail': { jobName: [`\${Lake${stage}Job}`], state: ['FAILED', 'TIMEOUT', 'ERROR'] },
    },
    Targets: [{ Arn: '${LakeSweeperStateMachine}', RoleArn: '${LakeSweeperStateMachineEventsRole.Arn}' }],
  });
});

test('the console says what the schedule and the rules are for', () => {
  expect(lake.one('AWS::Scheduler::Schedule', 'SweeperSchedule').Description).toMatch(/^Starts the jobs /);
  expect(lake.one('AWS::Events::Rule', 'ProcessCsvRunFailed').Description).toMatch(/ run .+ failed/);
});

test('its errors are logged, encrypted with the lake\'s key', () => {
  expect(machine.LoggingConfiguration).toEqual({
    Destinations: [{ CloudWatchLogsLogGroup: { LogGroupArn: '${LakeSweeperLogs.Arn}' } }],
    IncludeExecutionData: true,
    Level: 'ERROR',
  });
  expect(lake.one('AWS::Logs::LogGroup', 'SweeperLogs')).toMatchObject(
    { KmsKeyId: '${LakeEncryptionKey.Arn}', RetentionInDays: 365 });
});

test('it looks at both stages', () => {
  expect(Items).toEqual([
    { jobName: '${LakeProcessCsvJob}', queueUrl: '${LakeProcessCsvWorkQueue}' },
    { jobName: '${LakeAnalyticsTransformJob}', queueUrl: '${LakeAnalyticsTransformWorkQueue}' },
  ]);
});

test('it counts the messages that wait, and tries again if it cannot', () => {
  expect(StartAt).toBe('CountWaiting');
  expect(States.CountWaiting).toMatchObject({
    Resource: 'arn:${AWS::Partition}:states:::aws-sdk:sqs:getQueueAttributes',
    Arguments: { QueueUrl: '{% $states.input.queueUrl %}', AttributeNames: ['ApproximateNumberOfMessages'] },
    Output: {
      jobName: '{% $states.input.jobName %}',
      waiting: '{% $number($states.result.Attributes.ApproximateNumberOfMessages) %}',
    },
    Retry: [TWICE_MORE],
    TimeoutSeconds: 10,
    Catch: [WHEN_FAILED],
    Next: 'DoesWorkWait',
  });
});

test('it starts the job if a message waits, and does nothing if none does', () => {
  expect(States.DoesWorkWait).toMatchObject({
    Choices: [{ Condition: '{% $states.input.waiting > 0 %}', Next: 'StartJobRun' }], Default: 'IsScheduled',
  });
});

test('a job that is running is left alone', () => {
  expect(States.StartJobRun).toMatchObject({
    Resource: 'arn:${AWS::Partition}:states:::aws-sdk:glue:startJobRun',
    Arguments: { JobName: '{% $states.input.jobName %}', JobRunQueuingEnabled: false },
    Retry: [{ ErrorEquals: ['Glue.ConcurrentRunsExceededException'], MaxAttempts: 0 }, TWICE_MORE],
    TimeoutSeconds: 10,
    Output: JOB_NAME,
    Catch: [
      { ErrorEquals: ['Glue.ConcurrentRunsExceededException'], Next: 'IsScheduled', Output: JOB_NAME }, WHEN_FAILED,
    ],
    Next: 'IsScheduled',
  });
});

describe('as second witness of failed runs', () => {
  test('a scheduled sweep looks at the newest runs, one that an event has started does not', () => {
    expect(States.IsScheduled).toMatchObject({
      Choices: [{
        Condition: '{% $exists($states.context.Execution.Input.scheduledTime) %}', Next: 'LookForFailedRuns',
      }],
      Default: 'StageDone',
    });
    expect(States.LookForFailedRuns).toMatchObject({
      Resource: 'arn:${AWS::Partition}:states:::aws-sdk:glue:getJobRuns',
      Arguments: { JobName: '{% $states.input.jobName %}', MaxResults: 10 },
      Retry: [TWICE_MORE],
      TimeoutSeconds: 10,
      Catch: [WHEN_FAILED],
      Next: 'DidARunFail',
    });
  });

  test('intervals are as long as the schedule\'s, so that each run is in one of them', () => {
    const [, from, until] = /\$age >= (\d+) and \$age < (\d+)/.exec(States.LookForFailedRuns.Output.failed)!;
    expect(Number(until) - Number(from)).toBe(60_000);
  });

  test('it sends an event that the rule on failed runs takes, once for all that it finds', () => {
    expect(States.DidARunFail).toMatchObject({
      Choices: [{ Condition: '{% $count($states.input.failed) > 0 %}', Next: 'TellOfFailedRuns' }],
      Default: 'StageDone',
    });
    expect(States.TellOfFailedRuns).toMatchObject({
      Resource: 'arn:${AWS::Partition}:states:::events:putEvents',
      Arguments: { Entries: [{ Source: 'modern-data-lake.sweeper', DetailType: 'Glue Job State Change' }] },
      Retry: [TWICE_MORE],
      Catch: [WHEN_FAILED],
      Next: 'StageDone',
    });
    const { Detail } = States.TellOfFailedRuns.Arguments.Entries[0];
    expect(Detail).toMatchObject(
      { jobName: '{% $states.input.jobName %}', state: '{% $states.input.failed[0].JobRunState %}' });
  });
});

test('a stage that fails does not stop the other, and the execution fails once both had their turn', () => {
  expect(States.StageFailed).toMatchObject({ Type: 'Pass', End: true });
  const verdict = definition.States[definition.States[definition.StartAt].Next];
  expect(verdict).toMatchObject({
    Type: 'Choice',
    Choices: [{ Condition: '{% $exists($states.input.error) %}', Next: 'SweepFailed' }],
    Default: 'Swept',
  });
  // One line for each stage that failed: its job, the error and AWS's reason.
  expect(definition.States.SweepFailed).toMatchObject(
    { Type: 'Fail', Error: 'SweepFailed', Cause: '{% $join($states.input.error, "\\n") %}' });
});

test('it may look at queues and runs, start the jobs, tell of failed runs and deliver its logs, and no more', () => {
  expect(lake.one('AWS::IAM::Policy', 'SweeperStateMachineRoleDefaultPolicy').PolicyDocument.Statement).toEqual([
    {
      Effect: 'Allow',
      Action: 'sqs:GetQueueAttributes',
      Resource: ['${LakeProcessCsvWorkQueue.Arn}', '${LakeAnalyticsTransformWorkQueue.Arn}'],
    },
    ...['glue:StartJobRun', 'glue:GetJobRuns'].map((Action) => ({
      Effect: 'Allow',
      Action,
      Resource: ['ProcessCsv', 'AnalyticsTransform'].map((stage) => (
        `arn:\${AWS::Partition}:glue:\${AWS::Region}:\${AWS::AccountId}:job/\${Lake${stage}Job}`
      )),
    })),
    {
      Effect: 'Allow',
      Action: 'events:PutEvents',
      Resource: 'arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:event-bus/default',
    },
    {
      Effect: 'Allow',
      Action: ['CreateLogDelivery', 'GetLogDelivery', 'UpdateLogDelivery', 'DeleteLogDelivery', 'ListLogDeliveries',
        'PutResourcePolicy', 'DescribeResourcePolicies', 'DescribeLogGroups'].map((action) => `logs:${action}`),
      Resource: '*', // https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
    },
  ]);
});
