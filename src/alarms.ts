import { Duration } from 'aws-cdk-lib';

/** The alarms of a lake. The value is the end of the construct's id. */
export enum LakeAlarm {
  /** A run of a job failed. */
  FAILED_RUNS = 'FailedRuns',
  /** EventBridge could deliver events neither to the work queue nor to the dead-letter queue. */
  LOST_EVENTS = 'LostEvents',
  /** Objects were found that no event had told of. */
  UNSEEN_OBJECTS = 'UnseenObjects',
  /** Objects were given up, or rejected, and wait in a dead-letter queue. */
  DEAD_LETTERS = 'DeadLetters',
  /** A dead letter is half as old as SQS lets it become. */
  EXPIRING_DEAD_LETTERS = 'ExpiringDeadLetters',
  /** An object has waited too long. */
  BACKLOG_AGE = 'BacklogAge',
  /** Objects wait, and for a quarter of an hour none has succeeded. */
  NO_PROGRESS = 'NoProgress',
  /** Objects take too long from their upload to the end of a stage. */
  ARRIVAL_TO_DONE = 'ArrivalToDone',
  /** A sweep failed, or a check for silent feeds. */
  FAILED_SWEEPS = 'FailedSweeps',
  /** The sweeper does not start. */
  SILENT_SWEEPER = 'SilentSweeper',
  /** Too many values were rescued, or too many rows were short. */
  MISFITS = 'Misfits',
  /** DynamoDB throttles the manifest. */
  MANIFEST_THROTTLED = 'ManifestThrottled',
  /** More or fewer files arrive than usual. */
  ARRIVALS = 'Arrivals',
  /** More or fewer rows are written than usual. */
  ROWS = 'Rows',
  /** Athena cancelled a query because it scanned `bytesScannedCutoff`. */
  QUERIES_CUT_OFF = 'QueriesCutOff',
  /** The uploads of a dataset with `expectedEvery` have stopped. */
  SILENT_FEEDS = 'SilentFeeds',
  /**
   * AWS denied a call on a customer's bucket or on the lake's key. It needs a trail that records such calls, as
   * `auditTrail` of the lake does for objects.
   */
  ACCESS_DENIED = 'AccessDenied',
}

/** Thresholds of the alarms, and the alarms that a lake does without. */
export interface LakeAlarmOptions {
  /**
   * Age of the oldest waiting object at which `BACKLOG_AGE` rings. A run lasts almost an hour at most.
   *
   * @default Duration.hours(1)
   */
  readonly backlogAge?: Duration;

  /**
   * 95th percentile of the time from upload to the end of a stage at which `ARRIVAL_TO_DONE` rings.
   *
   * @default Duration.minutes(30)
   */
  readonly arrivalToDone?: Duration;

  /**
   * Rescued values and short rows per 100 rows of an hour at which `MISFITS` rings.
   *
   * @default 1
   */
  readonly misfitsPer100Rows?: number;

  /**
   * Alarms that the lake does without. CloudWatch charges for each metric of an alarm: see docs/cost.md.
   *
   * @default - none: the lake has all alarms
   */
  readonly off?: LakeAlarm[];
}
