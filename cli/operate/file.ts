import { Command } from 'commander';
import { ACTIONS } from './history';
import { findLake } from './lake';
import { Item, Manifest } from './manifest';
import { lakeCommand, LakeOptions } from './options';
import { local, print, tableOf } from './output';
import { Aws } from '../aws';

interface FileOptions extends LakeOptions {
  readonly customer: string;
}

/** Shows everything that the manifest knows of an object. */
export function file(): Command {
  const description = 'Shows everything that the manifest knows of an object, for each of its versions.';
  return lakeCommand('file', description, ACTIONS, [
    '1  the manifest has no such object: no event of it has been processed',
  ])
    .argument('<key>', 'key of the object, such as raw/orders/a.csv')
    .requiredOption('--customer <id>', 'the customer')
    .action(run);
}

async function run(key: string, options: FileOptions): Promise<void> {
  const aws = new Aws(options);
  const manifest = new Manifest(aws, (await findLake(aws, options)).manifestTable);
  const versions: Item[] = [];
  for await (const version of manifest.versions(options.customer, key)) versions.push(version);
  versions.sort((a, b) => (a.updated_at < b.updated_at ? 1 : -1));
  process.exitCode = versions.length ? 0 : 1;
  if (options.json) return print(JSON.stringify(versions, undefined, 2));
  if (!versions.length) return print(`The manifest has no object ${key} of ${options.customer}.`);
  print(versions.map((version) => tableOf(['Fact', 'Value'], facts(version))).join('\n'));
}

function facts(item: Item): [string, string | number | undefined][] {
  const all: [string, string | number | undefined][] = [
    ['version', item.version],
    ['status', item.status],
    ['reason', item.error && `${item.error.type}: ${item.error.message}`],
    ['uploaded', local(item.uploaded_at)],
    ['updated', local(item.updated_at)],
    ['dataset', item.dataset],
    ['bytes', item.size_bytes],
    ['rows', item.rows_out],
    ['values rescued', item.values_rescued],
    ['short rows', item.rows_short],
    ['schema version', item.schema_version],
    ['attempts', item.attempts],
    ['replay asked for', local(item.replay)],
    ['job run', item.job_run_id],
    ['made of', item.source],
    ['outputs', item.outputs?.join('\n')],
    ['advice', item.advice?.join('\n')],
  ];
  return all.filter(([, value]) => value !== undefined && value !== '');
}
