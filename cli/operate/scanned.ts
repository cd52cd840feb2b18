import { BatchGetQueryExecutionCommand, paginateListQueryExecutions, QueryExecution } from '@aws-sdk/client-athena';
import { LakeOptions } from './options';
import { progress } from './output';
import { Aws } from '../aws';

/** The IAM actions of `scannedByCustomer`. */
export const SCANNED_ACTIONS = ['athena:BatchGetQueryExecution', 'athena:ListQueryExecutions'];
/** Most queries that a call tells of, and that a list has on a page. */
const MOST = 50;
/** How long Athena keeps a query: https://docs.aws.amazon.com/athena/latest/ug/queries-viewing-history.html */
export const HISTORY_DAYS = 45;

/**
 * Bytes that queries in the lake's workgroup scanned between two times, by customer. A query belongs to the customer
 * whose database it names, and to nobody if it names none or several.
 */
export async function scannedByCustomer(
  aws: Aws, { organization, environment }: LakeOptions, customers: readonly string[], from: string, until: string,
): Promise<ReadonlyMap<string, number>> {
  const { databaseName } = await import('../../src/private/naming.js'); // loads the CDK, which --help does without
  const named = customers.map((customer) => (
    [customer, new RegExp(`\\b${databaseName(organization, customer, environment)}\\b`, 'i')] as const));
  const scanned = new Map<string, number>();
  for await (const queries of history(aws, `${organization}-${environment}-datalake`, from)) {
    for (const query of queries) {
      if (submitted(query) >= until) continue;
      const text = `${query.QueryExecutionContext?.Database} ${query.Query}`;
      const found = named.filter(([, database]) => database.test(text)).map(([customer]) => customer);
      if (found.length !== 1) continue;
      scanned.set(found[0], (scanned.get(found[0]) ?? 0) + (query.Statistics?.DataScannedInBytes ?? 0));
    }
  }
  return scanned;
}

/** The queries since a time. Athena lists the newest first, so a page without any such query is the last one read. */
async function* history(aws: Aws, WorkGroup: string, from: string): AsyncGenerator<QueryExecution[]> {
  const pages = paginateListQueryExecutions({ client: aws.athena, pageSize: MOST }, { WorkGroup });
  let seen = 0;
  for await (const { QueryExecutionIds = [] } of pages) {
    if (!QueryExecutionIds.length) continue;
    const { QueryExecutions = [] } = await aws.athena.send(new BatchGetQueryExecutionCommand({ QueryExecutionIds }));
    progress(`${seen += QueryExecutions.length} queries`);
    const recent = QueryExecutions.filter((query) => submitted(query) >= from);
    yield recent;
    if (!recent.length) break;
  }
  progress('');
}

const submitted = ({ Status }: QueryExecution): string => Status?.SubmissionDateTime?.toISOString() ?? '';
