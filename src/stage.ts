import { Duration, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import * as targets from 'aws-cdk-lib/aws-scheduler-targets';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { DataRole } from './data-role';
import { IStageMetrics, StageMetrics } from './metrics';
import { acknowledge } from './private/acknowledge';
import { jobCode, newEventTrigger, newJob, newWorkflow } from './private/glue';
import { JobLogs } from './private/job-logs';
import { newJobRole } from './private/job-role';
import { LakeProps } from './private/lake';
import { bucketPattern } from './private/naming';
import { letDeliver } from './private/rule-delivery';

/** A message returns to the queue after this time unless the run that holds it sends a heartbeat. */
export const VISIBILITY_TIMEOUT = Duration.seconds(60);
/**
 * Receives of a message before SQS moves it to the dead-letter queue. This is a backstop: the job itself gives an
 * object up after 4 attempts. A run that dies costs every message that it holds at most two receives, no matter which
 * object was at fault. Each minute that another process holds an object costs one, at most 60: then Glue ends the run.
 */
export const MAX_RECEIVE_COUNT = 100;
/** How often a stage looks for objects that no event has told of. The jobs look back over three of these. */
const RECONCILE_INTERVAL = Duration.days(1);
/** The longest time that SQS keeps a message. */
export const RETENTION = Duration.days(14);

/**
 * A stage of the lake: a job and the queues that hold its work.
 */
export interface IStage extends IStageMetrics {
  /** Name of the Glue job. */
  readonly jobName: string;

  /** S3 events of the objects that wait for the job or that it works on. */
  readonly workQueue: sqs.IQueue;

  /** S3 events of the objects that the job gave up, with the reason as message attributes. */
  readonly deadLetterQueue: sqs.IQueue;
}

export interface StageProps extends LakeProps {
  /** Name of the stage in the jobs: `Stage.name` in glue-assets/datalake/stages. Its script has the same name. */
  readonly job: 'process-csv' | 'analytics-transform';
  /** Prefix of the keys of the stage's input. */
  readonly prefix: string;
  readonly manifest: dynamodb.ITable;
  readonly dataRole: DataRole;
  /** Name of the Glue security configuration. */
  readonly securityConfiguration: string;
  readonly batchWindow: Duration;
  readonly maxWorkers: number;
}

/**
 * Rule -> work queue <- Glue job, and rule -> workflow -> job as a wake-up. The work is in the queue, so nothing
 * depends on a wake-up, which Glue neither guarantees nor deduplicates.
 */
export class Stage extends StageMetrics implements IStage {
  public readonly jobName: string;
  public readonly workQueue: sqs.Queue;
  public readonly deadLetterQueue: sqs.Queue;
  /** The lines that the job writes: one JSON object each. */
  public readonly log: logs.ILogGroup;

  private readonly rule: events.Rule;

  constructor(scope: Construct, id: string, props: StageProps) {
    super(scope, id, props, props.job);
    this.deadLetterQueue = this.newQueue('DeadLetterQueue', props);
    acknowledge(this.deadLetterQueue, { deadLetterQueue: 'it is the dead-letter queue' });
    const whenReceivedTooOften = { queue: this.deadLetterQueue, maxReceiveCount: MAX_RECEIVE_COUNT };
    this.workQueue = this.newQueue('WorkQueue', props, whenReceivedTooOften);

    const code = jobCode(this, `${props.job.replace('-', '_')}.py`);
    const { workQueue, deadLetterQueue } = this;
    const role = newJobRole(this, 'JobRole', { ...props, code, workQueue, deadLetterQueue });
    const sessions = props.dataRole.grantSessions(role);
    const job = newJob(this, 'Job', { ...props, code, role, arguments: this.jobArguments(props) });
    sessions.applyBefore(job);
    const jobLogs = new JobLogs(this, 'Logs', { ...props, role });
    job.node.addDependency(jobLogs); // before a run makes them
    this.log = jobLogs.output;
    this.jobName = job.ref;

    const workflow = newWorkflow(this, 'Workflow');
    newEventTrigger(this, 'Arrivals', workflow, job, props.batchWindow);
    this.rule = new events.Rule(this, 'ObjectCreated', { eventPattern: objectCreated(props) });
    this.rule.addTarget({ bind: () => this.workTarget() });
    this.rule.addTarget({ bind: () => this.wakeUpTarget(workflow.ref) });
    this.scheduleReconcile(props);
  }

  /** Events that the rule could deliver neither to the work queue nor to the dead-letter queue. */
  public metricUndelivered(): cloudwatch.Metric {
    return new cloudwatch.Metric({
      namespace: 'AWS/Events',
      metricName: 'InvocationsFailedToBeSentToDlq',
      dimensionsMap: { RuleName: this.rule.ruleName },
      statistic: cloudwatch.Stats.SUM,
    });
  }

  private newQueue(id: string, props: StageProps, deadLetterQueue?: sqs.DeadLetterQueue): sqs.Queue {
    return new sqs.Queue(this, id, {
      encryptionMasterKey: props.encryptionKey,
      enforceSSL: true,
      retentionPeriod: RETENTION,
      visibilityTimeout: VISIBILITY_TIMEOUT,
      deadLetterQueue,
    });
  }

  private jobArguments(props: StageProps): Record<string, string> {
    return {
      organization: props.organization,
      environment: props.environment,
      manifest_table: props.manifest.tableName,
      work_queue_url: this.workQueue.queueUrl,
      dead_letter_queue_url: this.deadLetterQueue.queueUrl,
      data_role_arn: props.dataRole.roleArn,
    };
  }

  /** The work. EventBridge sends an event that it cannot deliver to the dead-letter queue, in the same form. */
  private workTarget(): events.RuleTargetConfig {
    [this.workQueue, this.deadLetterQueue].forEach((queue) => letDeliver(this.rule, queue));
    return {
      arn: this.workQueue.queueArn,
      // A fair queue: the burst of one customer does not delay the others.
      sqsParameters: { messageGroupId: '$.detail.bucket.name' },
      deadLetterConfig: { arn: this.deadLetterQueue.queueArn },
    };
  }

  /** The message that glue-assets/datalake/driver/request.py reads. The sweeper starts the job for it. */
  private scheduleReconcile({ encryptionKey }: StageProps): void {
    const assumedBy = new iam.ServicePrincipal('scheduler.amazonaws.com');
    const role = new iam.Role(this, 'ReconcileRole', { assumedBy });
    const { region, urlSuffix } = Stack.of(this);
    const viaSqs = { StringEquals: { 'kms:ViaService': `sqs.${region}.${urlSuffix}` } };
    role.addToPolicy(new iam.PolicyStatement({ actions: ['sqs:SendMessage'], resources: [this.workQueue.queueArn] }));
    role.addToPolicy(new iam.PolicyStatement({
      actions: ['kms:Decrypt', 'kms:GenerateDataKey'], resources: [encryptionKey.keyArn], conditions: viaSqs,
    }));
    const input = scheduler.ScheduleTargetInput.fromObject({ 'detail-type': 'Reconcile Requested', 'detail': {} });
    new scheduler.Schedule(this, 'Reconcile', {
      description: 'Asks for a search for objects that no event has told of',
      schedule: scheduler.ScheduleExpression.rate(RECONCILE_INTERVAL),
      // The target's own grant has wildcards for the key.
      target: new targets.SqsSendMessage(this.workQueue, { role: role.withoutPolicyUpdates(), input }),
    });
  }

  private wakeUpTarget(workflowName: string): events.RuleTargetConfig {
    const arn = Stack.of(this).formatArn({ service: 'glue', resource: 'workflow', resourceName: workflowName });
    const role = new iam.Role(this, 'WakeUpRole', { assumedBy: new iam.ServicePrincipal('events.amazonaws.com') });
    role.addToPolicy(new iam.PolicyStatement({ actions: ['glue:NotifyEvent'], resources: [arn] }));
    return { arn, role };
  }
}

/** Every object under the prefix in this lake's buckets. One rule serves all customers: a bus takes 30 of them. */
function objectCreated(props: StageProps): events.EventPattern {
  return {
    source: ['aws.s3'],
    detailType: ['Object Created'],
    detail: {
      bucket: { name: events.Match.wildcard(bucketPattern(props.organization, props.environment)) },
      object: { key: events.Match.prefix(props.prefix) },
    },
  };
}
