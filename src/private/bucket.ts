import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { acknowledge, Reasons } from './acknowledge';

/** How long access logs and the audit trail are kept. */
export const LOG_RETENTION = Duration.days(365);

/** How long an upload may take from its first to its last part. */
export const UPLOAD_RETENTION = Duration.days(7);

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/amazon-s3-policy-keys.html#example-object-tls-version */
export const MINIMUM_TLS_VERSION = 1.2;

/** Of every bucket. */
const REASONS: Reasons = {
  replication: 'a second Region doubles the cost: for the user to decide, not for a default',
  objectLock: 'data that nobody can delete cannot be erased for a customer who asks; versions protect it',
};
/** Of a bucket that is no customer's. */
export const RECORDS_REASONS: Reasons = {
  accessLogs: 'a log of logs would be logged again; results are reached through Athena, whose calls the trail has',
  bucketEvents: 'nobody waits for these objects',
  versions: 'every object is written once, under a name of its own',
};

export interface BucketProps {
  readonly bucketName?: string;
  readonly versioned?: boolean;
  /** Without it the bucket is encrypted by S3. */
  readonly encryptionKey?: kms.IKey;
  readonly lifecycle: s3.LifecycleRule;
  readonly removalPolicy: RemovalPolicy;
}

/**
 * A bucket as all of a lake are: encrypted, never public, without access control lists, by TLS 1.2 or later only. Its
 * policy stays as long as it does: a bucket that has left the app is as closed as before.
 */
export function newBucket(scope: Construct, id: string, props: BucketProps): s3.Bucket {
  const { lifecycle, encryptionKey, ...others } = props;
  const bucket = new s3.Bucket(scope, id, {
    ...others,
    encryptionKey,
    encryption: encryptionKey ? s3.BucketEncryption.KMS : s3.BucketEncryption.S3_MANAGED,
    bucketKeyEnabled: encryptionKey && true,
    blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
    objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
    enforceSSL: true,
    minimumTLSVersion: MINIMUM_TLS_VERSION,
    lifecycleRules: [{ abortIncompleteMultipartUploadAfter: UPLOAD_RETENTION, ...lifecycle }],
  });
  bucket.policy!.applyRemovalPolicy(props.removalPolicy);
  acknowledge(bucket, REASONS);
  return bucket;
}

/**
 * A bucket for logs about the lake.
 *
 * @param encryptionKey not for access logs: S3 delivers them to no bucket that is encrypted with a key
 */
export function newLogBucket(
  scope: Construct, id: string, removalPolicy: RemovalPolicy, encryptionKey?: kms.IKey,
): s3.Bucket {
  const bucket = newBucket(scope, id, { encryptionKey, lifecycle: { expiration: LOG_RETENTION }, removalPolicy });
  acknowledge(bucket, RECORDS_REASONS);
  if (!encryptionKey) acknowledge(bucket, { encryptionKey: 'S3 delivers access logs to no bucket with a KMS key' });
  return bucket;
}
