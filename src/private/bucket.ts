import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { acknowledge, Reasons } from './acknowledge';

/** How long access logs, the audit trail and the logs of the jobs are kept. */
export const LOG_RETENTION = Duration.days(365);

/** How long a multipart upload may take. */
export const UPLOAD_RETENTION = Duration.days(7);

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/amazon-s3-policy-keys.html#example-object-tls-version */
export const MINIMUM_TLS_VERSION = 1.2;

/** Reasons for every bucket. */
const REASONS: Reasons = {
  replication: 'a second Region doubles the cost: the user decides, not a default',
  objectLock: 'locked data cannot be erased for a customer who asks; versions protect the data',
};
/** Reasons for buckets that belong to no customer. */
export const RECORDS_REASONS: Reasons = {
  accessLogs: 'a log of logs would be logged again; results are read through Athena, and the trail records its calls',
  bucketEvents: 'nothing processes these objects',
  versions: 'every object is written once, under a unique name',
};

export interface BucketProps {
  readonly bucketName?: string;
  readonly versioned?: boolean;
  /** Without a key, S3 encrypts the bucket with its own. */
  readonly encryptionKey?: kms.IKey;
  readonly lifecycle: s3.LifecycleRule;
  readonly removalPolicy: RemovalPolicy;
}

/**
 * The removal policy of a resource with a fixed name. CloudFormation keeps a retained resource even if the operation
 * that creates it fails, and the next attempt finds the name taken. This variant deletes the resource in that case.
 */
export function keepOnceCreated(removalPolicy: RemovalPolicy): RemovalPolicy {
  return removalPolicy === RemovalPolicy.RETAIN ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : removalPolicy;
}

/**
 * The kind of bucket that a lake uses: encrypted, never public, no access control lists, TLS 1.2 or later. Its policy
 * is kept with it, so a bucket that leaves the app stays as closed as before.
 */
export function newBucket(scope: Construct, id: string, props: BucketProps): s3.Bucket {
  const { lifecycle, encryptionKey, ...others } = props;
  const removalPolicy = props.bucketName ? keepOnceCreated(props.removalPolicy) : props.removalPolicy;
  const bucket = new s3.Bucket(scope, id, {
    ...others,
    removalPolicy,
    encryptionKey,
    encryption: encryptionKey ? s3.BucketEncryption.KMS : s3.BucketEncryption.S3_MANAGED,
    bucketKeyEnabled: encryptionKey && true,
    blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
    objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
    enforceSSL: true,
    minimumTLSVersion: MINIMUM_TLS_VERSION,
    lifecycleRules: [{ abortIncompleteMultipartUploadAfter: UPLOAD_RETENTION, ...lifecycle }],
  });
  bucket.policy!.applyRemovalPolicy(removalPolicy);
  acknowledge(bucket, REASONS);
  return bucket;
}

/**
 * A bucket for logs about the lake.
 *
 * @param encryptionKey omit it for access logs: S3 does not deliver them to a bucket encrypted with a KMS key
 */
export function newLogBucket(
  scope: Construct, id: string, removalPolicy: RemovalPolicy, encryptionKey?: kms.IKey,
): s3.Bucket {
  const bucket = newBucket(scope, id, { encryptionKey, lifecycle: { expiration: LOG_RETENTION }, removalPolicy });
  acknowledge(bucket, RECORDS_REASONS);
  if (!encryptionKey) acknowledge(bucket, { encryptionKey: 'S3 delivers no access logs to a bucket with a KMS key' });
  return bucket;
}
