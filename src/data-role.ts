import { Lazy, Stack } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { wildcards } from './private/acknowledge';
import { CatalogProps, useOfCatalogKey } from './private/catalog';
import { LakeProps } from './private/lake';
import { bucketName } from './private/naming';

export interface DataRoleProps extends LakeProps, Pick<CatalogProps, 'catalogKey'> {
  readonly manifest: dynamodb.ITable;
}

// What the tags of a session resolve to. Without them these match nothing.
const CUSTOMER = '${aws:PrincipalTag/customer}';
const DATABASE = '${aws:PrincipalTag/database}';

/**
 * The one role that touches customers' data. A job assumes it for one customer at a time, with the session tags
 * `customer` and `database`, which the policy names in bucket, encryption context, leading key and catalog.
 */
export class DataRole extends Construct {
  public readonly roleArn: string;

  private readonly jobRoles: iam.IRole[] = [];

  constructor(scope: Construct, id: string, props: DataRoleProps) {
    super(scope, id);
    const assumedBy = new iam.AccountRootPrincipal().withConditions({
      ArnEquals: { 'aws:PrincipalArn': Lazy.list({ produce: () => this.jobRoles.map((role) => role.roleArn) }) },
      Null: { 'aws:RequestTag/customer': 'false', 'aws:RequestTag/database': 'false' },
    });
    const role = new iam.Role(this, 'Role', { assumedBy: assumedBy.withSessionTags() });
    this.roleArn = role.roleArn;
    const statements = [...objectStatements(this, props), ...manifestStatements(this, props),
      ...catalogStatements(this, props)];
    statements.forEach((statement) => role.addToPolicy(statement));
  }

  /** Lets a job open sessions, one for each customer that it works for. */
  public grantSessions(jobRole: iam.IRole): iam.Grant {
    this.jobRoles.push(jobRole);
    const actions = ['sts:AssumeRole', 'sts:TagSession'];
    return iam.Grant.addToPrincipal({ grantee: jobRole, actions, resourceArns: [this.roleArn] });
  }
}

/** Raw objects are read and tagged, never written: only the later layers are the lake's own. */
function objectStatements(scope: Construct, props: DataRoleProps): iam.PolicyStatement[] {
  const stack = Stack.of(scope);
  const bucket = stack.formatArn({
    service: 's3', region: '', account: '', resource: bucketName(props.organization, CUSTOMER, props.environment),
  });
  const objects = (...layers: string[]) => wildcards(scope, 'the objects of a layer, in the bucket of one customer',
    ...layers.map((layer) => `${bucket}/${layer}/*`));
  return [
    new iam.PolicyStatement({
      sid: 'ReadAndTagObjects',
      actions: ['s3:GetObject', 's3:GetObjectVersion', 's3:GetObjectTagging', 's3:GetObjectVersionTagging',
        's3:PutObjectTagging', 's3:PutObjectVersionTagging'],
      resources: objects('raw', 'processed', 'analytics-ready'),
    }),
    new iam.PolicyStatement({
      // S3 says only to those who may list that an object is missing; to others it is forbidden, and so a job could not
      // tell a deleted object from a denied one. Without a condition on the prefix: such a request has none.
      sid: 'TellMissingObjects',
      actions: ['s3:ListBucket'],
      resources: [bucket],
    }),
    new iam.PolicyStatement({
      // S3's own order of a key's versions, for sequencers of unequal length. The job asks for one key at a time.
      sid: 'OrderVersions',
      actions: ['s3:ListBucketVersions'],
      resources: [bucket],
      conditions: { StringLike: { 's3:prefix': ['raw/*', 'processed/*'] } },
    }),
    new iam.PolicyStatement({
      sid: 'WriteObjects',
      actions: ['s3:PutObject', 's3:AbortMultipartUpload'],
      resources: objects('processed', 'analytics-ready'),
    }),
    new iam.PolicyStatement({
      sid: 'Encryption',
      actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
      // A customer may have a key of its own, in its own account even.
      resources: wildcards(scope, 'any key, for the bucket of one customer by the encryption context',
        stack.formatArn({ service: 'kms', account: '*', resource: 'key', resourceName: '*' })),
      conditions: {
        StringEquals: {
          'kms:ViaService': `s3.${stack.region}.${stack.urlSuffix}`,
          'kms:EncryptionContext:aws:s3:arn': bucket, // the bucket, not the object: bucket keys are on
        },
      },
    }),
  ];
}

function manifestStatements(scope: Construct, props: DataRoleProps): iam.PolicyStatement[] {
  const { region, urlSuffix } = Stack.of(scope);
  return [
    new iam.PolicyStatement({
      sid: 'Manifest',
      actions: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
      resources: [props.manifest.tableArn], // a job has no use for the indexes
      conditions: {
        'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [`${CUSTOMER}#*`] },
        'Null': { 'dynamodb:LeadingKeys': 'false' }, // no values at all would be all values, too
      },
    }),
    new iam.PolicyStatement({
      sid: 'ManifestEncryption',
      actions: ['kms:Decrypt'], // the table's own key; the data is encrypted with that
      resources: [props.encryptionKey.keyArn],
      conditions: { StringEquals: { 'kms:ViaService': `dynamodb.${region}.${urlSuffix}` } },
    }),
  ];
}

function catalogStatements(scope: Construct, props: DataRoleProps): iam.PolicyStatement[] {
  const arn = (resource: string, resourceName?: string) =>
    Stack.of(scope).formatArn({ service: 'glue', resource, resourceName });
  const catalog = new iam.PolicyStatement({
    sid: 'Catalog',
    actions: ['glue:GetDatabase', 'glue:GetTable', 'glue:CreateTable', 'glue:UpdateTable'],
    resources: [arn('catalog'), arn('database', DATABASE),
      ...wildcards(scope, 'the tables of one customer', arn('table', `${DATABASE}/*`))],
  });
  const encryption = useOfCatalogKey(scope, props.catalogKey).map((permission) => (
    new iam.PolicyStatement({ sid: 'CatalogEncryption', ...permission })));
  return [catalog, ...encryption];
}
