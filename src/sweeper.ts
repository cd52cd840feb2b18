import { Duration, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as events from 'aws-cdk-lib/aws-events';
import * as eventTargets from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import * as targets from 'aws-cdk-lib/aws-scheduler-targets';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import * as tasks from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { Construct } from 'constructs';
import { acknowledge, wildcards } from './private/acknowledge';
import { LOG_RETENTION } from './private/bucket';
import { FailedRunWitness, failedRunPattern } from './private/failed-runs';
import { LakeProps } from './private/lake';
import { IStage } from './stage';

/** Longest wait of work without a wake-up: redrives, deferred retries, runs that died, wake-ups that were lost. */
export const SWEEP_INTERVAL = Duration.minutes(1);

/** `glue:startJobRun` answers so while a run works. That run takes the work too. */
const IS_RUNNING = 'Glue.ConcurrentRunsExceededException';
/** What one state passes on to the next. */
const JOB_NAME = { jobName: '{% $states.input.jobName %}' };
/** Throttling and faults of AWS pass. */
const RETRY: sfn.RetryProps = {
  errors: [sfn.Errors.ALL],
  interval: Duration.seconds(2),
  maxAttempts: 2,
  backoffRate: 3,
  jitterStrategy: sfn.JitterType.FULL,
};
/** A call that hangs is an error of its own, so that an execution always tells which stage it failed for. */
const CALL_TIMEOUT = sfn.Timeout.duration(Duration.seconds(10));
/** Longer than all tries of all calls take. Executions may overlap, since Glue refuses a second run. */
const TIMEOUT = Duration.minutes(4);

export interface SweeperProps extends LakeProps {
  readonly stages: (IStage & Construct)[];
}

/**
 * Starts the job of every stage whose work queue is not empty, unless it is running: every minute, and at once after a
 * run has failed. An error of one stage does not stop the other; the execution fails after both had their turn. It is
 * also the second witness of runs that failed, since Glue's own events about them may be lost.
 *
 * An Express state machine: 43,200 executions a month cost about 0.10 USD, where Standard would cost 8 USD.
 *
 * @see https://aws.amazon.com/step-functions/pricing/
 */
export class Sweeper extends Construct {
  public readonly stateMachine: sfn.StateMachine;

  private readonly failedRuns: Record<string, events.Rule>;

  constructor(scope: Construct, id: string, props: SweeperProps) {
    super(scope, id);
    this.stateMachine = new sfn.StateMachine(this, 'StateMachine', {
      stateMachineType: sfn.StateMachineType.EXPRESS,
      definitionBody: sfn.DefinitionBody.fromChainable(this.eachStage(props).next(this.verdict())),
      queryLanguage: sfn.QueryLanguage.JSONATA,
      timeout: TIMEOUT,
      logs: { destination: this.newLogGroup(props), level: sfn.LogLevel.ERROR, includeExecutionData: true },
    });
    wildcards(this.stateMachine, 'actions that deliver logs take no resource', '*');
    acknowledge(this.stateMachine, {
      executionLog: 'errors are logged; a sweep that succeeds has nothing to tell',
      executionTrace: 'a sweep is three states and calls nothing that is traced',
    });
    this.schedule();
    this.failedRuns = Object.fromEntries(props.stages.map((stage) => [stage.node.id, this.afterFailedRun(stage)]));
  }

  /** Runs of a stage's job that failed, counted by the events that Glue and the sweeper send about them. */
  public metricFailedRuns(stage: IStage & Construct): cloudwatch.Metric {
    return new cloudwatch.Metric({
      namespace: 'AWS/Events',
      metricName: 'TriggeredRules',
      dimensionsMap: { RuleName: this.failedRuns[stage.node.id].ruleName },
      statistic: cloudwatch.Stats.SUM,
    });
  }

  private eachStage(props: SweeperProps): sfn.Map {
    const sweep = sfn.Map.jsonata(this, 'EachStage', {
      items: sfn.ProvideItems.jsonArray(props.stages.map((stage) => (
        { jobName: stage.jobName, queueUrl: stage.workQueue.queueUrl }
      ))),
    });
    const done = sfn.Pass.jsonata(this, 'StageDone', { outputs: {} });
    const failed = sfn.Pass.jsonata(this, 'StageFailed');
    const why = '$states.input.jobName & ": " & $states.errorOutput.Error & ": " & $states.errorOutput.Cause';
    const whenFailed = { outputs: { error: `{% ${why} %}` } };
    const call = { taskTimeout: CALL_TIMEOUT, retry: RETRY };
    const witness = new FailedRunWitness(this, this.jobArns(props), SWEEP_INTERVAL, call);
    const then = witness.states(done, failed, whenFailed);
    const count = this.countWaiting(props).addCatch(failed, whenFailed);
    const isRunning = { errors: [IS_RUNNING], outputs: JOB_NAME };
    const start = this.startJobRun(props).addCatch(then, isRunning).addCatch(failed, whenFailed);
    const isWaiting = sfn.Condition.jsonata('{% $states.input.waiting > 0 %}');
    const choice = sfn.Choice.jsonata(this, 'DoesWorkWait').when(isWaiting, start.next(then)).otherwise(then);
    return sweep.itemProcessor(count.next(choice));
  }

  private verdict(): sfn.IChainable {
    const failed = sfn.Fail.jsonata(this, 'SweepFailed', {
      error: 'SweepFailed',
      cause: '{% $join($states.input.error, "\\n") %}',
    });
    return sfn.Choice.jsonata(this, 'DidAStageFail')
      .when(sfn.Condition.jsonata('{% $exists($states.input.error) %}'), failed)
      .otherwise(sfn.Succeed.jsonata(this, 'Swept'));
  }

  private countWaiting(props: SweeperProps): tasks.CallAwsService {
    const count = '$number($states.result.Attributes.ApproximateNumberOfMessages)';
    const task = tasks.CallAwsService.jsonata(this, 'CountWaiting', {
      service: 'sqs',
      action: 'getQueueAttributes',
      parameters: { QueueUrl: '{% $states.input.queueUrl %}', AttributeNames: ['ApproximateNumberOfMessages'] },
      iamAction: 'sqs:GetQueueAttributes',
      iamResources: props.stages.map((stage) => stage.workQueue.queueArn),
      outputs: { ...JOB_NAME, waiting: `{% ${count} %}` },
      taskTimeout: CALL_TIMEOUT,
    });
    task.addRetry(RETRY);
    return task;
  }

  private startJobRun(props: SweeperProps): tasks.CallAwsService {
    const task = tasks.CallAwsService.jsonata(this, 'StartJobRun', {
      service: 'glue',
      action: 'startJobRun',
      // Without queuing Glue refuses a second run: the one that works takes the work too.
      parameters: { JobName: '{% $states.input.jobName %}', JobRunQueuingEnabled: false },
      iamAction: 'glue:StartJobRun',
      iamResources: this.jobArns(props),
      outputs: JOB_NAME,
      taskTimeout: CALL_TIMEOUT,
    });
    task.addRetry({ errors: [IS_RUNNING], maxAttempts: 0 });
    task.addRetry(RETRY);
    return task;
  }

  private jobArns(props: SweeperProps): string[] {
    return props.stages.map((stage) => (
      Stack.of(this).formatArn({ service: 'glue', resource: 'job', resourceName: stage.jobName })
    ));
  }

  private newLogGroup(props: SweeperProps): logs.LogGroup {
    return new logs.LogGroup(this, 'Logs', {
      encryptionKey: props.encryptionKey,
      retention: LOG_RETENTION.toDays(),
      removalPolicy: props.removalPolicy,
    });
  }

  private schedule(): void {
    const role = new iam.Role(this, 'ScheduleRole', { assumedBy: new iam.ServicePrincipal('scheduler.amazonaws.com') });
    const input = scheduler.ScheduleTargetInput.fromObject({ scheduledTime: scheduler.ContextAttribute.scheduledTime });
    new scheduler.Schedule(this, 'Schedule', {
      description: 'Starts the jobs for which work waits',
      schedule: scheduler.ScheduleExpression.rate(SWEEP_INTERVAL),
      // A sweep that is late is not made up for: the next one does its work.
      target: new targets.StepFunctionsStartExecution(this.stateMachine, { role, maxEventAge: SWEEP_INTERVAL, input }),
    });
  }

  /** The rule that sweeps when a run has failed. An alarm counts its events. */
  private afterFailedRun(stage: IStage & Construct): events.Rule {
    return new events.Rule(this, `${stage.node.id}RunFailed`, {
      description: 'A run of the job failed',
      eventPattern: failedRunPattern(stage),
      targets: [new eventTargets.SfnStateMachine(this.stateMachine)],
    });
  }
}
