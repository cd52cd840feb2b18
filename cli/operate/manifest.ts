import { DynamoDBDocumentClient, paginateQuery, QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import { Aws } from '../aws';

/** Statuses of an object version; `glue-assets/datalake/lake/state.py` says what they mean. */
export const STATUSES = ['PROCESSING', 'RETRYING', 'SUCCEEDED', 'REJECTED', 'FAILED', 'SUPERSEDED'] as const;

/** Digits of a contract's version in its key. */
const CONTRACT_DIGITS = 10;

/** An object version, as the manifest has it. Other attributes are in `--json`. */
export interface Item {
  readonly object: string;
  readonly version: string;
  readonly status: string;
  readonly updated_at: string;
  readonly uploaded_at?: string;
  readonly dataset?: string;
  readonly layer?: string;
  readonly sequencer?: string;
  readonly attempts?: number;
  /** When the replay was asked for that the version has been through. */
  readonly replay?: string;
  /** In seconds of the epoch. */
  readonly lease_until?: number;
  readonly rows_in?: number;
  readonly rows_out?: number;
  readonly rows_short?: number;
  readonly values_rescued?: number;
  readonly rescued_by_column?: Readonly<Record<string, number>>;
  readonly size_bytes?: number;
  readonly schema_version?: number;
  readonly job_name?: string;
  readonly job_run_id?: string;
  readonly source?: string;
  readonly outputs?: readonly string[];
  readonly output_versions?: readonly string[];
  readonly advice?: readonly string[];
  readonly error?: { readonly type: string; readonly message: string };
}

/** A version of a dataset's contract. */
export interface Contract {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
}

/** The key of an item's object. */
export const keyOf = ({ object }: Pick<Item, 'object'>): string => object.slice(object.indexOf('#') + 1);

/** An object version as `source` of another one names it. */
export const identityOf = ({ object, version }: Pick<Item, 'object' | 'version'>): string => `${object}#${version}`;

/** The manifest of a lake. */
export class Manifest {
  private readonly client: DynamoDBDocumentClient;

  constructor(aws: Aws, private readonly table: string) {
    this.client = DynamoDBDocumentClient.from(aws.dynamodb);
  }

  /** A customer's items of a status that were updated since a time, and up to another, the last updated first. */
  public byStatus(customer: string, status: string, from?: string, to?: string): AsyncGenerator<Item> {
    const since = to ? ' AND updated_at BETWEEN :since AND :until' : from && ' AND updated_at >= :since';
    const times = { ...from && { ':since': from }, ...to && { ':until': to } };
    return this.query({
      IndexName: 'by-status',
      KeyConditionExpression: `customer_status = :status${since ?? ''}`,
      ExpressionAttributeValues: { ':status': `${customer}#${status}`, ...times },
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

  /** A version of a dataset's contract; undefined if there is none. */
  public async contract(customer: string, dataset: string, version: number): Promise<Contract | undefined> {
    const query = this.query<Contract>({
      KeyConditionExpression: '#object = :object AND version = :version',
      ExpressionAttributeNames: { '#object': 'object' },
      ExpressionAttributeValues: {
        ':object': `${customer}#schema#${dataset}`, ':version': String(version).padStart(CONTRACT_DIGITS, '0'),
      },
    });
    for await (const contract of query) return contract;
    return undefined;
  }

  /** When the newest upload of a dataset arrived; undefined if none has. */
  public async newestUpload(customer: string, dataset: string): Promise<string | undefined> {
    const uploads = this.query({
      IndexName: 'by-dataset',
      KeyConditionExpression: 'customer_dataset = :feed',
      ExpressionAttributeValues: { ':feed': `${customer}#${dataset}` },
      ScanIndexForward: false,
      Limit: 1,
    });
    for await (const { uploaded_at } of uploads) return uploaded_at;
    return undefined;
  }

  private async *query<T = Item>(input: Omit<QueryCommandInput, 'TableName'>): AsyncGenerator<T> {
    const pages = paginateQuery({ client: this.client }, { TableName: this.table, ...input });
    for await (const { Items = [] } of pages) yield* Items as T[];
  }
}
