import { DescribeStackResourcesCommand } from '@aws-sdk/client-cloudformation';
import { Command, InvalidArgumentError } from 'commander';
import { Batch, Belongings, Contents, LIST_ACTIONS, REMOVE_ACTIONS } from './erase-contents';
import { FIND_ACTIONS, findLake } from './lake';
import { Manifest } from './manifest';
import { lakeCommand, LakeOptions } from './options';
import { interruption, print, progress, tableOf } from './output';
import { Aws } from '../aws';
import { messageOf } from '../errors';

/** Objects that arrive meanwhile need another pass. The limit stops the command if somebody keeps writing. */
const MOST_PASSES = 3;
const STAYS = 'access logs, audit trail, logs of the jobs, recovery points of the manifest, messages in the queues, '
  + 'the history of queries, a key of the customer\'s own';
/** Statuses of a bucket that a stack has let go. */
const GONE = ['DELETE_COMPLETE', 'DELETE_SKIPPED'];

interface EraseOptions extends LakeOptions {
  readonly customer: string;
  readonly confirm?: string;
}

/** Removes everything that the lake holds of one customer. */
export function erase(): Command {
  const description = 'Erases a customer for good: query results, catalog, objects with all versions, items of the '
    + 'manifest, bucket. Without --confirm it changes nothing and shows what there is. "Erasing a customer for good" '
    + 'in docs/security.md has the steps before and after, and what it cannot remove. After an interruption, start it '
    + 'again.';
  const actions = [...FIND_ACTIONS, ...LIST_ACTIONS, ...REMOVE_ACTIONS, 'dynamodb:Query'];
  return lakeCommand('erase', description, actions, ['1  something is left, or a call failed'])
    .summary('Erases a customer for good, or shows what there is.')
    .requiredOption('--customer <id>', 'the customer', customerId)
    .option('--confirm <id>', 'repeat the id to erase the customer; this cannot be undone')
    .action(run);
}

async function run(options: EraseOptions, command: Command): Promise<void> {
  const { customer, confirm } = options;
  if (confirm !== undefined && confirm !== customer) {
    command.error(`error: --confirm must repeat the customer, got: ${confirm}; write --confirm ${customer}`);
  }
  const aws = new Aws(options);
  const names = await belongingsOf(options, (await findLake(aws, options)).manifestTable);
  if (confirm) await checkMayGo(aws, names);
  const erasure = new Erasure(new Contents(aws, names));
  let problem = '';
  try {
    await (confirm ? erasure.erase() : erasure.list());
  } catch (error) {
    problem = messageOf(error);
  }
  progress('');
  report(options, erasure);
  process.exitCode = problem || erasure.left?.size ? 1 : 0;
  if (problem) console.error(`error: ${problem}; the report has what was removed: start again when the cause is gone`);
}

/** Counts and bytes by kind. */
type Tally = Map<string, { count: number; bytes: number }>;

/** Counts what is removed, and what is left. */
class Erasure {
  public readonly erased: Tally = new Map();
  /** Unknown until everything was listed. */
  public left?: Tally;
  private readonly isInterrupted = interruption();

  constructor(private readonly contents: Contents) {}

  public async list(): Promise<void> {
    this.left = await this.take(this.contents.itself(), await this.take(this.contents.all(), new Map()));
  }

  /** The bucket goes last, when nothing else is left. */
  public async erase(): Promise<void> {
    for (let pass = 0; pass < MOST_PASSES; pass++) {
      await this.take(this.contents.all(), this.erased, true);
      const left = await this.take(this.contents.all(), new Map());
      if (!left.size) await this.take(this.contents.itself(), this.erased, true);
      this.left = left;
      if (!left.size) return;
    }
  }

  /** Counts things, after their removal if that is asked for. */
  private async take(batches: AsyncGenerator<Batch>, tally: Tally, isRemoving = false): Promise<Tally> {
    for await (const { things, remove } of batches) {
      if (this.isInterrupted()) throw new Error('interrupted');
      if (isRemoving) await remove();
      for (const [kind, bytes] of things) {
        const before = tally.get(kind) ?? { count: 0, bytes: 0 };
        tally.set(kind, { count: before.count + 1, bytes: before.bytes + bytes });
      }
      const total = [...tally.values()].reduce((sum, { count }) => sum + count, 0);
      progress(`${total} ${isRemoving ? 'removed' : 'found'}`);
    }
    return tally;
  }
}

async function belongingsOf(options: EraseOptions, manifestTable: string): Promise<Belongings> {
  const { organization, environment, customer } = options;
  const { bucketName, databaseName, queryResultsName } = await import('../../src/private/naming.js');
  return {
    customer,
    bucket: bucketName(organization, customer, environment),
    database: databaseName(organization, customer, environment),
    queryResults: queryResultsName(organization, environment),
    manifestTable,
  };
}

/** @throws if a stack has the customer, or a job works on one of its objects */
async function checkMayGo(aws: Aws, { customer, bucket, manifestTable }: Belongings): Promise<void> {
  const stack = await stackOf(aws, bucket);
  if (stack) {
    throw new Error(`refused: ${bucket} is in stack ${stack}: take ${customer} out of customers.json and deploy`);
  }
  const processing = new Manifest(aws, manifestTable).byStatus(customer, 'PROCESSING');
  for await (const { object, lease_until: until = 0 } of processing) {
    if (until <= Date.now() / 1000) continue;
    throw new Error(`refused: a job works on ${object}: wait until it is done, or a minute if it has died`);
  }
}

async function stackOf(aws: Aws, bucket: string): Promise<string | undefined> {
  try {
    const asked = new DescribeStackResourcesCommand({ PhysicalResourceId: bucket });
    const { StackResources = [] } = await aws.cloudformation.send(asked);
    return StackResources.find(({ ResourceStatus }) => !GONE.includes(ResourceStatus!))?.StackName;
  } catch (error) {
    if ((error as Error).name === 'ValidationError') return undefined; // no stack has it
    throw error;
  }
}

function report({ customer, json }: EraseOptions, { erased, left }: Erasure): void {
  const rows = (tally: Tally) => [...tally].map(([kind, counts]) => ({ kind, ...counts }));
  if (json) {
    const found = { customer, erased: rows(erased), left: left ? rows(left) : null, stays: STAYS };
    return print(JSON.stringify(found, undefined, 2));
  }
  const cells = (title: string, tally: Tally) => rows(tally).map(({ kind, count, bytes }) => (
    [title, kind, count.toLocaleString('en'), bytes.toLocaleString('en')]));
  const all = [...cells('erased', erased), ...left ? cells('left', left) : []];
  if (all.length) print(tableOf(['', 'Kind', 'Number', 'Bytes'], all));
  if (left && !left.size) print(`nothing of ${customer} is left but, as docs/security.md says: ${STAYS}`);
}

function customerId(text: string): string {
  if (/^[a-z0-9]+(-+[a-z0-9]+)*$/.test(text)) return text;
  throw new InvalidArgumentError(`It must be lower-case letters, digits and inner hyphens, got: '${text}'.`);
}
