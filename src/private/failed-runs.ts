import { Duration } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import * as tasks from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { Construct } from 'constructs';
import { IStage } from '../stage';

/** States of a run that has failed. */
export const FAILED_STATES = ['FAILED', 'TIMEOUT', 'ERROR'];
/** Source of the events about failed runs that the sweeper sends. */
const WITNESS = 'modern-data-lake.sweeper';
const DETAIL_TYPE = 'Glue Job State Change';
/** A run that ended so long ago is shown as ended, whichever part of Glue answers. */
const SETTLING = Duration.minutes(1);
/** The newest runs of a job. More do not end within two minutes, since a job has one run at a time. */
const LOOKED_AT = 10;

/** Events about failed runs of a stage: from Glue, which sends them at best effort, and from the sweeper. */
export function failedRunPattern(stage: IStage): events.EventPattern {
  return {
    source: ['aws.glue', WITNESS],
    detailType: [DETAIL_TYPE],
    detail: { jobName: [stage.jobName], state: FAILED_STATES },
  };
}

/**
 * The sweeper as second witness of failed runs. A scheduled sweep finds the runs that failed in one interval, and sends
 * an event about them. Each run is in exactly one interval, since the input has the time for which AWS scheduled the
 * sweep. Sweeps that an event has started look for none: otherwise the sweeper's own event would start the next one.
 *
 * @param call what every call of the sweeper has: time limit and retries
 */
export class FailedRunWitness {
  private readonly look: tasks.CallAwsService;
  private readonly tell: tasks.EventBridgePutEvents;

  constructor(
    private readonly scope: Construct, jobArns: string[], private readonly interval: Duration,
    call: { readonly taskTimeout: sfn.Timeout; readonly retry: sfn.RetryProps },
  ) {
    const { taskTimeout, retry } = call;
    this.look = tasks.CallAwsService.jsonata(scope, 'LookForFailedRuns', {
      service: 'glue',
      action: 'getJobRuns',
      parameters: { JobName: '{% $states.input.jobName %}', MaxResults: LOOKED_AT },
      iamAction: 'glue:GetJobRuns',
      iamResources: jobArns,
      outputs: { jobName: '{% $states.input.jobName %}', failed: `{% ${this.failedRuns()} %}` },
      taskTimeout,
    });
    this.tell = tasks.EventBridgePutEvents.jsonata(scope, 'TellOfFailedRuns', {
      entries: [{
        source: WITNESS,
        detailType: DETAIL_TYPE,
        detail: sfn.TaskInput.fromObject({
          jobName: '{% $states.input.jobName %}',
          state: '{% $states.input.failed[0].JobRunState %}',
          jobRunIds: '{% [$states.input.failed.Id] %}',
        }),
      }],
      outputs: '{% $states.input %}',
      taskTimeout,
    });
    [this.look, this.tell].forEach((task) => task.addRetry(retry));
  }

  /** The states, from the question whether the sweep is scheduled to `done`. The input names the job. */
  public states(done: sfn.IChainable, failed: sfn.IChainable, whenFailed: sfn.CatchProps): sfn.Choice {
    const { scope, look, tell } = this;
    [look, tell].forEach((task) => task.addCatch(failed, whenFailed));
    const hasFailed = sfn.Condition.jsonata('{% $count($states.input.failed) > 0 %}');
    const didARunFail = sfn.Choice.jsonata(scope, 'DidARunFail').when(hasFailed, tell.next(done)).otherwise(done);
    const isScheduled = sfn.Condition.jsonata('{% $exists($states.context.Execution.Input.scheduledTime) %}');
    return sfn.Choice.jsonata(scope, 'IsScheduled').when(isScheduled, look.next(didARunFail)).otherwise(done);
  }

  private failedRuns(): string {
    const until = SETTLING.toMilliseconds();
    const from = until + this.interval.toMilliseconds();
    const states = FAILED_STATES.map((state) => `"${state}"`).join(', ');
    const isRecent = `($age := $now - $toMillis(CompletedOn); $age >= ${until} and $age < ${from})`;
    return '($now := $toMillis($states.context.Execution.Input.scheduledTime); '
      + `[$states.result.JobRuns[JobRunState in [${states}] and ${isRecent}].{"Id": Id, "JobRunState": JobRunState}])`;
  }
}
