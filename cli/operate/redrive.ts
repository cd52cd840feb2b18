import { DeleteMessageBatchCommand, SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import { Command } from 'commander';
import { grouped, queuesOf, READING, selectionOptions, tableOfGroups } from './dead-letters';
import { bucketParts, FIND_ACTIONS, findLake } from './lake';
import { giveBack, isSelected, Letter, READ_ACTIONS, receive, Selection } from './letters';
import { lakeCommand, LakeOptions } from './options';
import { interruption, print, progress } from './output';
import { Aws } from '../aws';

interface RedriveOptions extends LakeOptions, Selection {
  readonly all?: boolean;
  readonly dryRun?: boolean;
}

/** What became of the letters. */
interface Outcome {
  /** In the work queue now, or to be sent with `--dry-run`. */
  readonly sent: Letter[];
  /** Sent, and still in the dead-letter queue, which did not delete them. */
  readonly twice: Letter[];
  /** Not sent: SQS refused them. */
  readonly failed: Letter[];
  /** Not selected, or about an event that was sent already. */
  readonly kept: Letter[];
}

/** Sends dead letters back to the work queues. */
export function redrive(): Command {
  const description = 'Sends dead letters back to the work queue of their stage. The sweeper starts the job within a '
    + `minute. A letter is deleted after it was sent. ${READING}`;
  const actions = [
    ...FIND_ACTIONS, ...READ_ACTIONS, 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:SendMessage',
  ];
  return selectionOptions(lakeCommand('redrive', description, actions, [
    '1  letters could not be sent or deleted, or the command was interrupted',
  ]))
    .summary('Sends dead letters back to the work queue of their stage.')
    .option('--all', 'all letters')
    .option('--dry-run', 'show what would be sent, and send nothing')
    .action(run);
}

async function run(options: RedriveOptions, command: Command): Promise<void> {
  if (!options.all && options.customer === undefined && options.reason === undefined) {
    command.error('error: it must be said which letters: write --customer, --reason or --all');
  }
  const aws = new Aws(options);
  const lake = await findLake(aws, options);
  const expected = (await queuesOf(aws, lake)).reduce((sum, { letters }) => sum + letters, 0);
  const [bodies, isInterrupted] = [new Set<string>(), interruption()];
  const outcome: Outcome = { sent: [], twice: [], failed: [], kept: [] };
  try {
    await receive(aws, lake.stages, await bucketParts(options), async (letters) => {
      const wanted = letters.filter((letter) => {
        // A second letter with the same event may be one that has failed again. To send it again might never end.
        const isWanted = isSelected(letter, options) && !bodies.has(letter.message.Body!);
        if (isWanted) bodies.add(letter.message.Body!);
        else outcome.kept.push(letter);
        return isWanted;
      });
      await (options.dryRun ? outcome.sent.push(...wanted) : sendBack(aws, wanted, outcome));
      progress(`${outcome.sent.length} sent, ${outcome.kept.length} kept, of about ${expected}`);
      return !isInterrupted();
    });
  } finally {
    progress('');
    report(outcome, options);
    await giveBack(aws, [...outcome.kept, ...outcome.failed, ...options.dryRun ? outcome.sent : []]);
  }
  process.exitCode = outcome.failed.length || outcome.twice.length || isInterrupted() ? 1 : 0;
}

/**
 * Sends letters, then deletes those that were sent. If the command is killed between the two, a letter is in both
 * queues, and the next redrive sends it again. That does no harm: the manifest has the object's version, and a job
 * that finds it done drops the message.
 */
async function sendBack(aws: Aws, letters: readonly Letter[], outcome: Outcome): Promise<void> {
  if (!letters.length) return;
  const [{ stage }] = letters;
  const answer = await aws.sqs.send(new SendMessageBatchCommand({
    QueueUrl: stage.workQueueUrl,
    Entries: letters.map(({ message }, at) => ({
      Id: String(at),
      MessageBody: message.Body,
      MessageAttributes: message.MessageAttributes, // tell the job that the letter was redriven
      MessageGroupId: message.Attributes?.MessageGroupId,
    })),
  })).catch((error) => {
    outcome.failed.push(...letters);
    throw error;
  });
  const refused = new Set(answer.Failed?.map(({ Id }) => Number(Id)));
  const sent = letters.filter((_, at) => !refused.has(at));
  outcome.failed.push(...letters.filter((_, at) => refused.has(at)));
  outcome.sent.push(...sent);
  if (!sent.length) return;
  const deleted = await aws.sqs.send(new DeleteMessageBatchCommand({
    QueueUrl: stage.deadLetterQueueUrl,
    Entries: sent.map(({ message }, at) => ({ Id: String(at), ReceiptHandle: message.ReceiptHandle! })),
  }));
  outcome.twice.push(...(deleted.Failed ?? []).map(({ Id }) => sent[Number(Id)]));
}

function report({ sent, twice, failed, kept }: Outcome, { dryRun, json }: RedriveOptions): void {
  const groups = grouped(sent);
  const counts = { sent: sent.length, notDeleted: twice.length, notSent: failed.length, kept: kept.length };
  if (json) return print(JSON.stringify({ dryRun: Boolean(dryRun), ...counts, groups }, undefined, 2));
  if (groups.length) print(tableOfGroups(groups));
  print(`${dryRun ? 'Would send' : 'Sent'} ${counts.sent}, kept ${counts.kept}.`
    + (counts.notSent ? ` SQS did not take ${counts.notSent}: they are dead letters still.` : '')
    + (counts.notDeleted ? ` SQS did not delete ${counts.notDeleted}: another redrive sends them again.` : ''));
}
