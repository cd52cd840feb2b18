import { readFileSync } from 'fs';
import { Command, InvalidArgumentError } from 'commander';
import { customersOf, CUSTOMERS_ACTIONS } from './customers';
import { planFiles, upload } from './import-files';
import { Folders, Plan, Planned } from './import-plan';
import { Backlog, estimate } from './import-price';
import { About, Report, resultsOf } from './import-report';
import { follow, start } from './import-run';
import { objectsOf, Source, sourceOf, sourcePolicy } from './import-source';
import { bucketParts, DeployedLake, FIND_ACTIONS, findLake } from './lake';
import { lakeCommand, LakeOptions } from './options';
import { interruption, print, progress, tableOf } from './output';
import { Aws } from '../aws';

export const ACTIONS = [
  ...FIND_ACTIONS, ...CUSTOMERS_ACTIONS, 's3:GetObject', 's3:ListBucket', 's3:PutObject', 'states:DescribeExecution',
  'states:DescribeMapRun', 'states:ListMapRuns', 'states:StartExecution', 'sts:GetCallerIdentity',
];
/** What a report holds in memory. */
const MOST_OBJECTS = 1_000_000;
const DATASET = /^[a-z][a-z0-9_]{0,254}$/;

interface ImportOptions extends LakeOptions {
  readonly from: string;
  readonly customer: string;
  readonly dataset?: string;
  readonly map?: ReadonlyMap<string, string>;
  readonly since?: string;
  readonly dryRun?: boolean;
  readonly follow?: string;
}

/** Brings in files that lie elsewhere. */
export function importCommand(): Command {
  const description = 'Copies the objects of a bucket, or the files of a folder, into a customer\'s raw/. They keep '
    + 'their tags and the time of their first upload, which decides the partition of their rows. Nothing is replaced, '
    + 'so an import that is started again goes on where it was. Without --dataset and --map, the folders below --from '
    + 'are the datasets. s3:GetObject and s3:PutObject are for the bucket of reports; a folder of this machine also '
    + 'takes grantUpload for the customer.';
  return lakeCommand('import', description, ACTIONS, [
    '1  objects failed, or the import did not come to its end',
  ])
    .summary('Copies what lies in another bucket or on a disk into a customer\'s raw/.')
    .requiredOption('--customer <id>', 'the customer')
    .option('--from <place>', 's3://bucket/folder, or a folder of this machine')
    .option('--dataset <name>', 'the dataset of all objects', datasetOf)
    .option('--map <file>', 'JSON with the datasets of folders below --from, such as {"orders/2019": "orders"}', mapOf)
    .option('--since <time>', 'skip what was uploaded before, such as 2024-01-31', timeOf)
    .option('--dry-run', 'show what would be copied and what the source must allow, and copy nothing')
    .option('--follow <id>', 'wait for an import that was started before, and write its report')
    .action(run);
}

async function run(options: ImportOptions, command: Command): Promise<void> {
  if (!options.from === !options.follow) command.error('error: it must be said what: write --from or --follow');
  if (options.dataset && options.map) command.error('error: write --dataset or --map, not both');
  const aws = new Aws(options);
  const lake = await findLake(aws, options);
  if (options.follow) return finish(aws, lake, options.follow, options);
  const customers = await customersOf(aws, options);
  if (!customers.includes(options.customer)) {
    throw new Error(`the lake has no customer '${options.customer}'; it has: ${customers.join(', ') || 'none'}`);
  }
  const source = sourceOf(options.from);
  const plan = new Plan(foldersOf(options, source?.prefix ?? ''), options.since);
  const lines = source ? await listed(aws, source, plan) : await planFiles(options.from, plan);
  const id = `${options.customer}-${new Date().toISOString().replace(/\D/g, '').slice(0, 17)}`;
  const about = { id, customer: options.customer, source: options.from, listed: lines.length };
  await show(aws, lake, lines, source, options);
  if (options.dryRun || !lines.length) return;
  if (!source) return uploadAll(aws, lake, about, lines, options);
  await start(aws, lake, about, lines);
  if (!options.json) print(`Started ${id}. If this command ends before: import --follow ${id}`);
  await finish(aws, lake, id, options);
}

async function listed(aws: Aws, source: Source, plan: Plan): Promise<Planned[]> {
  const lines: Planned[] = [];
  for await (const line of objectsOf(aws, source)) {
    if (lines.push(plan.of(line)) > MOST_OBJECTS) {
      throw new Error(`${MOST_OBJECTS} objects are the most for one import: import one folder after the other`);
    }
    if (lines.length % 1000 === 0) progress(`${lines.length} objects are listed`);
  }
  progress('');
  return lines;
}

/** Backlog and price, and with `--dry-run` what else is to know. */
async function show(
  aws: Aws, lake: DeployedLake, lines: readonly Planned[], source: Source | undefined, options: ImportOptions,
): Promise<void> {
  const copied = lines.filter(({ outcome }) => !outcome);
  const bytes = copied.reduce((sum, line) => sum + line.bytes, 0);
  const backlog: Backlog = { listed: lines.length, objects: copied.length, bytes };
  const price = source && estimate(backlog);
  const { account, partition } = await aws.whereabouts();
  const roleArn = `arn:${partition}:iam::${account}:role/${lake.imports.roleName}`;
  const policy = source && sourcePolicy(source, partition, roleArn);
  if (options.json) {
    if (options.dryRun) print(JSON.stringify({ ...backlog, ...price, policy }, undefined, 2));
    return;
  }
  print(tableOf(['Listed', 'To copy', 'Bytes', 'US$', 'Hours'], [[
    lines.length, copied.length, bytes, price?.usd.toFixed(2), price?.hours.toFixed(1),
  ]]));
  const leftOut = lines.filter(({ outcome }) => outcome);
  if (leftOut.length) {
    print(tableOf(['Left out', 'Reason'], leftOut.slice(0, 20).map(({ from, reason }) => [from, reason])));
  }
  if (options.dryRun && policy) {
    print('The policy of the source must allow (and the policy of its key kms:Decrypt, if it has one):\n'
      + JSON.stringify(policy, undefined, 2));
  }
}

async function uploadAll(
  aws: Aws, lake: DeployedLake, about: About, lines: readonly Planned[], options: ImportOptions,
): Promise<void> {
  const [before, behind] = await bucketParts(options);
  const report = new Report(about);
  await upload(aws, options.from, `${before}${about.customer}${behind}`, lines, report, interruption());
  await conclude(aws, lake, report, options);
}

async function finish(aws: Aws, lake: DeployedLake, id: string, options: ImportOptions): Promise<void> {
  const { status, cause, input } = await follow(aws, lake, id);
  const report = new Report({ ...JSON.parse(input), source: `s3://${JSON.parse(input).source}` });
  for await (const ended of resultsOf(aws, lake.imports.reports, id)) report.add(ended);
  await conclude(aws, lake, report, options);
  if (status === 'SUCCEEDED') return;
  process.exitCode = 1;
  console.error(`error: the import ended as ${status}${cause ? `: ${cause}` : ''}`);
}

async function conclude(aws: Aws, lake: DeployedLake, report: Report, { json }: ImportOptions): Promise<void> {
  await report.write(aws, lake.imports.reports);
  report.show(lake.imports.reports, json);
  process.exitCode = report.isComplete ? 0 : 1;
}

function foldersOf({ dataset, map }: ImportOptions, prefix: string): Folders {
  if (!map) return new Map([[prefix, dataset]]);
  return new Map([...map].map(([folder, name]) => [`${prefix}${folder}`, name]));
}

function datasetOf(name: string): string {
  if (DATASET.test(name)) return name;
  throw new InvalidArgumentError('It must be the name of a dataset: lower-case letters, digits and underscores.');
}

function mapOf(file: string): ReadonlyMap<string, string> {
  const found = Object.entries(JSON.parse(readFileSync(file, 'utf-8')));
  if (!found.length) throw new InvalidArgumentError('It must name at least one folder.');
  return new Map(found.map(([folder, name]) => {
    if (typeof name !== 'string') throw new InvalidArgumentError(`The dataset of '${folder}' must be a text.`);
    return [folder.endsWith('/') ? folder : `${folder}/`, datasetOf(name)];
  }));
}

function timeOf(text: string): string {
  const time = new Date(text);
  if (/^\d{4}-\d{2}-\d{2}/.test(text) && !Number.isNaN(time.getTime())) return time.toISOString();
  throw new InvalidArgumentError('It must be a time such as 2024-01-31 or 2024-01-31T12:00:00Z.');
}
