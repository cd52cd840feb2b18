import { GetTrailStatusCommand } from '@aws-sdk/client-cloudtrail';
import { DescribeRuleCommand } from '@aws-sdk/client-eventbridge';
import { DescribeKeyCommand } from '@aws-sdk/client-kms';
import { GetBucketNotificationConfigurationCommand } from '@aws-sdk/client-s3';
import { GetScheduleCommand } from '@aws-sdk/client-scheduler';
import { ListSubscriptionsByTopicCommand } from '@aws-sdk/client-sns';
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { Check, failure, Finding, orElse, Patient, warning } from '../check';
import { Resource } from '../deployed';

const RESTORE = 'undo the change by hand: CloudFormation does not see it, and deploys nothing for it';
/** Codes of services that have no such resource. */
const GONE = /NotFound|NoSuch|DoesNotExist|NonExistent/;

/**
 * A check of each of the lake's deployed resources of a kind; no findings before the lake is deployed.
 *
 * @param logicalId tells the lake's resources from others in the same stack: it is made of the construct's path
 */
function ofEach(
  logicalId: RegExp, check: Omit<Check, 'run'> & { ok: string },
  find: (patient: Patient, resource: Resource) => Promise<Finding | undefined>,
): Check {
  const { ok: allIsWell, ...rest } = check;
  return {
    ...rest,
    run: async (patient) => {
      const resources = (await patient.deployed()).resources.filter((resource) => logicalId.test(resource.logicalId));
      const found = await Promise.all(resources.map((resource) => find(patient, resource).catch(ifGone(resource))));
      return resources.length ? orElse(found.filter((finding) => finding !== undefined), allIsWell) : [];
    },
  };
}

function ifGone({ stack, type, physicalId }: Resource): (error: unknown) => Finding {
  return (error) => {
    if (!GONE.test((error as Error).name)) throw error;
    return failure(`${physicalId} is gone, which ${stack} has as its ${type}`,
      'create it again under this name; or remove it from the app, deploy, and deploy once more with it');
  };
}

/** What does not happen while a schedule is disabled. */
const SCHEDULES: readonly [logicalId: RegExp, id: string, title: string, consequence: string][] = [
  [/SweeperSchedule[0-9A-F]{8}$/, 'schedule', 'Schedule of the sweeper', 'work without a wake-up waits'],
  [/Reconcile[0-9A-F]{8}$/, 'searches', 'Daily searches', 'objects that no event has told of are not found'],
  [/FeedsSchedule[0-9A-F]{8}$/, 'feeds', 'Check of feeds', 'nobody learns that uploads have stopped'],
];

/** What somebody may have changed by hand in a deployed lake. */
export const deployment: readonly Check[] = [
  ofEach(/Storage.+Bucket[0-9A-F]{8}$/, {
    id: 'notifications',
    title: 'Events of buckets',
    actions: ['s3:GetBucketNotification'],
    ok: 'the customers\' buckets send their events to EventBridge',
  }, async ({ aws, lake }, { physicalId }) => {
    if (!lake.customerBuckets.includes(physicalId)) return undefined;
    const found = await aws.s3.send(new GetBucketNotificationConfigurationCommand({ Bucket: physicalId }));
    if (found.EventBridgeConfiguration) return undefined;
    return failure(`${physicalId} sends no events to EventBridge: no file in it is processed`, RESTORE);
  }),
  ofEach(/(ObjectCreated|RunFailed)[0-9A-F]{8}$/, {
    id: 'rules',
    title: 'Rules',
    actions: ['events:DescribeRule'],
    ok: 'enabled',
  }, async ({ aws }, { physicalId }) => {
    const { State } = await aws.events.send(new DescribeRuleCommand({ Name: physicalId.split('|').pop() }));
    return State === 'ENABLED' ? undefined : failure(`the rule ${physicalId} is ${State}`,
      `aws events enable-rule --name ${physicalId}`);
  }),
  ...SCHEDULES.map(([logicalId, id, title, consequence]) => ofEach(logicalId, {
    id,
    title,
    actions: ['scheduler:GetSchedule'],
    ok: 'enabled',
  }, async ({ aws }, { physicalId: Name }) => {
    const { State } = await aws.scheduler.send(new GetScheduleCommand({ Name }));
    return State === 'ENABLED' ? undefined : failure(`the schedule ${Name} is ${State}: ${consequence}`,
      'enable it in the console of EventBridge Scheduler');
  })),
  ofEach(/(WorkQueue|DeadLetterQueue)[0-9A-F]{8}$/, {
    id: 'queues',
    title: 'Policies of queues',
    actions: ['sqs:GetQueueAttributes'],
    ok: 'let EventBridge in',
  }, async ({ aws }, { physicalId: QueueUrl }) => {
    const { Attributes } = await aws.sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['Policy'] }));
    const statements = [JSON.parse(Attributes?.Policy || '{"Statement":[]}').Statement].flat();
    const letsIn = statements.some(({ Effect, Principal }) => (
      Effect === 'Allow' && [Principal?.Service].flat().includes('events.amazonaws.com')));
    const name = QueueUrl.split('/').pop();
    return letsIn ? undefined : failure(`the queue ${name} does not let EventBridge in: events are lost`, RESTORE);
  }),
  ofEach(/EncryptionKey[0-9A-F]{8}$/, {
    id: 'created-keys',
    title: 'Keys',
    actions: ['kms:DescribeKey'],
    ok: 'enabled',
  }, async ({ aws }, { physicalId: KeyId }) => {
    const { KeyMetadata } = await aws.kms.send(new DescribeKeyCommand({ KeyId }));
    return KeyMetadata?.KeyState === 'Enabled' ? undefined : failure(
      `the key ${KeyId} is ${KeyMetadata?.KeyState}: nobody reads or writes what it encrypts`,
      KeyMetadata?.KeyState === 'PendingDeletion'
        ? `aws kms cancel-key-deletion --key-id ${KeyId} && aws kms enable-key --key-id ${KeyId}`
        : `aws kms enable-key --key-id ${KeyId}`);
  }),
  ofEach(/Audit(Management)?Trail[0-9A-F]{8}$/, {
    id: 'trail',
    title: 'Trail',
    actions: ['cloudtrail:GetTrailStatus'],
    ok: 'records',
  }, async ({ aws }, { physicalId: Name }) => {
    const { IsLogging } = await aws.cloudtrail.send(new GetTrailStatusCommand({ Name }));
    return IsLogging ? undefined
      : failure(`the trail ${Name} is stopped`, `aws cloudtrail start-logging --name ${Name}`);
  }),
  ofEach(/ObserveAlarmTopic[0-9A-F]{8}$/, {
    id: 'subscriptions',
    title: 'Alarm topic',
    actions: ['sns:ListSubscriptionsByTopic'],
    ok: 'somebody receives the alarms',
  }, async ({ aws }, { physicalId: TopicArn }) => {
    const { Subscriptions = [] } = await aws.sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
    if (Subscriptions.some(({ SubscriptionArn }) => SubscriptionArn?.startsWith('arn:'))) return undefined;
    return Subscriptions.length
      ? warning('no subscription of the alarm topic is confirmed: nobody receives the alarms',
        'click the link in the message that AWS has sent to the subscriber')
      : warning('the alarm topic has no subscription: nobody receives the alarms',
        'lake.alarmTopic.addSubscription(new subscriptions.EmailSubscription(\'data-platform@example.com\'))');
  }),
];
