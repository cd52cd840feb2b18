import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { LakeAlarm, LakeAlarmOptions } from '../alarms';
import { Denials } from '../denials';
import { Feeds } from '../feeds';
import { Manifest } from '../manifest';
import { Query } from '../query';
import { RETENTION, Stage } from '../stage';
import { Sweeper } from '../sweeper';
import { alarmsOfDenials } from './denial-alarms';
import { alarmsOfFeeds } from './feed-alarms';
import { filesArrived, Stages } from './lake-metrics';
import { alarmsOfQueries } from './query-alarms';
import { alarmsOfSweeper } from './sweeper-alarms';

export const DEFAULT_BACKLOG_AGE = Duration.hours(1);
export const DEFAULT_ARRIVAL_TO_DONE = Duration.minutes(30);
export const DEFAULT_MISFITS_PER_100_ROWS = 1;
/** Age of the oldest dead letter at which the alarm rings: half of the time that SQS keeps it. */
export const DEAD_LETTER_AGE = Duration.days(RETENTION.toDays() / 2);

const HOUR = Duration.hours(1);

export interface AlarmDefinition {
  readonly alarm: LakeAlarm;
  /** What the alarm is about. */
  readonly about: Construct;
  /** What has happened, as the end of a sentence that begins with the construct's id. */
  readonly fact: string;
  /** Heading in docs/runbook.md, as the end of a link. */
  readonly runbook: string;
  readonly metric: cloudwatch.IMetric;
  /** The alarm rings at this value. Undefined: outside the band of the usual. */
  readonly threshold?: number;
  /** Consecutive periods that must breach. @default 1 */
  readonly periods?: number;
  /** Rings below the threshold, and without data. */
  readonly isSilence?: boolean;
}

/** What a lake's alarms are about. */
export interface Watched {
  readonly stages: Stages;
  readonly sweeper: Sweeper;
  readonly manifest: Manifest;
  readonly query: Query;
  /** Undefined if no dataset has an `expectedEvery`. */
  readonly feeds?: Feeds;
  /** Undefined if its alarm is off. */
  readonly denials?: Denials;
}

/** All alarms but those that are off. */
export function alarmsOf(watched: Watched, options: LakeAlarmOptions = {}): AlarmDefinition[] {
  const all = [
    ...watched.stages.flatMap((stage) => [...failures(stage, watched.sweeper), ...delays(stage, options)]),
    ...alarmsOfSweeper(watched.sweeper),
    ...deviations(watched, options),
    ...alarmsOfQueries(watched.query),
    ...watched.feeds ? alarmsOfFeeds(watched.feeds) : [],
    ...watched.denials ? alarmsOfDenials(watched.denials) : [],
  ];
  return all.filter(({ alarm }) => !options.off?.includes(alarm));
}

function failures(stage: Stage, sweeper: Sweeper): AlarmDefinition[] {
  return [{
    alarm: LakeAlarm.FAILED_RUNS,
    about: stage,
    fact: 'a run of the job failed',
    runbook: 'failed-job-runs',
    // By the event `Glue Job State Change`. Glue's own metric needs a run of half a minute and a GlueContext. The event
    // is best effort, so the sweeper looks for failed runs as well and sends one of its own.
    metric: sweeper.metricFailedRuns(stage),
    threshold: 1,
  }, {
    alarm: LakeAlarm.LOST_EVENTS,
    about: stage,
    fact: 'EventBridge could deliver events neither to the work queue nor to the dead-letter queue',
    runbook: 'rule-delivery-failures',
    // A wake-up that fails is no alarm: a busy workflow refuses events, and the sweeper comes within a minute.
    metric: stage.metricUndelivered(),
    threshold: 1,
  }, {
    alarm: LakeAlarm.UNSEEN_OBJECTS,
    about: stage,
    fact: 'objects were found that no event had told of',
    runbook: 'unseen-objects',
    metric: stage.metricObjectsUnseen(),
    threshold: 1,
  }, {
    alarm: LakeAlarm.DEAD_LETTERS,
    about: stage,
    fact: 'objects were given up and wait in the dead-letter queue',
    runbook: 'dead-letter-queue-not-empty',
    metric: stage.deadLetterQueue.metricApproximateNumberOfMessagesVisible(),
    threshold: 1,
  }, {
    alarm: LakeAlarm.EXPIRING_DEAD_LETTERS,
    about: stage,
    fact: `a dead letter is ${DEAD_LETTER_AGE.toHumanString()} old, and SQS deletes it after `
      + `${RETENTION.toHumanString()}`,
    runbook: 'dead-letters-about-to-expire',
    metric: stage.deadLetterQueue.metricApproximateAgeOfOldestMessage(),
    threshold: DEAD_LETTER_AGE.toSeconds(),
  }];
}

function delays(stage: Stage, options: LakeAlarmOptions): AlarmDefinition[] {
  const age = options.backlogAge ?? DEFAULT_BACKLOG_AGE;
  const latency = options.arrivalToDone ?? DEFAULT_ARRIVAL_TO_DONE;
  return [{
    alarm: LakeAlarm.BACKLOG_AGE,
    about: stage,
    fact: `an object has waited for more than ${age.toHumanString()}`,
    runbook: 'backlog-age',
    metric: stage.workQueue.metricApproximateAgeOfOldestMessage(),
    threshold: age.toSeconds(),
  }, {
    alarm: LakeAlarm.NO_PROGRESS,
    about: stage,
    fact: 'objects wait, and none has succeeded for 15 minutes',
    runbook: 'no-progress',
    // SQS leaves messages that were received three times out of their age, so the age alone may miss a standstill.
    metric: new cloudwatch.MathExpression({
      label: 'no progress',
      expression: 'IF(visible > 0 AND FILL(succeeded, 0) == 0, 1, 0)',
      usingMetrics: {
        visible: stage.workQueue.metricApproximateNumberOfMessagesVisible(),
        succeeded: stage.metricObjectsSucceeded(),
      },
    }),
    threshold: 1,
    periods: 3,
  }, {
    alarm: LakeAlarm.ARRIVAL_TO_DONE,
    about: stage,
    fact: `5 % of the objects took more than ${latency.toHumanString()} from their upload to the end of the stage`,
    runbook: 'slow-objects',
    metric: stage.metricArrivalToDone(),
    threshold: latency.toSeconds(),
    periods: 3,
  }];
}

function deviations({ stages, manifest }: Watched, options: LakeAlarmOptions): AlarmDefinition[] {
  const [csv, parquet] = stages;
  const misfits = options.misfitsPer100Rows ?? DEFAULT_MISFITS_PER_100_ROWS;
  const hourly = { period: HOUR };
  return [{
    alarm: LakeAlarm.MISFITS,
    about: csv,
    fact: `more than ${misfits} of 100 rows had values that were rescued, or fewer fields than the header`,
    runbook: 'misfits',
    metric: new cloudwatch.MathExpression({
      label: 'misfits per 100 rows',
      expression: '100 * (FILL(rescued, 0) + FILL(later, 0) + FILL(short, 0)) / rows',
      usingMetrics: {
        rescued: csv.metricValuesRescued(hourly),
        later: parquet.metricValuesRescued(hourly),
        short: csv.metricRowsShort(hourly),
        rows: csv.metricRowsWritten(hourly),
      },
      ...hourly,
    }),
    threshold: misfits,
  }, {
    alarm: LakeAlarm.MANIFEST_THROTTLED,
    about: manifest,
    fact: 'DynamoDB has throttled the manifest for 15 minutes',
    runbook: 'manifest-throttled',
    metric: manifest.metricThrottled(),
    threshold: 1,
    periods: 3,
  }, {
    alarm: LakeAlarm.ARRIVALS,
    about: csv,
    fact: 'for 3 hours, more or fewer files have arrived than usual',
    runbook: 'unusual-arrivals',
    metric: filesArrived(stages, hourly),
    periods: 3,
  }, {
    alarm: LakeAlarm.ROWS,
    about: parquet,
    fact: 'for 3 hours, more or fewer rows have been written than usual',
    runbook: 'unusual-arrivals',
    metric: parquet.metricRowsWritten(hourly),
    periods: 3,
  }];
}
