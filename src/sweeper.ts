import { Duration, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import * as targets from 'aws-cdk-lib/aws-scheduler-targets';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import * as tasks from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { Construct } from 'constructs';
import { acknowledge } from './private/acknowledge';
import { IStage } from './stage';

/** The longest that work waits whose wake-up was lost, or that has none: redrives, deferred retries. */
export const SWEEP_INTERVAL = Duration.minutes(5);

export interface SweeperProps {
  readonly stages: IStage[];
}

/** Starts the job of every stage whose work queue is not empty, unless it is running. */
export class Sweeper extends Construct {
  public readonly stateMachine: sfn.StateMachine;

  constructor(scope: Construct, id: string, props: SweeperProps) {
    super(scope, id);
    const sweep = sfn.Map.jsonata(this, 'EachStage', {
      items: sfn.ProvideItems.jsonArray(props.stages.map((stage) => (
        { jobName: stage.jobName, queueUrl: stage.workQueue.queueUrl }
      ))),
    });
    const start = this.startJobRun(props);
    const idle = sfn.Succeed.jsonata(this, 'NothingToStart');
    start.addCatch(idle, { errors: ['Glue.ConcurrentRunsExceededException'] });
    const isWaiting = sfn.Condition.jsonata('{% $states.input.waiting > 0 %}');
    const choice = sfn.Choice.jsonata(this, 'DoesWorkWait').when(isWaiting, start).otherwise(idle);
    sweep.itemProcessor(this.countWaiting(props).next(choice));
    this.stateMachine = new sfn.StateMachine(this, 'StateMachine', {
      definitionBody: sfn.DefinitionBody.fromChainable(sweep),
      queryLanguage: sfn.QueryLanguage.JSONATA,
      timeout: SWEEP_INTERVAL,
    });
    acknowledge(this.stateMachine, {
      executionLog: 'it handles no data; Step Functions keeps the history of executions for 90 days',
      executionTrace: 'a sweep is three states and calls nothing that is traced',
    });
    this.schedule();
  }

  private countWaiting(props: SweeperProps): tasks.CallAwsService {
    const count = '$number($states.result.Attributes.ApproximateNumberOfMessages)';
    const task = tasks.CallAwsService.jsonata(this, 'CountWaiting', {
      service: 'sqs',
      action: 'getQueueAttributes',
      parameters: { QueueUrl: '{% $states.input.queueUrl %}', AttributeNames: ['ApproximateNumberOfMessages'] },
      iamAction: 'sqs:GetQueueAttributes',
      iamResources: props.stages.map((stage) => stage.workQueue.queueArn),
      outputs: { jobName: '{% $states.input.jobName %}', waiting: `{% ${count} %}` },
    });
    task.addRetry();
    return task;
  }

  private startJobRun(props: SweeperProps): tasks.CallAwsService {
    const jobs = props.stages.map((stage) => (
      Stack.of(this).formatArn({ service: 'glue', resource: 'job', resourceName: stage.jobName })
    ));
    return tasks.CallAwsService.jsonata(this, 'StartJobRun', {
      service: 'glue',
      action: 'startJobRun',
      // Without queuing a second run is refused: the one that runs takes the work too.
      parameters: { JobName: '{% $states.input.jobName %}', JobRunQueuingEnabled: false },
      iamAction: 'glue:StartJobRun',
      iamResources: jobs,
    });
  }

  private schedule(): void {
    const role = new iam.Role(this, 'ScheduleRole', { assumedBy: new iam.ServicePrincipal('scheduler.amazonaws.com') });
    new scheduler.Schedule(this, 'Schedule', {
      description: 'Starts the jobs for which work waits',
      schedule: scheduler.ScheduleExpression.rate(SWEEP_INTERVAL),
      // A sweep that is late is not made up for: the next one does its work.
      target: new targets.StepFunctionsStartExecution(this.stateMachine, { role, maxEventAge: SWEEP_INTERVAL }),
    });
  }
}
