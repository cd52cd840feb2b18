import { Command } from 'commander';
import { bucketParts, DeployedLake, FIND_ACTIONS, findLake } from './lake';
import { giveBack, HIDDEN_SECONDS, isSelected, Letter, READ_ACTIONS, receive, Selection } from './letters';
import { lakeCommand, LakeOptions } from './options';
import { ago, interruption, print, progress, tableOf } from './output';
import { depths } from './status';
import { Aws } from '../aws';
import { wholeNumber } from '../options';

/** Reasons in the table. `--json` has all. */
const MOST_ROWS = 50;
const MOST_LETTERS = 10_000;

/** Effects of reading, for the help of commands that read letters. */
export const READING = 'Reading hides a letter from others until the command ends, or for '
  + `${HIDDEN_SECONDS / 60} minutes if it is killed, and counts as a receive. `
  + 'SQS leaves a message that was received three times out of the age of '
  + 'the oldest message, and so does the alarm of dead letters that are about to expire.';

interface DeadLettersOptions extends LakeOptions, Selection {
  readonly byCustomer?: boolean;
  readonly limit: number;
}

/** Letters of one stage that have the same reason, and the same customer if that was asked for. */
export interface Group {
  readonly stage: string;
  readonly type: string;
  readonly reason: string;
  readonly customer?: string;
  count: number;
  oldest: Date;
  /** Key of the first object that was seen. */
  readonly example?: string;
}

/** How many letters were looked at, of how many that a queue has. */
interface Queue {
  readonly stage: string;
  /** As SQS counts, which is some seconds late. */
  readonly letters: number;
  seen: number;
}

/** Shows why objects were given up. */
export function deadLetters(): Command {
  const description = `Shows why objects were given up: the dead letters of both stages by reason. ${READING}`;
  const actions = [...FIND_ACTIONS, ...READ_ACTIONS, 'sqs:GetQueueAttributes'];
  return selectionOptions(lakeCommand('dead-letters', description, actions, ['1  there are dead letters']))
    .summary('Shows why objects were given up: the dead letters of both stages by reason.')
    .option('--by-customer', 'count the letters of each customer separately')
    .option('--limit <number>', 'most letters to look at', wholeNumber(1, MOST_LETTERS), 1000)
    .action(run);
}

/** Adds which letters the command is about. */
export function selectionOptions(command: Command): Command {
  return command
    .option('--customer <id>', 'only letters about this customer\'s objects')
    .option('--reason <text>', 'only letters that have this text in "type: reason", such as NoDatabaseError');
}

async function run(options: DeadLettersOptions): Promise<void> {
  const aws = new Aws(options);
  const lake = await findLake(aws, options);
  const queues = await queuesOf(aws, lake);
  const isInterrupted = interruption();
  const all: Letter[] = [];
  try {
    await receive(aws, lake.stages, await bucketParts(options), (letters) => {
      all.push(...letters);
      progress(`${all.length} letters`);
      return all.length < options.limit && !isInterrupted();
    });
  } finally {
    progress('');
    await giveBack(aws, all);
  }
  for (const queue of queues) queue.seen = all.filter(({ stage }) => stage.name === queue.stage).length;
  const groups = grouped(all.filter((letter) => isSelected(letter, options)), options.byCustomer);
  process.exitCode = groups.length ? 1 : 0;
  if (options.json) return print(JSON.stringify({ stack: lake.stack, queues, groups }, undefined, 2));
  print(...queues.map(line), groups.length ? tableOfGroups(groups, options.byCustomer) : 'No dead letter matches.');
}

/** The dead-letter queues with what SQS counts. */
export async function queuesOf(aws: Aws, lake: DeployedLake): Promise<Queue[]> {
  return Promise.all(lake.stages.map(async ({ name, deadLetterQueueUrl }) => {
    const { visible, hidden } = await depths(aws, deadLetterQueueUrl);
    return { stage: name, letters: visible + hidden, seen: 0 };
  }));
}

/** The most frequent first. */
export function grouped(letters: readonly Letter[], isByCustomer = false): Group[] {
  const groups = new Map<string, Group>();
  for (const { stage: { name: stage }, type, reason, customer, sentAt, key } of letters) {
    const id = JSON.stringify([stage, type, reason, isByCustomer && customer]);
    const group = groups.get(id);
    if (!group) {
      groups.set(id, { stage, type, reason, ...isByCustomer && { customer }, count: 1, oldest: sentAt, example: key });
      continue;
    }
    group.count += 1;
    if (sentAt < group.oldest) group.oldest = sentAt;
  }
  return [...groups.values()].sort((a, b) => b.count - a.count || (a.oldest < b.oldest ? -1 : 1));
}

function line({ stage, letters, seen }: Queue): string {
  const advice = seen < letters ? '; others hold the rest, or --limit is lower' : '';
  return `${stage}: ${seen} of about ${letters} dead letters were looked at${advice}\n`;
}

/** For people. */
export function tableOfGroups(groups: readonly Group[], isByCustomer = false): string {
  const rows = groups.slice(0, MOST_ROWS).map((group) => [
    group.stage, group.count, ago(group.oldest), ...isByCustomer ? [group.customer] : [], group.example,
    `${group.type}: ${group.reason}`,
  ]);
  const head = ['Stage', 'Letters', 'Oldest', ...isByCustomer ? ['Customer'] : [], 'One of them', 'Reason'];
  const further = groups.length - rows.length;
  return tableOf(head, rows) + (further > 0 ? `\n${further} further reasons: --json has them all` : '');
}
