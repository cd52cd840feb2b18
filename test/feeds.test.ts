import aslValidator from 'asl-validator';
import { list, newLake, Statement, Synthesized } from './lake';
import { LakeAlarm } from '../src';

const acme = { customerId: 'acme', datasets: [{ name: 'orders', expectedEvery: 'P1DT12H' }, { name: 'other' }] };
const customers = [acme, { customerId: 'globex', datasets: [{ name: 'weekly', expectedEvery: 'P7D' }], shard: 1 },
  { customerId: 'initech' }];
const { stack, lake: made } = newLake({ customers });
const lake = new Synthesized(stack);
const MACHINE = 'AWS::StepFunctions::StateMachine';
const machine = lake.one(MACHINE, 'FeedsStateMachine');
const definition = JSON.parse(machine.DefinitionString);

test('a lake whose datasets may be silent has nothing of it', () => {
  const plain = Synthesized.of({ customers: [{ customerId: 'acme', datasets: [{ name: 'orders' }] }] });
  expect(Object.keys(plain.ofType(MACHINE))).toEqual(['LakeImportStateMachine', 'LakeSweeperStateMachine']);
  expect(plain.counts()).not.toHaveProperty('AWS::SSM::Parameter');
});

describe('the declarations of a customer', () => {
  test('are in a parameter of its own, in minutes', () => {
    expect(lake.one('AWS::SSM::Parameter')).toMatchObject({
      Name: '/modern-data-lake/mycompany-prod/feeds/acme', Type: 'String', Value: '{"orders":2160}',
    });
  });

  test('are in the stack of its shard', () => {
    const shard = stack.node.findAll().find((each) => each.node.id === 'customers-1') as typeof stack;
    expect(new Synthesized(shard).one('AWS::SSM::Parameter')).toMatchObject({ Value: '{"weekly":10080}' });
  });

  test('leave the check as it is', () => {
    const more = { customerId: 'hooli', datasets: [{ name: 'daily', expectedEvery: 'P1D' }] };
    const other = Synthesized.of({ customers: [...customers, more] }).one(MACHINE, 'FeedsStateMachine');
    expect(other).toEqual(machine);
  });

  test('are an error if they are longer than a parameter', () => {
    const datasets = Array.from({ length: 200 }, (_, n) => ({ name: `name_of_a_dataset_${n}`, expectedEvery: 'P1D' }));
    expect(() => newLake({ customers: [{ customerId: 'acme', datasets }] })).toThrow(
      /'expectedEvery' must be at most 4096 characters as JSON, got: 5\d{3}; leave it out of some of them$/);
  });
});

describe('the check', () => {
  test('runs every hour as Express, within the five minutes that such a machine may take', () => {
    expect(lake.one('AWS::Scheduler::Schedule', 'FeedsSchedule')).toMatchObject({
      ScheduleExpression: 'rate(1 hour)',
      Target: { Arn: '${LakeObserveFeedsStateMachine}', Input: '{"scheduledTime":"<aws.scheduler.scheduled-time>"}' },
    });
    expect(machine.StateMachineType).toBe('EXPRESS');
    expect(definition.TimeoutSeconds).toBeLessThanOrEqual(300);
  });

  test('is valid', () => {
    expect(aslValidator(definition, { checkPaths: true, checkArn: false }).errorsText()).toBe('');
  });

  test('may read the declarations and the index of uploads, count, and tell, and no more', () => {
    const role = 'LakeObserveFeedsStateMachineRoleDefaultPolicy';
    const statements = lake.statements().filter(({ owner }) => owner === role);
    const via = (service: string) => (
      { StringEquals: { 'kms:ViaService': `${service}.\${AWS::Region}.\${AWS::URLSuffix}` } });
    const own = statements.filter(({ Action }: Statement) => !list(Action)[0].startsWith('logs:'));
    expect(own.map(({ Action, Resource, Condition }) => [Action, Resource, Condition])).toEqual([
      ['ssm:GetParametersByPath', 'arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/'
        + 'modern-data-lake/mycompany-prod/feeds', undefined],
      ['dynamodb:Query', '${LakeManifestTable.Arn}/index/by-dataset', undefined],
      ['kms:Decrypt', '${LakeEncryptionKey.Arn}', via('dynamodb')],
      ['cloudwatch:PutMetricData', '*', { StringEquals: { 'cloudwatch:namespace': 'ModernDataLake' } }],
      ['sns:Publish', '${LakeObserveAlarmTopic}', undefined],
      [['kms:Decrypt', 'kms:GenerateDataKey'], '${LakeEncryptionKey.Arn}', via('sns')],
    ]);
  });

  test('tries again what fails', () => {
    const tasks = Object.values<any>(definition.States).flatMap((state) => (
      [state, ...Object.values<any>(state.ItemProcessor?.States ?? {})])).filter(({ Type }) => Type === 'Task');
    expect(tasks).toHaveLength(4);
    tasks.forEach((task) => expect(task).toMatchObject(
      { Retry: [{ ErrorEquals: ['States.ALL'], MaxAttempts: 3 }], TimeoutSeconds: 10 }));
  });
});

describe('the alarm', () => {
  test('is one for the lake, on the datasets that the last check has counted', () => {
    expect(made.alarmsOf(LakeAlarm.SILENT_FEEDS)).toHaveLength(1);
    expect(lake.one('AWS::CloudWatch::Alarm', 'FeedsSilentFeeds')).toMatchObject({
      Namespace: 'ModernDataLake',
      MetricName: 'SilentFeeds',
      Dimensions: [{ Name: 'Lake', Value: 'mycompany-prod' }],
      Period: 3600,
      Statistic: 'Maximum',
      Threshold: 1,
      AlarmActions: ['${LakeObserveAlarmTopic}'],
    });
  });

  test('is accompanied by one on checks that fail or take too long', () => {
    const { Metrics: [expression, ...metrics] } = lake.one('AWS::CloudWatch::Alarm', 'FeedsFailedSweeps');
    expect(expression.Expression).toBe('FILL(failed, 0) + FILL(late, 0)');
    expect(metrics.map(({ MetricStat }: any) => MetricStat.Metric.MetricName)).toEqual(
      ['ExecutionsFailed', 'ExecutionsTimedOut']);
  });
});
