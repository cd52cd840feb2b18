import { Synthesized } from './lake';

const lake = Synthesized.of();
const machine = lake.one('AWS::StepFunctions::StateMachine');
const definition = JSON.parse(machine.DefinitionString);
const { Items, ItemProcessor: { StartAt, States } } = definition.States[definition.StartAt];

test('it runs every five minutes, and a late run is not made up for', () => {
  expect(lake.one('AWS::Scheduler::Schedule')).toMatchObject({
    ScheduleExpression: 'rate(5 minutes)',
    State: 'ENABLED',
    Target: { Arn: '${LakeSweeperStateMachine}', RetryPolicy: { MaximumEventAgeInSeconds: 300 } },
  });
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
    Retry: [{ ErrorEquals: ['States.ALL'] }],
    Next: 'DoesWorkWait',
  });
});

test('it starts the job if a message waits, and does nothing if none does', () => {
  expect(States.DoesWorkWait).toMatchObject({
    Choices: [{ Condition: '{% $states.input.waiting > 0 %}', Next: 'StartJobRun' }], Default: 'NothingToStart',
  });
});

test('a job that is running is left alone', () => {
  expect(States.StartJobRun).toMatchObject({
    Resource: 'arn:${AWS::Partition}:states:::aws-sdk:glue:startJobRun',
    Arguments: { JobName: '{% $states.input.jobName %}', JobRunQueuingEnabled: false },
    Catch: [{ ErrorEquals: ['Glue.ConcurrentRunsExceededException'], Next: 'NothingToStart' }],
  });
  expect(States.NothingToStart.Type).toBe('Succeed');
});

test('any other failure to start a job fails the execution', () => {
  expect(States.StartJobRun.Catch).toHaveLength(1);
});

test('it may look at the work queues and start the jobs, and no more', () => {
  expect(lake.one('AWS::IAM::Policy', 'SweeperStateMachineRoleDefaultPolicy').PolicyDocument.Statement).toEqual([
    {
      Effect: 'Allow',
      Action: 'sqs:GetQueueAttributes',
      Resource: ['${LakeProcessCsvWorkQueue.Arn}', '${LakeAnalyticsTransformWorkQueue.Arn}'],
    },
    {
      Effect: 'Allow',
      Action: 'glue:StartJobRun',
      Resource: ['ProcessCsv', 'AnalyticsTransform'].map((stage) => (
        `arn:\${AWS::Partition}:glue:\${AWS::Region}:\${AWS::AccountId}:job/\${Lake${stage}Job}`
      )),
    },
  ]);
});

test('an execution is over before the next one starts', () => {
  expect(definition.TimeoutSeconds).toBe(300);
});
