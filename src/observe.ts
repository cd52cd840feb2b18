import { Duration, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as actions from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { RETENTION, Stage } from './stage';
import { Sweeper } from './sweeper';

/** Age of the oldest message at which the alarm rings: longer than any run lasts. */
export const BACKLOG_AGE = Duration.hours(1);
/** Age of the oldest dead letter at which the alarm rings: half of the time that SQS keeps it. */
export const DEAD_LETTER_AGE = Duration.days(RETENTION.toDays() / 2);

const RUNBOOK = 'https://github.com/modern-data-lake/modern-data-lake/blob/main/docs/runbook.md';
const PERIOD = Duration.minutes(5);

interface AlarmDefinition {
  /** What has happened, as the end of a sentence that begins with the construct's id. */
  readonly fact: string;
  /** Heading in docs/runbook.md, as the end of a link. */
  readonly runbook: string;
  /** The alarm rings at this value. */
  readonly threshold: number;
}

interface StageAlarm extends AlarmDefinition {
  readonly metric: (sweeper: Sweeper, stage: Stage) => cloudwatch.Metric;
}

/** Alarms of a stage, by construct id. */
const ALARMS: { readonly [id: string]: StageAlarm } = {
  FailedRuns: {
    fact: 'a run of the job failed',
    runbook: 'failed-job-runs',
    // By the event `Glue Job State Change`. Glue's own metric needs a run of half a minute and a GlueContext. The event
    // is best effort too: if both fail, the messages of the run stay in the queue, where their age tells.
    metric: (sweeper, stage) => sweeper.metricFailedRuns(stage),
    threshold: 1,
  },
  LostEvents: {
    fact: 'EventBridge could deliver events neither to the work queue nor to the dead-letter queue',
    runbook: 'rule-delivery-failures',
    // A wake-up that fails is no alarm: a busy workflow refuses events, and the sweeper comes within a minute.
    metric: (_, stage) => stage.metricUndelivered(),
    threshold: 1,
  },
  DeadLetters: {
    fact: 'objects were given up and wait in the dead-letter queue',
    runbook: 'dead-letter-queue-not-empty',
    metric: (_, stage) => stage.deadLetterQueue.metricApproximateNumberOfMessagesVisible(),
    threshold: 1,
  },
  ExpiringDeadLetters: {
    fact: `a dead letter is ${DEAD_LETTER_AGE.toHumanString()} old, and SQS deletes it after `
      + `${RETENTION.toHumanString()}`,
    runbook: 'dead-letters-about-to-expire',
    metric: (_, stage) => stage.deadLetterQueue.metricApproximateAgeOfOldestMessage(),
    threshold: DEAD_LETTER_AGE.toSeconds(),
  },
  BacklogAge: {
    fact: `an object has waited for more than ${BACKLOG_AGE.toHumanString()}`,
    runbook: 'backlog-age',
    metric: (_, stage) => stage.workQueue.metricApproximateAgeOfOldestMessage(),
    threshold: BACKLOG_AGE.toSeconds(),
  },
};

const FAILED_SWEEPS = {
  fact: 'work may wait although no job runs, because a sweep failed',
  runbook: 'failed-sweeps',
  threshold: 1,
};

export interface ObserveProps {
  readonly encryptionKey: kms.IKey;
  readonly stages: Stage[];
  readonly sweeper: Sweeper;
}

/** The alarms of the lake, and the topic that receives them. */
export class Observe extends Construct {
  public readonly alarmTopic: sns.Topic;

  constructor(scope: Construct, id: string, props: ObserveProps) {
    super(scope, id);
    this.alarmTopic = this.newTopic(props.encryptionKey);
    const { sweeper } = props;
    for (const stage of props.stages) {
      const ofStage = new Construct(this, stage.node.id);
      Object.entries(ALARMS).forEach(([name, alarm]) => (
        this.addAlarm(ofStage, name, alarm, alarm.metric(sweeper, stage))));
    }
    const ofSweeper = new Construct(this, sweeper.node.id);
    this.addAlarm(ofSweeper, 'FailedSweeps', FAILED_SWEEPS, sweeper.stateMachine.metricFailed());
  }

  /** A policy that enforces TLS replaces the default policy of a topic, which lets alarms in. */
  private newTopic(key: kms.IKey): sns.Topic {
    const topic = new sns.Topic(this, 'AlarmTopic', { masterKey: key, enforceSSL: true });
    topic.addToResourcePolicy(new iam.PolicyStatement({
      sid: 'Alarms',
      principals: [new iam.ServicePrincipal('cloudwatch.amazonaws.com')],
      actions: ['sns:Publish'],
      resources: [topic.topicArn],
      conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
    }));
    return topic;
  }

  /** @param scope a construct of the id of what the alarm is about */
  private addAlarm(scope: Construct, id: string, text: AlarmDefinition, metric: cloudwatch.Metric): void {
    const alarm = new cloudwatch.Alarm(scope, id, {
      alarmDescription: `${scope.node.id}: ${text.fact}. ${RUNBOOK}#${text.runbook}`,
      metric: metric.with({ period: PERIOD }),
      threshold: text.threshold,
      evaluationPeriods: 1,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING, // AWS sends no data for what did not happen
    });
    alarm.addAlarmAction(new actions.SnsAction(this.alarmTopic));
  }
}
