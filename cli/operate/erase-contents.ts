import { BatchGetQueryExecutionCommand, QueryExecution } from '@aws-sdk/client-athena';
import {
  BatchDeleteTableCommand, DeleteDatabaseCommand, GetDatabaseCommand, paginateGetTables,
} from '@aws-sdk/client-glue';
import {
  AbortMultipartUploadCommand, DeleteBucketCommand, DeleteObjectsCommand, HeadBucketCommand, ObjectIdentifier,
  paginateListObjectsV2,
} from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { keyPages, removeItems } from './erase-items';
import { uploadPages, versionPages } from './versions';
import { Aws } from '../aws';

const LAYERS = ['raw', 'processed', 'analytics-ready'];
/** What services call something that is gone. */
const ABSENT = ['NoSuchBucket', 'NotFound', 'EntityNotFoundException'];
/** Limits of BatchGetQueryExecution and BatchDeleteTable. */
const [MOST_QUERIES, MOST_TABLES] = [50, 100];
const QUERY_ID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/;

export const LIST_ACTIONS = [
  'athena:BatchGetQueryExecution', 'dynamodb:Scan', 'glue:GetDatabase', 'glue:GetTables', 's3:ListBucket',
  's3:ListBucketMultipartUploads', 's3:ListBucketVersions',
];
export const REMOVE_ACTIONS = [
  'dynamodb:BatchWriteItem', 'glue:BatchDeleteTable', 'glue:DeleteDatabase', 's3:AbortMultipartUpload',
  's3:DeleteBucket', 's3:DeleteObject', 's3:DeleteObjectVersion',
];

/** Something of a customer: what it is, and its bytes. */
export type Thing = readonly [kind: string, bytes: number];

/** Things that one call removes. */
export interface Batch {
  readonly things: readonly Thing[];
  /** @throws if the call does not remove everything */
  remove(): Promise<unknown>;
}

/** Names of what belongs to a customer. */
export interface Belongings {
  readonly customer: string;
  readonly bucket: string;
  readonly database: string;
  readonly queryResults: string;
  readonly manifestTable: string;
}

/** Everything that a lake holds of one customer. */
export class Contents {
  private readonly dynamodb: DynamoDBDocumentClient;

  constructor(private readonly aws: Aws, private readonly names: Belongings) {
    this.dynamodb = DynamoDBDocumentClient.from(aws.dynamodb);
  }

  /** All but the bucket. The database goes early: without it the jobs drop waiting work of the customer. */
  public async *all(): AsyncGenerator<Batch> {
    const parts = [this.queryResults(), this.catalog(), this.objects(), this.uploads(), this.items()];
    for (const part of parts) yield* unlessAbsent(part);
  }

  /** The bucket. */
  public itself(): AsyncGenerator<Batch> {
    return unlessAbsent(this.bucket());
  }

  /** Results of queries that ran in the customer's database or name it. The key contains the query's id. */
  private async *queryResults(): AsyncGenerator<Batch> {
    const { queryResults: Bucket } = this.names;
    for await (const { Contents: found = [] } of paginateListObjectsV2({ client: this.aws.s3 }, { Bucket })) {
      const results = found.map(({ Key, Size }) => ({ Key, Size, id: QUERY_ID.exec(Key!)?.[0] }));
      const ids = [...new Set(results.flatMap(({ id }) => id ?? []))];
      const ours = new Set<string>();
      for (const some of chunks(ids, MOST_QUERIES)) (await this.queriesOf(some)).forEach((id) => ours.add(id));
      const objects = results.filter(({ id }) => id && ours.has(id));
      if (!objects.length) continue;
      const things = objects.map(({ Size }): Thing => ['query results', Size!]);
      yield { things, remove: () => this.deleteObjects(Bucket, objects.map(({ Key }) => ({ Key }))) };
    }
  }

  private async queriesOf(QueryExecutionIds: string[]): Promise<string[]> {
    const database = new RegExp(`\\b${this.names.database}\\b`, 'i');
    const { QueryExecutions = [] } = await this.aws.athena.send(
      new BatchGetQueryExecutionCommand({ QueryExecutionIds }));
    const isOurs = ({ Query, QueryExecutionContext }: QueryExecution) => (
      database.test(`${QueryExecutionContext?.Database ?? ''} ${Query}`));
    return QueryExecutions.filter(isOurs).map(({ QueryExecutionId }) => QueryExecutionId!);
  }

  private async *catalog(): AsyncGenerator<Batch> {
    const { database } = this.names;
    const names: string[] = [];
    for await (const { TableList = [] } of paginateGetTables({ client: this.aws.glue }, { DatabaseName: database })) {
      names.push(...TableList.map(({ Name }) => Name!));
    }
    for (const some of chunks(names, MOST_TABLES)) {
      yield { things: some.map((): Thing => ['tables', 0]), remove: () => this.deleteTables(some) };
    }
    await this.aws.glue.send(new GetDatabaseCommand({ Name: database }));
    const remove = () => this.aws.glue.send(new DeleteDatabaseCommand({ Name: database }));
    yield { things: [['databases', 0]], remove };
  }

  private async *objects(): AsyncGenerator<Batch> {
    const { bucket } = this.names;
    for await (const { Versions = [], DeleteMarkers = [] } of oneAhead(versionPages(this.aws, bucket))) {
      const things = [
        ...Versions.map(({ Key, IsLatest, Size }) => thingOf(Key!, IsLatest!, Size!)),
        ...DeleteMarkers.map((): Thing => ['delete markers', 0]),
      ];
      const objects = [...Versions, ...DeleteMarkers].map(({ Key, VersionId }) => ({ Key, VersionId }));
      if (things.length) yield { things, remove: () => this.deleteObjects(bucket, objects) };
    }
  }

  private async *uploads(): AsyncGenerator<Batch> {
    const { bucket: Bucket } = this.names;
    for await (const { Uploads = [] } of uploadPages(this.aws, Bucket)) {
      for (const { Key, UploadId } of Uploads) {
        const remove = () => this.aws.s3.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
        yield { things: [['unfinished uploads', 0]], remove };
      }
    }
  }

  /**
   * Found by a scan, which reads the items of all customers and misses none. No index contains the pointers and
   * contracts. After an interrupted erasure, or when the last version of a file has expired, no item and no object
   * leads to them.
   */
  private async *items(): AsyncGenerator<Batch> {
    const { manifestTable: table, customer } = this.names;
    for await (const keys of keyPages(this.dynamodb, table, customer)) {
      const things = keys.map(({ object, version }): Thing => [`manifest: ${kindOf(object, version)}`, 0]);
      if (keys.length) yield { things, remove: () => removeItems(this.dynamodb, table, keys) };
    }
  }

  private async *bucket(): AsyncGenerator<Batch> {
    const { bucket: Bucket } = this.names;
    await this.aws.s3.send(new HeadBucketCommand({ Bucket }));
    yield { things: [['buckets', 0]], remove: () => this.aws.s3.send(new DeleteBucketCommand({ Bucket })) };
  }

  /** A page of a listing has at most 1,000 versions, as many as one call deletes. */
  private async deleteObjects(Bucket: string, objects: readonly { Key?: string; VersionId?: string }[]): Promise<void> {
    const Delete = { Objects: objects as ObjectIdentifier[], Quiet: true };
    const { Errors = [] } = await this.aws.s3.send(new DeleteObjectsCommand({ Bucket, Delete }));
    check(Errors, `objects of ${Bucket}`);
  }

  private async deleteTables(TablesToDelete: string[]): Promise<void> {
    const { database: DatabaseName } = this.names;
    const { Errors = [] } = await this.aws.glue.send(new BatchDeleteTableCommand({ DatabaseName, TablesToDelete }));
    check(Errors, `tables of ${DatabaseName}`);
  }
}

/** Reads something that may be gone or may disappear meanwhile. */
async function* unlessAbsent(batches: AsyncGenerator<Batch>): AsyncGenerator<Batch> {
  try {
    yield* batches;
  } catch (error) {
    if (!ABSENT.includes((error as Error).name)) throw error;
  }
}

/** Each page when the next is there: none is listed from a version that is gone, or calls an old one the latest. */
async function* oneAhead<T>(pages: AsyncGenerator<T>): AsyncGenerator<T> {
  let held: T | undefined;
  for await (const page of pages) {
    if (held) yield held;
    held = page;
  }
  if (held) yield held;
}

function chunks<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, at) => all.slice(at * size, (at + 1) * size));
}

function thingOf(key: string, isLatest: boolean, bytes: number): Thing {
  const [layer] = key.split('/', 1);
  const place = LAYERS.includes(layer) && key.includes('/') ? `under ${layer}/` : 'elsewhere';
  return [`${isLatest ? 'objects' : 'replaced versions'} ${place}`, bytes];
}

function kindOf(object: string, version: string): string {
  if (object.split('#')[1] === 'schema') return 'contracts';
  return version === '#latest' ? 'pointers' : 'object versions';
}

function check(errors: readonly object[], what: string): void {
  if (!errors.length) return;
  const first = JSON.stringify(errors[0]);
  throw new Error(`${errors.length} ${what} were not removed, the first because of: ${first}`);
}
