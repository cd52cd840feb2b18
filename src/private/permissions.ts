import { Stack, Token } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { useOfCatalogKey } from './catalog';
import { Permission } from './grants';
import { bucketArn, LakeNames, lakeName } from './lake';
import { bucketName, databaseName, queryResultsName } from './naming';

/** Athena's name of the account's Glue Data Catalog. */
const DATA_CATALOG = 'AwsDataCatalog';

/** What uploads to buckets of customers take. */
export const uploads = (...bucketArns: string[]): Permission => ({
  // PutObjectAcl: many clients send bucket-owner-full-control, the one ACL that a bucket without ACLs takes.
  actions: ['s3:PutObject', 's3:PutObjectAcl', 's3:PutObjectTagging', 's3:AbortMultipartUpload',
    's3:ListMultipartUploadParts'],
  resources: bucketArns.map((arn) => `${arn}/raw/*`),
});
/** What uploads take on the key of the bucket. Those of several parts decrypt. */
export const UPLOADS_KEY = ['kms:Decrypt', 'kms:GenerateDataKey'];

/** What reading in buckets of customers takes. */
export const reads = (...bucketArns: string[]): Permission[] => [
  {
    actions: ['s3:GetObject', 's3:GetObjectTagging', 's3:GetObjectVersion'],
    resources: bucketArns.map((arn) => `${arn}/analytics-ready/*`),
  },
  { actions: ['s3:GetBucketLocation'], resources: bucketArns },
  {
    actions: ['s3:ListBucket'],
    resources: bucketArns,
    conditions: { StringLike: { 's3:prefix': 'analytics-ready/*' } },
  },
];
/** What reading takes on the key of the bucket. */
export const READS_KEY = ['kms:Decrypt'];

/** What erasing in the bucket of a customer takes. */
export const erases = (arn: string): Permission => ({
  actions: ['s3:DeleteObject'],
  resources: ['raw', 'processed', 'analytics-ready'].map((layer) => `${arn}/${layer}/*`),
});

/** Use of a key by S3 for the objects of some buckets. */
export function throughS3(scope: Construct, actions: string[], keys: string[], bucketArns: string[]): Permission {
  const { region, urlSuffix } = Stack.of(scope);
  return {
    actions,
    resources: keys,
    conditions: {
      StringEquals: { 'kms:ViaService': `s3.${region}.${urlSuffix}` },
      StringLike: { 'kms:EncryptionContext:aws:s3:arn': bucketArns.length === 1 ? bucketArns[0] : bucketArns },
    },
  };
}

/**
 * ARNs of keys for the policy of a grantee. A key of the app, or an unknown one, is any key of the account: a reference
 * to it would tie the grantee's stack to the lake's. A condition names the buckets.
 */
export function keyArns(scope: Construct, keys: (kms.IKey | undefined)[]): string[] {
  const anyKey = Stack.of(scope).formatArn({ service: 'kms', resource: 'key', resourceName: '*' });
  return [...new Set(keys.map((key) => !key || Token.isUnresolved(key.keyArn) ? anyKey : key.keyArn))];
}

export interface Queried {
  /** The customers; omit them for all. */
  readonly customerIds?: string[];
  /** Keys of the results and of the customers' buckets. */
  readonly keys: (kms.IKey | undefined)[];
  readonly catalogKey?: kms.IKey;
}

/** What queries of the tables of customers take, with the reading of the objects behind the tables. */
export function queries(scope: Construct, lake: LakeNames, queried: Queried): Permission[] {
  const { organization, environment } = lake;
  const arn = (service: string, resource: string, resourceName?: string) => (
    Stack.of(scope).formatArn({ service, resource, resourceName }));
  const customers = queried.customerIds ?? ['*'];
  const databases = customers.map((id) => databaseName(organization, id, environment));
  const buckets = customers.map((id) => bucketArn(scope, bucketName(organization, id, environment)));
  const results = bucketArn(scope, queryResultsName(organization, environment));
  const keys = keyArns(scope, queried.keys);
  return [
    ...reads(...buckets),
    throughS3(scope, READS_KEY, keys, buckets),
    // Listing queries is withheld, since a query id gives access to its result. Listing databases is, too: their names
    // are those of the customers.
    {
      actions: ['athena:StartQueryExecution', 'athena:StopQueryExecution', 'athena:GetQueryExecution',
        'athena:BatchGetQueryExecution', 'athena:GetQueryResults', 'athena:GetQueryResultsStream',
        'athena:GetWorkGroup'],
      resources: [arn('athena', 'workgroup', lakeName(lake))],
    },
    // BI tools and drivers read the tables' columns through Athena, which asks Glue with the grantee's permissions:
    // https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSQuicksightAthenaAccess.html
    {
      actions: ['athena:GetDataCatalog', 'athena:GetDatabase', 'athena:GetTableMetadata', 'athena:ListTableMetadata'],
      resources: [arn('athena', 'datacatalog', DATA_CATALOG)],
    },
    {
      actions: ['glue:GetDatabase', 'glue:GetTable', 'glue:GetTables', 'glue:GetPartitions'],
      resources: [arn('glue', 'catalog'), ...databases.flatMap((name) => (
        [arn('glue', 'database', name), arn('glue', 'table', `${name}/*`)]))],
    },
    // Athena requires it of every caller:
    // https://docs.aws.amazon.com/athena/latest/ug/fine-grained-access-to-glue-resources.html
    { actions: ['glue:GetDatabase'], resources: [arn('glue', 'database', 'default')] },
    { actions: ['s3:GetBucketLocation'], resources: [results] },
    {
      actions: ['s3:GetObject', 's3:PutObject', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts'],
      resources: [`${results}/*`],
    },
    throughS3(scope, ['kms:Decrypt', 'kms:GenerateDataKey'], keys, [results]),
    ...useOfCatalogKey(scope, queried.catalogKey),
  ];
}
