import { Command, Option } from 'commander';
import { FIND_ACTIONS, findLake } from './lake';
import { Item, keyOf, Manifest, STATUSES } from './manifest';
import { lakeCommand, LakeOptions, timeOf } from './options';
import { local, print, tableOf } from './output';
import { Aws } from '../aws';
import { wholeNumber } from '../options';

export const ACTIONS = [...FIND_ACTIONS, 'dynamodb:Query'];

interface HistoryOptions extends LakeOptions {
  readonly customer: string;
  readonly status: readonly string[];
  readonly dataset?: string;
  readonly since?: string;
  readonly limit: number;
}

/** Lists what has become of a customer's objects. */
export function history(): Command {
  return lakeCommand('history', 'Lists a customer\'s objects, the last updated first.', ACTIONS)
    .requiredOption('--customer <id>', 'the customer')
    .addOption(new Option('--status <status...>', 'only objects of these statuses').choices(STATUSES)
      .default([...STATUSES], 'all'))
    .option('--dataset <name>', 'only objects of this dataset')
    .option('--since <time>', 'only objects updated since then: 30m, 24h, 7d or a date such as 2026-01-31', timeOf)
    .option('--limit <number>', 'most objects to list', wholeNumber(1), 50)
    .action(run);
}

async function run(options: HistoryOptions): Promise<void> {
  const aws = new Aws(options);
  const manifest = new Manifest(aws, (await findLake(aws, options)).manifestTable);
  const found = (await Promise.all(options.status.map((status) => newest(manifest, status, options)))).flat();
  const items = found.sort((a, b) => (a.updated_at < b.updated_at ? 1 : -1)).slice(0, options.limit);
  if (options.json) return print(JSON.stringify(items, undefined, 2));
  if (!items.length) return print(`No objects of ${options.customer} match.`);
  print(tableOf(['Updated', 'Object', 'Status', 'Rows', 'Rescued', 'Short', 'Seconds', 'Reason'], items.map(row)));
}

/** As many items of a status as could be listed. */
async function newest(manifest: Manifest, status: string, options: HistoryOptions): Promise<Item[]> {
  const items: Item[] = [];
  for await (const item of manifest.byStatus(options.customer, status, options.since)) {
    if (options.dataset && item.dataset !== options.dataset) continue;
    items.push(item);
    if (items.length === options.limit) break;
  }
  return items;
}

function row(item: Item): (string | number | undefined)[] {
  return [
    local(item.updated_at), keyOf(item), item.status, item.rows_out, item.values_rescued || undefined, item.rows_short,
    seconds(item), item.error?.message,
  ];
}

/** From the upload to the last update: for one that succeeded, until its output was there. */
function seconds({ uploaded_at: from, updated_at: to }: Item): string {
  return from ? ((Date.parse(to) - Date.parse(from)) / 1000).toFixed(1) : '';
}
