import { Duration, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import * as targets from 'aws-cdk-lib/aws-scheduler-targets';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { BY_DATASET } from './manifest';
import { acknowledge, wildcards } from './private/acknowledge';
import { LOG_RETENTION } from './private/bucket';
import { feedCheck } from './private/feed-check';
import { METRICS_NAMESPACE } from './private/job-role';
import { LakeProps } from './private/lake';
import { feedsPath } from './private/naming';

/** Time between two checks. */
export const CHECK_INTERVAL = Duration.hours(1);
/** Express machines run for five minutes at most. */
const TIMEOUT = Duration.minutes(5);
const METRIC = 'SilentFeeds';

export interface FeedsProps extends LakeProps {
  readonly manifest: dynamodb.ITable;
  readonly alarmTopic: sns.ITopic;
}

/**
 * Looks once an hour for datasets whose uploads have stopped: those for which `expectedEvery` has passed since the
 * newest upload. It counts them in the metric `SilentFeeds`, and sends a notice to the alarm topic that names those
 * whose time has ended in the last hour.
 *
 * It reads the declarations from the customers' SSM parameters, so no customer changes the definition. A dataset takes
 * one read of one item. An Express state machine: 5,000 datasets cost about 0.30 USD a month, 0.23 of them for reads.
 *
 * @see https://aws.amazon.com/step-functions/pricing/
 * @see https://aws.amazon.com/dynamodb/pricing/on-demand/
 */
export class Feeds extends Construct {
  public readonly stateMachine: sfn.StateMachine;

  private readonly lake: string;

  constructor(scope: Construct, id: string, private readonly props: FeedsProps) {
    super(scope, id);
    const { organization, environment } = props;
    this.lake = `${organization}-${environment}`;
    const path = feedsPath(organization, environment);
    const metric = { namespace: METRICS_NAMESPACE, metricName: METRIC, lake: this.lake };
    const states = feedCheck(this, { ...props, path, metric, interval: CHECK_INTERVAL });
    this.stateMachine = new sfn.StateMachine(this, 'StateMachine', {
      stateMachineType: sfn.StateMachineType.EXPRESS,
      definitionBody: sfn.DefinitionBody.fromChainable(states),
      queryLanguage: sfn.QueryLanguage.JSONATA,
      timeout: TIMEOUT,
      logs: { destination: this.newLogGroup(), level: sfn.LogLevel.ERROR, includeExecutionData: true },
    });
    wildcards(this.stateMachine, 'actions that deliver logs, and metrics, take no resource', '*');
    acknowledge(this.stateMachine, {
      executionLog: 'errors are logged; a check that succeeds has told what it found',
      executionTrace: 'a check is a chain of calls, whose errors are logged',
    });
    this.statements(path).forEach((statement) => this.stateMachine.addToRolePolicy(statement));
    this.schedule();
  }

  /** Datasets whose uploads have stopped, at the last check. */
  public metricSilent(): cloudwatch.Metric {
    return new cloudwatch.Metric({
      namespace: METRICS_NAMESPACE,
      metricName: METRIC,
      dimensionsMap: { Lake: this.lake },
      statistic: cloudwatch.Stats.MAXIMUM,
      period: CHECK_INTERVAL,
    });
  }

  /** Checks that failed or took too long. */
  public metricFailed(): cloudwatch.IMetric {
    return new cloudwatch.MathExpression({
      label: 'failed checks',
      expression: 'FILL(failed, 0) + FILL(late, 0)',
      usingMetrics: { failed: this.stateMachine.metricFailed(), late: this.stateMachine.metricTimedOut() },
    });
  }

  private statements(path: string): iam.PolicyStatement[] {
    const { manifest, alarmTopic, encryptionKey } = this.props;
    const stack = Stack.of(this);
    const via = (service: string) => ({ 'kms:ViaService': `${service}.${stack.region}.${stack.urlSuffix}` });
    const key = [encryptionKey.keyArn];
    const parameters = stack.formatArn({ service: 'ssm', resource: 'parameter', resourceName: path.slice(1) });
    const all: [sid: string, actions: string[], resources: string[], equal?: Record<string, string>][] = [
      ['Declarations', ['ssm:GetParametersByPath'], [parameters]],
      ['Uploads', ['dynamodb:Query'], [`${manifest.tableArn}/index/${BY_DATASET}`]],
      ['UploadsEncryption', ['kms:Decrypt'], key, via('dynamodb')],
      ['Metric', ['cloudwatch:PutMetricData'], ['*'], { 'cloudwatch:namespace': METRICS_NAMESPACE }],
      ['Notice', ['sns:Publish'], [alarmTopic.topicArn]],
      ['NoticeEncryption', ['kms:Decrypt', 'kms:GenerateDataKey'], key, via('sns')],
    ];
    return all.map(([sid, actions, resources, equal]) => (
      new iam.PolicyStatement({ sid, actions, resources, conditions: equal && { StringEquals: equal } })));
  }

  private newLogGroup(): logs.LogGroup {
    const { encryptionKey, removalPolicy } = this.props;
    return new logs.LogGroup(this, 'Logs', { encryptionKey, retention: LOG_RETENTION.toDays(), removalPolicy });
  }

  private schedule(): void {
    const role = new iam.Role(this, 'ScheduleRole', { assumedBy: new iam.ServicePrincipal('scheduler.amazonaws.com') });
    const input = scheduler.ScheduleTargetInput.fromObject({ scheduledTime: scheduler.ContextAttribute.scheduledTime });
    new scheduler.Schedule(this, 'Schedule', {
      description: 'Looks for datasets whose uploads have stopped',
      schedule: scheduler.ScheduleExpression.rate(CHECK_INTERVAL),
      target: new targets.StepFunctionsStartExecution(this.stateMachine, { role, maxEventAge: CHECK_INTERVAL, input }),
    });
  }
}
