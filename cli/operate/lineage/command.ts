import { Command, Option } from 'commander';
import { distance } from 'fastest-levenshtein';
import { flat, lineageOf, Version } from './graph';
import { mermaidOf } from './mermaid';
import { contractName, eventsOf, Names } from './openlineage';
import { treeOf } from './tree';
import { Aws } from '../../aws';
import { ACTIONS } from '../history';
import { findLake } from '../lake';
import { Contract, Item, keyOf, Manifest, STATUSES } from '../manifest';
import { lakeCommand, LakeOptions } from '../options';
import { print } from '../output';

const FORMATS = ['tree', 'mermaid', 'openlineage'] as const;
/** Items of each status that are searched for keys similar to an unknown one. */
const LOOKED_AT = 1000;
const MOST_SUGGESTED = 3;

interface LineageOptions extends LakeOptions {
  readonly customer: string;
  readonly version?: string;
  readonly format: typeof FORMATS[number];
}

/** Shows where rows come from and where a file went. */
export function lineage(): Command {
  const description = 'Shows what an object was made of and what was made of it, with all versions.';
  const actions = [...ACTIONS, 'sts:GetCallerIdentity'];
  return lakeCommand('lineage', description, actions, [
    '1  the manifest has no such object: no event of it has been processed',
  ])
    .argument('<key>', 'key of a CSV, JSON or Parquet object, a row\'s _source_file, or Athena\'s "$path"')
    .requiredOption('--customer <id>', 'the customer')
    .option('--version <id>', 'only this version of the object, such as a row\'s _source_version')
    .addOption(new Option('--format <format>', 'openlineage prints run events, one in a line').choices(FORMATS)
      .default('tree'))
    .action(run);
}

async function run(asked: string, options: LineageOptions): Promise<void> {
  const aws = new Aws(options);
  const manifest = new Manifest(aws, (await findLake(aws, options)).manifestTable);
  const key = asked.replace(/^s3:\/\/[^/]+\//, '');
  const all = await lineageOf(manifest, options.customer, key);
  const isMeant = ({ key: of, item }: Version) => of === key && item?.version === options.version;
  const found = options.version ? all.filter((root) => flat(root).some(isMeant)) : all;
  process.exitCode = found.length ? 0 : 1;
  if (options.json) return print(JSON.stringify(found, undefined, 2));
  if (all.length && !found.length) return print(unknownVersion(key, options.version!, all));
  if (!found.length) return print(await unknownKey(manifest, options.customer, key));
  print(await written(found, key, { aws, manifest }, options));
}

async function written(
  found: readonly Version[], asked: string, { aws, manifest }: { aws: Aws; manifest: Manifest },
  { organization, environment, customer, format }: LineageOptions,
): Promise<string> {
  const { bucketName, databaseName } = await import('../../../src/private/naming.js'); // loads the CDK
  const database = databaseName(organization, customer, environment);
  const shown = { asked, table: (dataset: string) => `${database}.${dataset}` };
  if (format === 'tree') return treeOf(found, shown);
  if (format === 'mermaid') return mermaidOf(found, shown);
  const names: Names = {
    ...await aws.whereabouts(),
    jobs: `${organization}.${environment}`,
    bucket: bucketName(organization, customer, environment),
    database,
    contracts: await contractsOf(found, manifest, customer),
  };
  return eventsOf(found, names).map((event) => JSON.stringify(event)).join('\n');
}

/** The contracts under which versions were made. */
async function contractsOf(
  versions: readonly Version[], manifest: Manifest, customer: string,
): Promise<Map<string, Contract>> {
  const contracts = new Map<string, Contract>();
  for (const { item } of versions.flatMap(flat)) {
    if (!item?.dataset || !item.schema_version || contracts.has(contractName(item))) continue;
    const contract = await manifest.contract(customer, item.dataset, item.schema_version);
    if (contract) contracts.set(contractName(item), contract);
  }
  return contracts;
}

function unknownVersion(key: string, version: string, all: readonly Version[]): string {
  const known = all.flatMap(flat).filter((each) => each.key === key).map(({ item }) => item?.version);
  return `${key} has no version ${version}; it has ${known.join(', ')}.`;
}

/** What is wrong with a key that the manifest does not have, and the known keys that are nearest to it. */
async function unknownKey(manifest: Manifest, customer: string, key: string): Promise<string> {
  const items = (await Promise.all(STATUSES.map((status) => newest(manifest, customer, status)))).flat();
  if (!items.length) return `The manifest has no object of ${customer}: check --customer and --environment.`;
  const distances = new Map([...new Set(items.map(keyOf))].map((known) => [known, unlike(known, key)]));
  const near = [...distances].sort(([, a], [, b]) => a - b).slice(0, MOST_SUGGESTED);
  return [`The manifest has no object ${key} of ${customer}. Similar keys:`, ...near.map(([known]) => `  ${known}`)]
    .join('\n');
}

async function newest(manifest: Manifest, customer: string, status: string): Promise<Item[]> {
  const items: Item[] = [];
  for await (const item of manifest.byStatus(customer, status)) {
    items.push(item);
    if (items.length === LOOKED_AT) break;
  }
  return items;
}

/** Edits from one key to another. None if only the first folders are missing. */
const unlike = (known: string, key: string): number => (
  known.endsWith(`/${key}`) ? 0 : distance(known.toLowerCase(), key.toLowerCase()));
