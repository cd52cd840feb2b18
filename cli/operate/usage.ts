import { GetMetricStatisticsCommand } from '@aws-sdk/client-cloudwatch';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { Command, InvalidArgumentError } from 'commander';
import { CUSTOMERS_ACTIONS, customersOf } from './customers';
import { FIND_ACTIONS, findLake } from './lake';
import { Manifest } from './manifest';
import { lakeCommand, LakeOptions } from './options';
import { print, tableOf } from './output';
import { HISTORY_DAYS, SCANNED_ACTIONS, scannedByCustomer } from './scanned';
import { together } from './together';
import { Aws } from '../aws';

export const ACTIONS = [
  ...FIND_ACTIONS, ...CUSTOMERS_ACTIONS, ...SCANNED_ACTIONS, 'cloudwatch:GetMetricStatistics', 'dynamodb:Query',
  's3:PutObject',
];
/** Customers that are counted at the same time. */
const PARALLEL = 10;
const DAY_SECONDS = 86_400;

interface UsageOptions extends LakeOptions {
  readonly month: string;
  readonly to?: Place;
}

/** Where an object is. */
interface Place { readonly Bucket: string; readonly Key: string }

/** What a customer's files of a month come to. */
interface Usage {
  readonly customer: string;
  readonly files: number;
  readonly bytes: number;
  readonly rows: number;
  /** Bytes that queries scanned. Undefined if Athena has forgotten a part of the month. */
  readonly scanned?: number;
}

/** Shows what the customers have sent in a month, and what queries have scanned. */
export function usage(): Command {
  const description = 'Shows files, bytes and rows by customer for a month, and the bytes that queries have scanned.';
  return lakeCommand('usage', description, ACTIONS)
    .option('--month <month>', 'the month in UTC, such as 2026-01', monthOf, new Date().toISOString().slice(0, 7))
    .option('--to <prefix>', 'also write it as an object below this prefix, such as s3://finance/usage/, for Athena',
      placeOf)
    .action(run);
}

async function run(options: UsageOptions): Promise<void> {
  const aws = new Aws(options);
  const { month, to } = options;
  const manifest = new Manifest(aws, (await findLake(aws, options)).manifestTable);
  const customers = await customersOf(aws, options);
  const counted = await together(customers, PARALLEL, (customer) => usageOf(manifest, customer, month));
  const isInHistory = Date.parse(month) > Date.now() - HISTORY_DAYS * DAY_SECONDS * 1000;
  const byCustomer = isInHistory && await scannedByCustomer(aws, options, customers, month, endOf(month));
  const found = counted.map((figures): Usage => (
    byCustomer ? { ...figures, scanned: byCustomer.get(figures.customer) ?? 0 } : figures));
  const bytesScanned = await scanned(aws, options);
  const written = to && await write(aws, to, options, found);
  if (options.json) return print(JSON.stringify({ month, bytesScanned, customers: found, written }, undefined, 2));
  print(tableOf(['Customer', 'Files', 'Bytes', 'Rows', 'Bytes scanned'], found.map(({ customer, ...figures }) => (
    [customer, figures.files, figures.bytes, figures.rows, figures.scanned]))));
  print(`Queries in the lake's workgroup scanned ${bytesScanned} bytes.`);
  if (!byCustomer) print(`Athena tells of the queries of ${HISTORY_DAYS} days, so it cannot tell those of the month.`);
  if (written) print(`Written to ${written}`);
}

/** Writes a line for each customer. The lake and the month make the key, so a later count replaces an earlier one. */
async function write(aws: Aws, { Bucket, Key: prefix }: Place, lake: UsageOptions, all: Usage[]): Promise<string> {
  const { organization, environment, month } = lake;
  const name = `${organization}-${environment}`;
  const Key = `${prefix}month=${month}/${name}.jsonl`;
  const lines = all.map(({ customer, files, bytes, rows, scanned: scanned_bytes }) => (
    JSON.stringify({ lake: name, customer, files, uploaded_bytes: bytes, read_rows: rows, scanned_bytes })));
  await aws.s3.send(new PutObjectCommand({ Bucket, Key, Body: lines.map((line) => `${line}\n`).join('') }));
  return `s3://${Bucket}/${Key}`;
}

/** Versions that were made queryable in the month and that no newer one has replaced since. */
async function usageOf(manifest: Manifest, customer: string, month: string): Promise<Usage> {
  let [files, bytes, rows] = [0, 0, 0];
  for await (const item of manifest.byStatus(customer, 'SUCCEEDED', month, endOf(month))) {
    if (item.layer === 'raw') [files, bytes] = [files + 1, bytes + (item.size_bytes ?? 0)];
    if (item.layer === 'processed') rows += item.rows_out ?? 0;
  }
  return { customer, files, bytes, rows };
}

/** By all queries: Athena counts by workgroup, and the lake has one. */
async function scanned(aws: Aws, { organization, environment, month }: UsageOptions): Promise<number> {
  const { Datapoints = [] } = await aws.cloudwatch.send(new GetMetricStatisticsCommand({
    Namespace: 'AWS/Athena',
    MetricName: 'ProcessedBytes',
    Dimensions: [{ Name: 'WorkGroup', Value: `${organization}-${environment}-datalake` }],
    StartTime: new Date(`${month}-01T00:00:00Z`),
    EndTime: new Date(`${endOf(month)}-01T00:00:00Z`),
    Period: DAY_SECONDS,
    Statistics: ['Sum'],
  }));
  return Datapoints.reduce((sum, { Sum = 0 }) => sum + Sum, 0);
}

/** The month behind a month: times that begin with an earlier text are before it. */
function endOf(month: string): string {
  const [year, number] = month.split('-').map(Number);
  return new Date(Date.UTC(year, number)).toISOString().slice(0, 7);
}

function monthOf(text: string): string {
  if (/^20\d\d-(0[1-9]|1[0-2])$/.test(text)) return text;
  throw new InvalidArgumentError('It must be a month such as 2026-01.');
}

function placeOf(text: string): Place {
  const [, Bucket, Key = ''] = /^s3:\/\/([a-z0-9.-]+)(?:\/(.*))?$/.exec(text) ?? [];
  if (Bucket) return { Bucket, Key: !Key || Key.endsWith('/') ? Key : `${Key}/` };
  throw new InvalidArgumentError('It must be a prefix in S3 such as s3://finance/usage/.');
}
