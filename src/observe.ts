import { Duration, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as actions from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { Stage } from './stage';

/** The oldest message may wait that long: longer than any run lasts. */
export const BACKLOG_AGE = Duration.hours(1);

const RUNBOOK = 'https://github.com/modern-data-lake/modern-data-lake/blob/main/docs/runbook.md';
const PERIOD = Duration.minutes(5);

interface AlarmDefinition {
  /** What it says of the stage. */
  readonly fact: string;
  /** Heading in docs/runbook.md, as the end of a link. */
  readonly runbook: string;
  readonly metric: (stage: Stage) => cloudwatch.Metric;
  /** The alarm is raised at this value. */
  readonly threshold: number;
}

/** Alarms of a stage, by construct id. */
const ALARMS: { readonly [id: string]: AlarmDefinition } = {
  FailedRuns: {
    fact: 'a run of the job failed',
    runbook: 'failed-job-runs',
    // The metric, not the event `Glue Job State Change`: neither is sure to come, but for the event the topic's key
    // would have to be open to EventBridge without a condition on the account. A failure that is not told leaves its
    // messages in the queue, where their age tells.
    metric: (stage) => stage.metricFailedRuns(),
    threshold: 1,
  },
  FailedWakeUps: {
    fact: 'EventBridge could not wake the job',
    runbook: 'rule-delivery-failures',
    metric: (stage) => stage.metricRule('FailedInvocations'),
    threshold: 1,
  },
  LostEvents: {
    fact: 'EventBridge could deliver events neither to the work queue nor to the dead-letter queue',
    runbook: 'rule-delivery-failures',
    metric: (stage) => stage.metricRule('InvocationsFailedToBeSentToDlq'),
    threshold: 1,
  },
  DeadLetters: {
    fact: 'objects were given up and wait in the dead-letter queue',
    runbook: 'dead-letter-queue-not-empty',
    metric: (stage) => stage.deadLetterQueue.metricApproximateNumberOfMessagesVisible(),
    threshold: 1,
  },
  BacklogAge: {
    fact: `an object has waited for more than ${BACKLOG_AGE.toHumanString()}`,
    runbook: 'backlog-age',
    metric: (stage) => stage.workQueue.metricApproximateAgeOfOldestMessage(),
    threshold: BACKLOG_AGE.toSeconds(),
  },
};

export interface ObserveProps {
  readonly encryptionKey: kms.IKey;
  readonly stages: Stage[];
}

/** What tells the people who run the lake that they are needed. */
export class Observe extends Construct {
  public readonly alarmTopic: sns.Topic;

  constructor(scope: Construct, id: string, props: ObserveProps) {
    super(scope, id);
    this.alarmTopic = this.newTopic(props.encryptionKey);
    for (const stage of props.stages) {
      const ofStage = new Construct(this, stage.node.id);
      Object.entries(ALARMS).forEach(([name, definition]) => this.addAlarm(ofStage, name, stage, definition));
    }
  }

  /** A policy of the topic's own, such as the one that enforces TLS, takes the place of the one that lets alarms in. */
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

  private addAlarm(scope: Construct, id: string, stage: Stage, definition: AlarmDefinition): void {
    const metric = definition.metric(stage);
    const alarm = new cloudwatch.Alarm(scope, id, {
      alarmDescription: `${stage.node.id}: ${definition.fact}. ${RUNBOOK}#${definition.runbook}`,
      metric: metric.with({ period: PERIOD }),
      threshold: definition.threshold,
      evaluationPeriods: 1,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING, // the metrics of what did not happen are not put
    });
    alarm.addAlarmAction(new actions.SnsAction(this.alarmTopic));
  }
}
