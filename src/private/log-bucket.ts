import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';

/** How long access logs and the audit trail are kept. */
export const LOG_RETENTION = Duration.days(365);

/**
 * A bucket for logs about the lake, which it neither encrypts nor keeps as data.
 *
 * @param encryptionKey without it the bucket is encrypted by S3: S3 delivers access logs to no bucket with a KMS key
 */
export function newLogBucket(
  scope: Construct, id: string, removalPolicy: RemovalPolicy, encryptionKey?: kms.IKey,
): s3.Bucket {
  return new s3.Bucket(scope, id, {
    encryption: encryptionKey ? s3.BucketEncryption.KMS : s3.BucketEncryption.S3_MANAGED,
    encryptionKey,
    bucketKeyEnabled: encryptionKey ? true : undefined,
    blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
    enforceSSL: true,
    objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
    lifecycleRules: [{ expiration: LOG_RETENTION, abortIncompleteMultipartUploadAfter: Duration.days(7) }],
    removalPolicy,
  });
}
