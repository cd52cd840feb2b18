import { Duration, Stack } from 'aws-cdk-lib';
import * as glue from 'aws-cdk-lib/aws-glue';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { Customer } from '../customer';
import { acknowledge } from './acknowledge';
import { keepOnceCreated, newBucket } from './bucket';
import { BucketAccess } from './bucket-access';
import { CatalogProps, TableGrants } from './catalog';
import { checkKey, newKey } from './encryption-key';
import { checkAt } from './errors';
import { newFeedParameter } from './feed-parameter';
import { MergingPolicy } from './grants';
import { LakeProps } from './lake';
import { bucketName, databaseName, datasetsParameter } from './naming';

/** The `encryptionKey` of a customer for whom the lake creates a key. */
export const OWN_KEY = 'own';
/** How long a replaced object can be restored. */
export const NONCURRENT_VERSION_RETENTION = Duration.days(90);

export interface CustomerStorageProps extends LakeProps, CatalogProps {
  readonly customer: Customer;
  readonly dataRoleArn: string;
  readonly importRoleArn: string;
  readonly keyPolicy: MergingPolicy;
  readonly accessLogs: s3.IBucket;
}

/** A customer's own resources: the bucket with its policy, the database, and what uploads are expected. */
export class CustomerStorage extends Construct {
  public readonly bucket: s3.Bucket;
  public readonly access: BucketAccess;
  public readonly databaseName: string;
  public readonly encryptionKey: kms.IKey;

  private readonly tables?: TableGrants;

  constructor(scope: Construct, id: string, props: CustomerStorageProps) {
    super(scope, id);
    const name = bucketName(props.organization, props.customer.customerId, props.environment);
    this.databaseName = databaseName(props.organization, props.customer.customerId, props.environment);
    const database = this.newDatabase(name, props);
    const encryptionKey = this.encryptionKey = this.keyOf(props);
    const isLakes = encryptionKey === props.encryptionKey;
    this.bucket = this.newBucket(name, { ...props, encryptionKey });
    this.tables = props.lakeFormation ? new TableGrants(this, 'Tables', database, props.dataRoleArn) : undefined;
    // Events of a bucket whose database does not exist, or is closed to the jobs, become dead letters.
    this.bucket.node.addDependency(this.tables ?? database);
    newFeedParameter(this, 'Feeds', props);
    const keyPolicy = isLakes ? props.keyPolicy : new MergingPolicy(encryptionKey);
    this.access = new BucketAccess(this.bucket, { ...props, encryptionKey, keyPolicy, bucketName: name });
  }

  /** Lets a role of `queryRoleArns` do the same. Its policy says the rest, which the app does not have. */
  public openTo(roleArn: string): void {
    this.access.grantRead(new iam.ArnPrincipal(roleArn));
    this.tables?.openTo(roleArn);
  }

  /** Lets a grantee read the data and, where Lake Formation guards the catalog, see the tables. */
  public letQuery(grantee: iam.IGrantable): void {
    this.access.letRead(grantee, 'grantQuery');
    this.tables?.grantQuery(grantee);
  }

  private keyOf(props: CustomerStorageProps): kms.IKey {
    const { customer: { customerId, encryptionKey }, removalPolicy } = props;
    if (encryptionKey === undefined) return props.encryptionKey;
    if (encryptionKey === OWN_KEY) {
      return newKey(this, 'EncryptionKey', removalPolicy, `Objects of ${customerId} in a data lake`);
    }
    const brought = kms.Key.fromKeyArn(this, 'EncryptionKey', encryptionKey);
    checkKey(this, `'encryptionKey' of the customer '${customerId}'`, brought);
    return brought;
  }

  private newBucket(name: string, props: CustomerStorageProps): s3.Bucket {
    const bucket = newBucket(this, 'Bucket', {
      bucketName: name,
      versioned: true, // the manifest and the tables refer to versions
      encryptionKey: props.encryptionKey,
      lifecycle: { noncurrentVersionExpiration: NONCURRENT_VERSION_RETENTION, expiredObjectDeleteMarker: true },
      removalPolicy: props.removalPolicy,
    });
    const resource = bucket.node.defaultChild as s3.CfnBucket;
    // The L1 property: the L2 one adds a Lambda function whose policy is full at about 66 buckets.
    resource.notificationConfiguration = { eventBridgeConfiguration: { eventBridgeEnabled: true } };
    // The L1 property again: the L2 one adds a statement to the log bucket's policy for every bucket.
    resource.loggingConfiguration = {
      destinationBucketName: props.accessLogs.bucketName,
      logFilePrefix: `${props.customer.customerId}/`,
    };
    acknowledge(bucket, { accessLogsInSight: 'cfn-guard does not follow a reference into another stack' });
    return bucket;
  }

  private newDatabase(bucket: string, props: CustomerStorageProps): glue.CfnDatabase {
    const datasets = checkAt(this, () => datasetsParameter(props.customer.datasets));
    const database = new glue.CfnDatabase(this, 'Database', {
      catalogId: Stack.of(this).account,
      databaseInput: {
        name: this.databaseName,
        description: `Tables of ${bucket}`,
        parameters: datasets && { datasets }, // read by the jobs
      },
    });
    database.applyRemovalPolicy(keepOnceCreated(props.removalPolicy));
    return database;
  }
}
