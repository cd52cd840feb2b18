import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { Command, Option } from 'commander';
import { bucketParts, DeployedLake, FIND_ACTIONS, findLake } from './lake';
import { Item, Manifest } from './manifest';
import { lakeCommand, LakeOptions, timeOf } from './options';
import { print, progress, tableOf } from './output';
import { dollars, priceOf } from './price';
import { Aws } from '../aws';
import { counted } from '../words';

/** REPLAYABLE in glue-assets/datalake/driver/request.py: the others are in work, or were replaced. */
const STATUSES = ['SUCCEEDED', 'FAILED', 'REJECTED'];
const STAGES = ['ProcessCsv', 'AnalyticsTransform'];

interface ReplayOptions extends LakeOptions {
  readonly customer: string;
  readonly stage: string;
  readonly dataset?: string;
  readonly status: readonly string[];
  readonly since?: string;
  readonly until?: string;
  readonly start?: boolean;
}

/** What would be processed again, of one dataset. */
interface Part {
  readonly dataset: string;
  readonly objects: number;
  readonly bytes: number;
  readonly rows: number;
}

/** Lets objects go through a stage again. */
export function replay(): Command {
  const description = 'Lets objects go through a stage again, under today\'s declarations and code. What they become '
    + 'replaces what they have become, in its place; until then the rows stay. Without --start it changes nothing, and '
    + 'shows how many objects there are and what it costs at most. An object is processed once for each --start, '
    + 'however often messages come.';
  return lakeCommand('replay', description, [...FIND_ACTIONS, 'dynamodb:Query', 'sqs:SendMessage'])
    .summary('Lets objects go through a stage again, or shows how many there are.')
    .requiredOption('--customer <id>', 'the customer')
    .addOption(new Option('--stage <name>', 'the first stage that they go through; the second follows the first')
      .choices(STAGES).default(STAGES[0]))
    .option('--dataset <name>', 'only objects of this dataset')
    .addOption(new Option('--status <status...>', 'only objects of these statuses').choices(STATUSES)
      .default(STATUSES.slice(0, 1)))
    .option('--since <time>', 'only objects uploaded since then: 30m, 24h, 7d or a date such as 2026-01-31', timeOf)
    .option('--until <time>', 'and before then', timeOf)
    .option('--start', 'do it')
    .action(run);
}

async function run(options: ReplayOptions): Promise<void> {
  const aws = new Aws(options);
  const lake = await findLake(aws, options);
  const at = new Date().toISOString();
  const asked = { ...options, until: options.until ?? at };
  const parts = await partsOf(new Manifest(aws, lake.manifestTable), layerOf(lake, options), asked);
  const sum = (of: (part: Part) => number) => parts.reduce((total, part) => total + of(part), 0);
  const [objects, bytes] = [sum((part) => part.objects), sum((part) => part.bytes)];
  const isStarted = Boolean(options.start) && objects > 0;
  if (isStarted) await ask(aws, lake, asked, at);
  const price = priceOf(objects, bytes);
  if (options.json) {
    const { stage } = options;
    return print(JSON.stringify({ stage, isStarted, at, objects, bytes, dollarsAtMost: price, parts }, undefined, 2));
  }
  if (!objects) return print(`No objects of ${options.customer} match.`);
  print(tableOf(['Dataset', 'Objects', 'Bytes', 'Rows'], parts.map((part) => (
    [part.dataset, part.objects, part.bytes, part.rows]))));
  const what = `${counted(objects, 'object')} through ${options.stage}, for at most ${dollars(price)}`;
  print(isStarted
    ? `Sends ${what}. The sweeper starts the job within a minute; status shows how many objects wait.`
    : `Would send ${what}. Write --start to do it.`);
}

async function partsOf(manifest: Manifest, layer: string, options: ReplayOptions & { until: string }): Promise<Part[]> {
  const parts = new Map<string, Part>();
  let seen = 0;
  for (const status of options.status) {
    for await (const item of manifest.byStatus(options.customer, status)) {
      if (++seen % 1000 === 0) progress(`${seen} objects looked at`);
      if (!isAsked(item, layer, options)) continue;
      const { dataset = '', size_bytes: bytes = 0, rows_out: rows = 0 } = item;
      const before = parts.get(dataset) ?? { objects: 0, bytes: 0, rows: 0 };
      parts.set(dataset, {
        dataset, objects: before.objects + 1, bytes: before.bytes + bytes, rows: before.rows + rows,
      });
    }
  }
  progress('');
  return [...parts.values()].sort((a, b) => (a.dataset < b.dataset ? -1 : 1));
}

/** The rule of `is_asked` in glue-assets/datalake/driver/replay.py. */
function isAsked(
  { layer, dataset, uploaded_at: uploaded = '' }: Item, wanted: string, options: ReplayOptions & { until: string },
): boolean {
  return `${layer}/` === wanted && (options.dataset ?? dataset) === dataset
    && uploaded >= (options.since ?? '') && uploaded < options.until;
}

/** Sends the message that `glue-assets/datalake/driver/request.py` reads. */
async function ask(aws: Aws, lake: DeployedLake, options: ReplayOptions, at: string): Promise<void> {
  const { customer, dataset, status: statuses, since, until } = options;
  const bucket = (await bucketParts(options)).join(customer);
  const detail = { bucket: { name: bucket }, at, statuses, dataset, since, until };
  await aws.sqs.send(new SendMessageCommand({
    QueueUrl: lake.stages.find(({ name }) => name === options.stage)!.workQueueUrl,
    MessageBody: JSON.stringify({ 'detail-type': 'Replay Requested', detail }),
    MessageGroupId: `${bucket}/replay`, // the customer's new objects do not wait for it
  }));
}

const layerOf = (lake: DeployedLake, { stage }: ReplayOptions): string => (
  lake.stages.find(({ name }) => name === stage)!.layer);
