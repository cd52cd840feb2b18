import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { Command, Option } from 'commander';
import { CUSTOMERS_ACTIONS, customersOf } from './customers';
import { bucketParts, DeployedLake, FIND_ACTIONS, findLake } from './lake';
import { lakeCommand, LakeOptions, timeOf } from './options';
import { local, print, tableOf } from './output';
import { Aws } from '../aws';

/** As in `glue-assets/datalake/policy.py`: an event of a younger object may be on its way. */
const DELAY = '1h';
/** The daily search looks back so far. */
const WINDOW = '3d';

interface RefreshOptions extends LakeOptions {
  readonly all?: boolean;
  readonly customer?: readonly string[];
  readonly prefix?: string;
  readonly since: string;
  readonly until: string;
  readonly dryRun?: boolean;
}

/** What a stage is asked to compare. */
interface Request {
  readonly stage: string;
  /** Undefined: the buckets of all customers. */
  readonly bucket?: string;
  readonly prefix: string;
  readonly since: string;
  readonly until: string;
}

/** Asks the stages to work on objects that no event has told of. */
export function refresh(): Command {
  const description = 'Asks the stages to compare the buckets of customers with the manifest, and to work on current '
    + 'objects that have no item there, since no event has told of them. The sweeper starts the jobs within a minute. '
    + 'Their logs name what they find, as "unseen". An object that is in the manifest stays as it is.';
  return lakeCommand('refresh', description, [...FIND_ACTIONS, ...CUSTOMERS_ACTIONS, 'sqs:SendMessage'])
    .summary('Asks the stages to work on objects that no event has told of.')
    .option('--all', 'all customers')
    .option('--customer <id...>', 'these customers')
    .option('--prefix <prefix>', 'only objects whose key begins so, such as raw/orders/; else raw/ and processed/')
    .addOption(new Option('--since <time>', 'only objects uploaded since then: 30m, 24h, 7d or a date like 2026-01-31')
      .argParser(timeOf).default(timeOf(WINDOW), WINDOW))
    .addOption(new Option('--until <time>', 'and before then; the event of a younger one may be on its way')
      .argParser(timeOf).default(timeOf(DELAY), DELAY))
    .option('--dry-run', 'show what would be asked, and ask nothing')
    .action(run);
}

async function run(options: RefreshOptions, command: Command): Promise<void> {
  const { all, customer, since, until, dryRun } = options;
  if (Boolean(all) === Boolean(customer)) {
    command.error('error: it must be said whose objects: write either --customer or --all');
  }
  if (since >= until) command.error(`error: --since ${since} must be before --until ${until}`);
  const aws = new Aws(options);
  const lake = await findLake(aws, options);
  const requests = await requestsOf(aws, lake, options);
  if (!dryRun) for (const request of requests) await ask(aws, lake, request);
  if (options.json) return print(JSON.stringify({ dryRun: Boolean(dryRun), requests }, undefined, 2));
  print(tableOf(['Stage', 'Uploaded from', 'To', 'Objects'], requests.map((each) => (
    [each.stage, local(each.since), local(each.until), `${each.bucket ?? 'all customers'}: ${each.prefix}`]))));
  print(dryRun ? `Would send ${requests.length}.` : `Sent ${requests.length}. The jobs start within a minute.`);
}

/** @throws if no stage reads objects of the prefix, or a customer has no bucket */
async function requestsOf(aws: Aws, lake: DeployedLake, options: RefreshOptions): Promise<Request[]> {
  const { prefix = '', customer, since, until } = options;
  const stages = lake.stages.filter(({ layer }) => !prefix || prefix.startsWith(layer));
  if (!stages.length) {
    const layers = lake.stages.map(({ layer }) => layer).join(' or ');
    throw new Error(`--prefix must begin with ${layers}, which the stages read, got: ${prefix}`);
  }
  const [before, behind] = await bucketParts(options);
  const known = customer && await customersOf(aws, options);
  const unknown = customer?.find((id) => !known!.includes(id));
  if (unknown) throw new Error(`the lake has no bucket ${before}${unknown}${behind}; check --customer`);
  const buckets = customer?.map((id) => before + id + behind) ?? [undefined];
  return buckets.flatMap((bucket) => stages.map(({ name: stage, layer }) => (
    { stage, bucket, prefix: prefix || layer, since, until })));
}

/** Sends the message that `glue-assets/datalake/driver/request.py` reads. */
async function ask(aws: Aws, lake: DeployedLake, { stage, bucket, ...asked }: Request): Promise<void> {
  const detail = { ...asked, ...bucket && { bucket: { name: bucket } } };
  await aws.sqs.send(new SendMessageCommand({
    QueueUrl: lake.stages.find(({ name }) => name === stage)!.workQueueUrl,
    MessageBody: JSON.stringify({ 'detail-type': 'Reconcile Requested', detail }),
    MessageGroupId: bucket, // the search of one customer delays no other
  }));
}
