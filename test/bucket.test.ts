import { App, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Synthesized } from './lake';
import { BucketProps, newBucket, newLogBucket } from '../src/private/bucket';

const DESTROYED = { lifecycle: {}, removalPolicy: RemovalPolicy.DESTROY };

/** A stack with one bucket. */
function stackWith(make: (stack: Stack) => s3.Bucket): { bucket: s3.Bucket; stack: Stack; properties: any } {
  const stack = new Stack(new App(), 'Stack');
  const bucket = make(stack);
  return { bucket, stack, properties: new Synthesized(stack).one('AWS::S3::Bucket') };
}
const bucketOf = (props: Partial<BucketProps> = {}) => (
  stackWith((stack) => newBucket(stack, 'Bucket', { ...DESTROYED, ...props })));
const logBucket = (withKey: boolean) => stackWith((stack) => (
  newLogBucket(stack, 'Logs', RemovalPolicy.DESTROY, withKey ? new kms.Key(stack, 'Key') : undefined)));

test('a bucket is encrypted, closed to the public, without access control lists, and drops unfinished uploads', () => {
  expect(bucketOf().properties).toEqual({
    BucketEncryption: {
      ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
    },
    LifecycleConfiguration: {
      Rules: [{ AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 }, Status: 'Enabled' }],
    },
    OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
    PublicAccessBlockConfiguration: {
      BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true,
    },
  });
});

test('a bucket refuses plain HTTP, and TLS before 1.2', () => {
  const denied = new Synthesized(bucketOf().stack).statements().filter(({ Effect }) => Effect === 'Deny');
  expect(denied.map(({ Action, Condition }) => [Action, Condition])).toEqual([
    ['s3:*', { Bool: { 'aws:SecureTransport': 'false' } }],
    ['s3:*', { NumericLessThan: { 's3:TlsVersion': 1.2 } }],
  ]);
});

test('with a KMS key, a bucket key spares most of the calls to KMS', () => {
  expect(logBucket(true).properties.BucketEncryption.ServerSideEncryptionConfiguration).toEqual([{
    BucketKeyEnabled: true,
    ServerSideEncryptionByDefault: { KMSMasterKeyID: '${Key.Arn}', SSEAlgorithm: 'aws:kms' },
  }]);
});

test('a bucket that stays keeps its policy, and one whose creation fails leaves its name free', () => {
  const kinds = ['AWS::S3::Bucket', 'AWS::S3::BucketPolicy'];
  const policies = (props: Partial<BucketProps>) => (
    Object.values(new Synthesized(bucketOf(props).stack).deletionPolicies(...kinds)));
  const retained = { removalPolicy: RemovalPolicy.RETAIN };
  expect(policies(retained)).toEqual(['Retain', 'Retain']);
  expect(policies({ ...retained, bucketName: 'taken' })).toEqual(['RetainExceptOnCreate', 'RetainExceptOnCreate']);
  expect(policies({ bucketName: 'taken' })).toEqual(['Delete', 'Delete']);
});

test('what its user asks for is added', () => {
  const lifecycle = { noncurrentVersionExpiration: Duration.days(3), prefix: 'raw/' };
  const { properties } = bucketOf({ bucketName: 'own', versioned: true, lifecycle });
  expect(properties.BucketName).toBe('own');
  expect(properties.VersioningConfiguration).toEqual({ Status: 'Enabled' });
  expect(properties.LifecycleConfiguration.Rules).toEqual([{
    AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
    NoncurrentVersionExpiration: { NoncurrentDays: 3 },
    Prefix: 'raw/',
    Status: 'Enabled',
  }]);
});

test('logs about the lake are kept for a year', () => {
  for (const withKey of [false, true]) {
    expect(logBucket(withKey).properties.LifecycleConfiguration.Rules).toEqual([{
      AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 }, ExpirationInDays: 365, Status: 'Enabled',
    }]);
  }
});

test('rule packs are told why a bucket lacks what they ask for', () => {
  const missing = (bucket: s3.Bucket) => [...new Set(bucket.node.metadata.flatMap(({ data }) => (
    Object.entries<string>(data).map(([rule, reason]) => `${rule.replace(/^.*[:-]/, '')}: ${reason}`))))];
  const ofAll = [
    'S3BucketReplicationEnabled: a second Region doubles the cost: the user decides, not a default',
    's3_bucket_object_lock_enabled_check: locked data cannot be erased for a customer who asks; '
      + 'versions protect the data',
  ];
  expect(missing(bucketOf().bucket)).toEqual(ofAll);
  const logging = 'a log of logs would be logged again; results are read through Athena, '
    + 'and the trail records its calls';
  const versioning = 'every object is written once, under a unique name';
  const ofLogs = [
    ...ofAll,
    `S1: ${logging}`,
    `S3BucketLoggingEnabled: ${logging}`,
    `s3_bucket_logging_enabled_check: ${logging}`,
    's3_event_notifications_enabled_check: nothing processes these objects',
    `S3BucketVersioningEnabled: ${versioning}`,
    `s3_bucket_versioning_enabled_check: ${versioning}`,
  ];
  expect(missing(logBucket(true).bucket)).toEqual(ofLogs);
  const encryption = 'S3 delivers no access logs to a bucket with a KMS key';
  expect(missing(logBucket(false).bucket)).toEqual([
    ...ofLogs, `S3DefaultEncryptionKMS: ${encryption}`, `s3_bucket_default_encryption_kms_check: ${encryption}`,
  ]);
});
