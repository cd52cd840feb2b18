import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { LakeProps, lakeName } from './lake';
import { Stage } from '../stage';

/**
 * Queries of CloudWatch Logs Insights on the lines of the jobs: saved ones, and those of the dashboard. docs/operate.md
 * documents the lines. A query is written as a list of its commands.
 */
const BY_CUSTOMER = 'parse object "*#*" as customer, key';
const GIVEN_UP = 'filter event = "object" and result in ["REJECTED", "FAILED"]';

export const LOG_QUERIES = {
  FailuresByReason: [
    GIVEN_UP,
    'stats count(*) as objects, latest(object) as example by error.type, error.message',
    'sort objects desc',
    'limit 100',
  ],
  FailuresByCustomer: [
    GIVEN_UP,
    BY_CUSTOMER,
    'stats count(*) as objects, count_distinct(error.message) as reasons, max(@timestamp) as newest by customer',
    'sort objects desc',
    'limit 100',
  ],
  ObjectStory: [
    'fields @timestamp, object, version, result, attempts, seconds, error.type, error.message, @logStream',
    'filter object like "orders/a.csv"', // a part of the key, which both stages have: the user writes another
    'sort @timestamp asc',
    'limit 1000',
  ],
  Runs: [
    'filter event in ["run_started", "run_ended"]',
    'fields @timestamp, event, stage, run, seconds, objects.SUCCEEDED, objects.REJECTED, objects.FAILED',
    'sort @timestamp desc',
    'limit 200',
  ],
  RunTime: [
    'filter event = "run_ended"',
    'stats count(*) as runs, sum(seconds) / 3600 as hours, max(seconds) / 60 as longest_minutes by stage',
    'sort stage desc',
    'limit 10',
  ],
  SlowestObjects: [
    'filter event = "object" and result = "SUCCEEDED"',
    'fields @timestamp, object, seconds, bytes_in, rows_out, attempts',
    'sort seconds desc',
    'limit 100',
  ],
  UsageByCustomer: [
    'filter event = "object" and result = "SUCCEEDED"',
    BY_CUSTOMER,
    'stats count(*) as objects, sum(rows_out) as written_rows, sum(bytes_in) / 1000000 as megabytes by customer',
    'sort megabytes desc',
    'limit 100',
  ],
} as const satisfies Record<string, readonly string[]>;

export type LogQuery = keyof typeof LOG_QUERIES;

/** The commands as one text. */
export function queryText(query: LogQuery): string {
  return LOG_QUERIES[query].join('\n| ');
}

/** The saved queries of a lake, in a folder of its name. They are free; a run costs by the bytes that it reads. */
export class LogQueries extends Construct {
  constructor(scope: Construct, id: string, lake: LakeProps, stages: readonly Stage[]) {
    super(scope, id);
    for (const query of Object.keys(LOG_QUERIES) as LogQuery[]) {
      // The L2 construct puts the commands into an order of its own.
      new logs.CfnQueryDefinition(this, query, {
        name: `${lakeName(lake)}/${query}`,
        queryString: queryText(query),
        logGroupNames: stages.map(({ log }) => log.logGroupName),
      });
    }
  }
}
