import {
  ChangeMessageVisibilityBatchCommand, Message, MessageSystemAttributeName, ReceiveMessageCommand,
} from '@aws-sdk/client-sqs';
import { DeployedStage } from './lake';
import { Aws } from '../aws';

/** SQS takes ten messages per call. */
export const BATCH = 10;
/** Receives at a time for each queue. */
const LANES = 8;
/** A letter that is read comes back after this time at the latest, even if the command is killed. */
export const HIDDEN_SECONDS = 300;
/** A long poll asks all servers of SQS. A short one may answer that there is nothing. */
const WAIT_SECONDS = 1;
const SYSTEM_ATTRIBUTES: MessageSystemAttributeName[] = ['SentTimestamp', 'MessageGroupId'];
/** A message that SQS itself moved has no attributes. */
const MOVED_BY_SQS = ['ReceivedTooOften', 'SQS moved it: it was received too often, because run after run died'];

export const READ_ACTIONS = ['sqs:ChangeMessageVisibility', 'sqs:ReceiveMessage'];

/** A dead letter, hidden from other readers. */
export interface Letter {
  readonly stage: DeployedStage;
  readonly message: Message;
  readonly sentAt: Date;
  /** Type of the error. */
  readonly type: string;
  readonly reason: string;
  /** Undefined where the message is no event of a customer's bucket. */
  readonly customer?: string;
  readonly key?: string;
}

/** Which letters a command is about. */
export interface Selection {
  readonly customer?: string;
  readonly reason?: string;
}

export function isSelected({ customer, type, reason }: Letter, wanted: Selection): boolean {
  return (wanted.customer === undefined || wanted.customer === customer)
    && `${type}: ${reason}`.includes(wanted.reason ?? '');
}

/**
 * Receives the letters of stages, each once, until there are no more or `take` wants no more.
 *
 * @param buckets what stands before and behind the customer in the names of the lake's buckets
 * @param take gets up to ten letters of a queue; returns whether to go on
 */
export async function receive(
  aws: Aws, stages: readonly DeployedStage[], buckets: readonly string[],
  take: (letters: readonly Letter[]) => Promise<boolean> | boolean,
): Promise<void> {
  const seen = new Set<string>();
  let isOver = false;
  const lane = async (stage: DeployedStage) => {
    while (!isOver) {
      const { Messages = [] } = await aws.sqs.send(new ReceiveMessageCommand({
        QueueUrl: stage.deadLetterQueueUrl,
        MaxNumberOfMessages: BATCH,
        VisibilityTimeout: HIDDEN_SECONDS,
        WaitTimeSeconds: WAIT_SECONDS,
        MessageSystemAttributeNames: SYSTEM_ATTRIBUTES,
        MessageAttributeNames: ['All'],
      }));
      const fresh = Messages.filter(({ MessageId }) => !seen.has(MessageId!));
      if (!fresh.length) return;
      fresh.forEach(({ MessageId }) => seen.add(MessageId!));
      if (!await take(fresh.map((message) => letterOf(stage, message, buckets)))) isOver = true;
    }
  };
  const lanes = stages.flatMap((stage) => Array.from({ length: LANES }, () => (
    lane(stage).catch((error) => {
      isOver = true;
      throw error;
    }))));
  const failed = (await Promise.allSettled(lanes)).find(({ status }) => status === 'rejected');
  if (failed) throw (failed as PromiseRejectedResult).reason;
}

/** Ends the hiding of letters. */
export async function giveBack(aws: Aws, letters: readonly Letter[]): Promise<void> {
  for (const QueueUrl of new Set(letters.map(({ stage }) => stage.deadLetterQueueUrl))) {
    const held = letters.filter(({ stage }) => stage.deadLetterQueueUrl === QueueUrl);
    for (let at = 0; at < held.length; at += BATCH) {
      const Entries = held.slice(at, at + BATCH).map(({ message }, number) => (
        { Id: String(number), ReceiptHandle: message.ReceiptHandle!, VisibilityTimeout: 0 }));
      await aws.sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries }));
    }
  }
}

function letterOf(stage: DeployedStage, message: Message, [before, behind]: readonly string[]): Letter {
  const { bucket, key } = placeOf(message.Body!);
  const isOurs = bucket?.startsWith(before) && bucket.endsWith(behind);
  const [type, reason] = whyOf(message);
  return {
    stage,
    message,
    sentAt: new Date(Number(message.Attributes!.SentTimestamp)),
    type,
    reason,
    customer: isOurs ? bucket!.slice(before.length, -behind.length) : undefined,
    key,
  };
}

/** The object that S3's event is about. Somebody may have sent something else. */
function placeOf(body: string): { bucket?: string; key?: string } {
  try {
    const { bucket, object } = JSON.parse(body).detail;
    return { bucket: bucket.name, key: object.key };
  } catch {
    return {};
  }
}

/** The job writes the first two attributes, EventBridge the last two. */
function whyOf({ MessageAttributes: given = {} }: Message): string[] {
  const [type, reason, code, text] = ['ErrorType', 'Reason', 'ERROR_CODE', 'ERROR_MESSAGE']
    .map((name) => given[name]?.StringValue);
  if (reason !== undefined) return [type ?? '-', reason];
  if (code !== undefined) return [code, `EventBridge could not deliver it: ${text ?? '-'}`];
  return MOVED_BY_SQS;
}
