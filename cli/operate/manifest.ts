import { DynamoDBDocumentClient, paginateQuery, QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import { Aws } from '../aws';

/** Statuses of an object version; `glue-assets/datalake/lake/state.py` says what they mean. */
export const STATUSES = ['PROCESSING', 'RETRYING', 'SUCCEEDED', 'REJECTED', 'FAILED', 'SUPERSEDED'] as const;

/** An object version, as the manifest has it. Other attributes are in `--json`. */
export interface Item {
  readonly object: string;
  readonly version: string;
  readonly status: string;
  readonly updated_at: string;
  readonly uploaded_at?: string;
  readonly dataset?: string;
  readonly layer?: string;
  readonly attempts?: number;
  /** In seconds of the epoch. */
  readonly lease_until?: number;
  readonly rows_out?: number;
  readonly rows_short?: number;
  readonly values_rescued?: number;
  readonly size_bytes?: number;
  readonly schema_version?: number;
  readonly job_run_id?: string;
  readonly source?: string;
  readonly outputs?: readonly string[];
  readonly output_versions?: readonly string[];
  readonly advice?: readonly string[];
  readonly error?: { readonly type: string; readonly message: string };
}

/** The manifest of a lake. */
export class Manifest {
  private readonly client: DynamoDBDocumentClient;

  constructor(aws: Aws, private readonly table: string) {
    this.client = DynamoDBDocumentClient.from(aws.dynamodb);
  }

  /** A customer's items of a status that were updated since a time, the last updated first. */
  public byStatus(customer: string, status: string, from?: string): AsyncGenerator<Item> {
    const since = from && ' AND updated_at >= :since';
    return this.query({
      IndexName: 'by-status',
      KeyConditionExpression: `customer_status = :status${since ?? ''}`,
      ExpressionAttributeValues: { ':status': `${customer}#${status}`, ...from && { ':since': from } },
      ScanIndexForward: false,
    });
  }

  /** All versions of an object, without the record of the newest one. */
  public async *versions(customer: string, key: string): AsyncGenerator<Item> {
    const query = this.query({
      KeyConditionExpression: '#object = :object',
      ExpressionAttributeNames: { '#object': 'object' },
      ExpressionAttributeValues: { ':object': `${customer}#${key}` },
      ScanIndexForward: false,
    });
    for await (const item of query) if (item.status) yield item;
  }

  private async *query(input: Omit<QueryCommandInput, 'TableName'>): AsyncGenerator<Item> {
    const pages = paginateQuery({ client: this.client }, { TableName: this.table, ...input });
    for await (const { Items = [] } of pages) yield* Items as Item[];
  }
}
