import { Token } from 'aws-cdk-lib';
import { Customer } from '../customer';
import { Column, CsvOptions, Dataset, NumberFormat } from '../dataset';
import { shown } from './errors';

/** S3's limit: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
const LONGEST_BUCKET_NAME = 63;
/** Prefixes that S3 reserves (same page) and that a bucket of a lake could have. */
const RESERVED_PREFIXES = ['sthree-', 'amzn-s3-demo-'];
/**
 * Glue takes 512,000 characters for the value of a database's parameter, Athena a tenth of that:
 * https://docs.aws.amazon.com/athena/latest/APIReference/API_Database.html
 */
const LONGEST_PARAMETER = 51_200;

/** The bucket of a customer. */
export function bucketName(organization: string, customerId: string, environment: string): string {
  return `${organization}-${customerId}-${environment}-datalake`;
}

/** The wildcard that matches the buckets of all customers of a lake, and of no other lake. */
export function bucketPattern(organization: string, environment: string): string {
  return bucketName(organization, '*', environment);
}

/** The bucket of query results. It must not match `bucketPattern`. */
export function queryResultsName(organization: string, environment: string): string {
  return `${organization}-${environment}-query-results`;
}

/**
 * Path of the SSM parameters that name the datasets of which uploads are expected; each customer has one. It begins
 * with the package, since AWS keeps names that begin with `aws` or `ssm` for itself.
 */
export function feedsPath(organization: string, environment: string): string {
  return `/modern-data-lake/${organization}-${environment}/feeds`;
}

/** The Glue database of a customer. Underscores replace hyphens, so Athena accepts the name without quotes. */
export function databaseName(organization: string, customerId: string, environment: string): string {
  return [organization, customerId.replaceAll('-', '_'), environment].join('_');
}

/**
 * Throws unless the names keep this lake apart from every other. With a hyphen in a name, one lake's wildcard could
 * match another lake's buckets, or two lakes could have a database of the same name.
 */
export function checkNaming(organization: string, environment: string): void {
  checkName('organization', organization, 'mycompany');
  checkName('environment', environment, 'dev');
  const longest = queryResultsName(organization, environment);
  if (longest.length > LONGEST_BUCKET_NAME) {
    const room = LONGEST_BUCKET_NAME - queryResultsName('', '').length;
    throw new Error(`'organization' and 'environment' must have at most ${room} characters together, since a bucket `
      + `name must have at most ${LONGEST_BUCKET_NAME}, got: '${longest}' with ${longest.length}; shorten one of them`);
  }
}

function checkName(property: string, value: unknown, example: string): void {
  if (typeof value === 'string' && /^[a-z0-9]+$/.test(value)) return;
  const isKnown = value !== undefined && !Token.isUnresolved(value);
  const advice = isKnown && String(value).toLowerCase().replace(/[^a-z0-9]/g, '') || example;
  throw new Error(`'${property}' must be lower-case letters and digits without hyphens, so that no two lakes match `
    + `each other's buckets or share a database, got: ${shown(value)}; write '${advice}'`);
}

/** Throws one error that lists all customers whose bucket name would be invalid. */
export function checkBucketNames(organization: string, customers: Customer[], environment: string): void {
  const problems = customers.flatMap(({ customerId }, index) => {
    const name = bucketName(organization, customerId, environment);
    const where = `  customers[${index}].customerId`;
    const room = LONGEST_BUCKET_NAME - bucketName(organization, '', environment).length;
    const reserved = RESERVED_PREFIXES.find((prefix) => name.startsWith(prefix));
    return [
      ...name.length > LONGEST_BUCKET_NAME ? [`${where} must have at most ${room} characters, since its bucket `
        + `'${name}' must have at most ${LONGEST_BUCKET_NAME}, got: '${customerId}' with ${customerId.length}; `
        + 'shorten it'] : [],
      ...reserved ? [`${where} must not make a bucket name that begins with '${reserved}', which S3 keeps for itself, `
        + `got: '${name}'; write another 'organization' or customerId`] : [],
    ];
  });
  if (problems.length) throw new Error(`'customers' do not fit this lake:\n${problems.join('\n')}`);
}

/**
 * Value of the parameter `datasets` of a customer's Glue database. `read_datasets` in
 * glue-assets/datalake/engine/dataset.py reads it.
 *
 * @returns undefined if nothing is declared
 * @throws if it is longer than Athena allows for a parameter
 */
export function datasetsParameter(datasets: Dataset[] = []): string | undefined {
  if (!datasets.length) return undefined;
  const declared = datasets.map(({ name, columns, csv, number, nullIf, ...files }) => [name, {
    columns: columns?.length ? columns.map(columnEntry) : undefined,
    csv: csv && csvEntry(csv),
    number: number && numberEntry(number),
    nullIf,
    drift: files.drift,
    maxRescued: files.maxRescued,
    hivePartitioning: files.hivePartitioning,
  }]);
  const text = JSON.stringify(Object.fromEntries(declared));
  if (text.length > LONGEST_PARAMETER) {
    throw new Error(`'datasets' of a customer must be at most ${LONGEST_PARAMETER} characters as JSON, got: `
      + `${text.length}; omit columns whose types the files show just as well`);
  }
  return text;
}

function columnEntry({ name, type, required, format, from, number, nullIf }: Column): Column {
  return {
    name,
    type: type.replaceAll(' ', ''),
    required: required || undefined,
    format,
    from,
    number: number && numberEntry(number),
    nullIf,
  };
}

function numberEntry({ decimal, thousands, symbols, accounting }: NumberFormat): NumberFormat {
  return { decimal, thousands, symbols, accounting };
}

function csvEntry({ delimiter, quote, escape, encoding, header, ...lines }: CsvOptions): CsvOptions {
  const { skipLines, skipRows, skipFooter, comment, skipInitialSpace } = lines;
  return { delimiter, quote, escape, encoding, header, skipLines, skipRows, skipFooter, comment, skipInitialSpace };
}
