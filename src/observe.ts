import { Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as actions from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { LakeAlarm, LakeAlarmOptions } from './alarms';
import { Denials } from './denials';
import { Feeds } from './feeds';
import { alarmsOf, Watched } from './private/alarm-definitions';
import { LakeProps } from './private/lake';
import { DOCS, newAlarm } from './private/new-alarm';

export interface ObserveProps extends LakeProps, Omit<Watched, 'feeds' | 'denials'> {
  /** Whether any dataset has an `expectedEvery`. */
  readonly hasFeeds: boolean;
  readonly alarms?: LakeAlarmOptions;
}

/** The alarms of the lake, and the topic that receives them. */
export class Observe extends Construct {
  public readonly alarmTopic: sns.Topic;
  /** In alarm while any of the others is. Undefined if all others are off. */
  public readonly unhealthy?: cloudwatch.CompositeAlarm;

  private readonly alarms: { readonly kind: LakeAlarm; readonly alarm: cloudwatch.Alarm }[];

  constructor(scope: Construct, id: string, props: ObserveProps) {
    super(scope, id);
    this.alarmTopic = this.newTopic(props.encryptionKey);
    const toTopic = new actions.SnsAction(this.alarmTopic);
    const watched = { ...props, manifest: props.manifest.table, alarmTopic: this.alarmTopic };
    const feeds = props.hasFeeds ? new Feeds(this, 'Feeds', watched) : undefined;
    const isOff = props.alarms?.off?.includes(LakeAlarm.ACCESS_DENIED);
    const denials = isOff ? undefined : new Denials(this, 'Access', props);
    this.alarms = alarmsOf({ ...props, feeds, denials }, props.alarms).map((definition) => {
      const alarm = newAlarm(this.scopeOf(definition.about.node.id), definition);
      alarm.addAlarmAction(toTopic);
      return { kind: definition.alarm, alarm };
    });
    if (this.alarms.length) this.unhealthy = this.newUnhealthy();
  }

  /** All alarms. The one to page on comes first. */
  public get all(): cloudwatch.AlarmBase[] {
    return [...this.unhealthy ? [this.unhealthy] : [], ...this.alarms.map(({ alarm }) => alarm)];
  }

  /** The alarms of a kind: one for each stage, or one for the lake; none if they are off. */
  public of(kind: LakeAlarm): cloudwatch.Alarm[] {
    return this.alarms.filter((each) => each.kind === kind).map(({ alarm }) => alarm);
  }

  private scopeOf(id: string): Construct {
    return this.node.tryFindChild(id) as Construct | undefined ?? new Construct(this, id);
  }

  /** It notifies nobody by itself, since its children notify the topic. */
  private newUnhealthy(): cloudwatch.CompositeAlarm {
    const composite = new cloudwatch.CompositeAlarm(this, 'LakeUnhealthy', {
      alarmDescription: `Lake: at least one of its alarms rings. ${DOCS}/runbook.md`,
      alarmRule: cloudwatch.AlarmRule.anyOf(...this.alarms.map(({ alarm }) => (
        cloudwatch.AlarmRule.fromAlarm(alarm, cloudwatch.AlarmState.ALARM)
      ))),
    });
    // The CDK makes a name of its own. CloudFormation's is unique in the account.
    (composite.node.defaultChild as cloudwatch.CfnCompositeAlarm).addPropertyDeletionOverride('AlarmName');
    return composite;
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
}
