import { Command } from 'commander';
import { contradictions, Finding, Place } from './check-findings';
import { CUSTOMERS_ACTIONS, customersOf } from './customers';
import { bucketParts, DeployedLake, FIND_ACTIONS, findLake } from './lake';
import { lakeCommand, LakeOptions } from './options';
import { interruption, print, progress, tableOf } from './output';
import { together } from './together';
import { Aws } from '../aws';
import { Refused } from '../errors';

/** Customers that are looked at together: each has one call under way. */
const TOGETHER = 16;

interface CheckOptions extends LakeOptions {
  readonly customer?: readonly string[];
}

interface Report {
  /** Customers that were looked at. */
  readonly checked: string[];
  readonly findings: Finding[];
  readonly refused: { readonly customer: string; readonly action: string }[];
}

/** Compares buckets with the manifest. */
export function check(): Command {
  const description = 'Compares the buckets of customers with the manifest and the work queues, and shows every '
    + 'contradiction. Changes nothing, and may run while the jobs work. The policy of a customer\'s bucket lets only '
    + 'roles with a grant list it.';
  return lakeCommand('check', description, [
    ...FIND_ACTIONS, ...CUSTOMERS_ACTIONS, 'dynamodb:Query', 's3:ListBucketVersions', 'sqs:GetQueueAttributes',
  ], ['1  there are contradictions', '3  there are none, but AWS refused to let the command look at a customer'])
    .summary('Compares buckets with the manifest and the work queues, and shows every contradiction.')
    .option('--customer <id...>', 'only these customers; by default all that have a bucket')
    .action(run);
}

async function run(options: CheckOptions): Promise<void> {
  const aws = new Aws(options);
  const lake = await findLake(aws, options);
  const places = await placesOf(aws, lake, options);
  const report: Report = { checked: [], findings: [], refused: [] };
  const isInterrupted = interruption();
  const lookAt = async (place: Place) => {
    await look(aws, place, report);
    progress(`${report.checked.length} of ${places.length} customers, ${report.findings.length} contradictions`);
  };
  await together(places, TOGETHER, lookAt, isInterrupted).finally(() => progress(''));
  process.exitCode = report.findings.length ? 1 : report.refused.length || isInterrupted() ? 3 : 0;
  print(options.json ? JSON.stringify(report, undefined, 2) : text(report));
}

async function look(aws: Aws, place: Place, report: Report): Promise<void> {
  try {
    report.findings.push(...await contradictions(aws, place));
    report.checked.push(place.customer);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    report.refused.push({ customer: place.customer, action: error.action });
  }
}

/** @throws if a customer has no bucket */
async function placesOf(aws: Aws, lake: DeployedLake, options: CheckOptions): Promise<Place[]> {
  const [before, behind] = await bucketParts(options);
  const all = await customersOf(aws, options);
  const unknown = options.customer?.find((customer) => !all.includes(customer));
  if (unknown) {
    throw new Error(`the lake has no bucket ${before}${unknown}${behind}; check --customer`);
  }
  const workQueues = Object.fromEntries(lake.stages.map(({ layer, workQueueUrl }) => [layer, workQueueUrl]));
  return (options.customer ?? all).map((customer) => (
    { customer, bucket: `${before}${customer}${behind}`, manifestTable: lake.manifestTable, workQueues }));
}

function text({ checked, findings, refused }: Report): string {
  const rows = findings.map(({ customer, kind, version, key }) => [customer, kind, version, key]);
  return [
    ...rows.length ? [tableOf(['Customer', 'Finding', 'Version', 'Object'], rows)] : [],
    ...refused.map(({ customer, action }) => `${customer}: AWS refused ${action}`),
    `Customers checked: ${checked.length}. Contradictions: ${findings.length}.`,
  ].join('\n');
}
