import { Arn, Lazy, RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { grantTo, MergingPolicy, Permission } from './grants';
import { LakeProps } from './lake';
import { bucketPattern } from './naming';
import { limitPolicySize } from './policy-size';
import { principalArn } from './principal-arn';

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-management.html */
export const MAX_BUCKET_POLICY = 20_480;

export interface BucketAccessProps extends LakeProps {
  readonly bucketName: string;
  readonly dataRoleArn: string;
  /** Policy of the bucket's key. */
  readonly keyPolicy: MergingPolicy;
}

const READ = ['s3:GetObject*', 's3:ListBucket*'];
const WRITE = ['s3:PutObject*', 's3:DeleteObject*', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts',
  's3:RestoreObject'];
/** Not denied in a lake that is there to be destroyed: somebody has to empty its buckets. */
const EMPTYING = ['s3:ListBucket*', 's3:DeleteObject*'];

function deny(bucket: s3.Bucket, statement: iam.PolicyStatementProps): void {
  const principals = [new iam.AnyPrincipal()];
  bucket.addToResourcePolicy(new iam.PolicyStatement({ ...statement, effect: iam.Effect.DENY, principals }));
}

/**
 * Denies something to everybody but those who pass and the account's root user, who is there for the case that all else
 * fails, and for nothing else.
 *
 * @param passing ARNs of roles and users, asked for at synthesis
 */
export function denyOthers(bucket: s3.Bucket, statement: iam.PolicyStatementProps, passing: () => string[]): void {
  const root = Stack.of(bucket).formatArn({ service: 'iam', region: '', resource: 'root' });
  const arns = Lazy.list({ produce: () => [root, ...passing()] });
  deny(bucket, { ...statement, conditions: { ArnNotEquals: { 'aws:PrincipalArn': arns } } });
}

/** Fails the synthesis if the policy of a bucket is longer than S3 takes it. */
export function limitBucketPolicy(bucket: s3.Bucket, advice: string): void {
  const resource = bucket.policy!.node.defaultChild as s3.CfnBucketPolicy;
  limitPolicySize(resource, resource.policyDocument, MAX_BUCKET_POLICY, advice);
}

/** Who may do what with the data in a customer's bucket. */
export class BucketAccess {
  private readonly uploaders = new Set<string>();
  private readonly readers = new Set<string>();
  private readonly bucketArn: string;
  private readonly bucketPolicy: MergingPolicy;

  constructor(private readonly bucket: s3.Bucket, private readonly props: BucketAccessProps) {
    // From the name alone: the bucket's policy refers to grantees, so nothing that they get may refer to the bucket.
    this.bucketArn = this.arnOf(props.bucketName);
    this.bucketPolicy = new MergingPolicy(bucket);
    this.denyOtherEncryption();
    this.denyOtherPrincipals();
    limitBucketPolicy(bucket,
      'write fewer uploaderRoleArns and readerRoleArns, or grant less: let people and programs assume one role');
  }

  public grantUpload(grantee: iam.IGrantable): iam.Grant {
    this.uploaders.add(principalArn(this.bucket, 'grantUpload', grantee));
    return this.grant(grantee, {
      actions: ['s3:PutObject', 's3:PutObjectTagging', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts'],
      resources: [this.layer('raw')],
    }).combine(this.grantKey(grantee, ['kms:Decrypt', 'kms:GenerateDataKey'])); // multipart uploads decrypt
  }

  public grantRead(grantee: iam.IGrantable): iam.Grant {
    this.readers.add(principalArn(this.bucket, 'grantRead', grantee));
    const objects = this.layer('analytics-ready');
    const inLayer = { StringLike: { 's3:prefix': 'analytics-ready/*' } };
    const permissions: Permission[] = [
      { actions: ['s3:GetObject', 's3:GetObjectTagging', 's3:GetObjectVersion'], resources: [objects] },
      { actions: ['s3:GetBucketLocation'], resources: [this.bucketArn] },
      { actions: ['s3:ListBucket'], resources: [this.bucketArn], conditions: inLayer },
    ];
    return permissions.map((permission) => this.grant(grantee, permission))
      .reduce((all, grant) => all.combine(grant), this.grantKey(grantee, ['kms:Decrypt']));
  }

  private grant(grantee: iam.IGrantable, permission: Permission): iam.Grant {
    return grantTo(grantee, permission, this.bucketPolicy);
  }

  private grantKey(grantee: iam.IGrantable, actions: string[]): iam.Grant {
    const { encryptionKey: { keyArn }, organization, environment, keyPolicy } = this.props;
    const viaS3 = (bucketArn: string) => ({
      StringEquals: { 'kms:ViaService': `s3.${Stack.of(this.bucket).region}.${Stack.of(this.bucket).urlSuffix}` },
      StringLike: { 'kms:EncryptionContext:aws:s3:arn': bucketArn },
    });
    // Any key: the context names the bucket, and a reference to the key would tie the grantee's stack to the lake's.
    const anyKey = Stack.of(this.bucket).formatArn({ service: 'kms', resource: 'key', resourceName: '*' });
    const resources = [Token.isUnresolved(keyArn) ? anyKey : keyArn];
    return grantTo(grantee, { actions, resources, conditions: viaS3(this.bucketArn) }, keyPolicy, {
      actions,
      resources: ['*'],
      // The same for all customers, as the policy of a key has a size: which bucket, the buckets' policies say.
      conditions: viaS3(this.arnOf(bucketPattern(organization, environment))),
    });
  }

  /** An upload leaves the encryption to the bucket or names its key: not S3's key, no other, none of the caller's. */
  private denyOtherEncryption(): void {
    const header = 's3:x-amz-server-side-encryption';
    const conditions = {
      DenyOtherKeys: {
        Null: { [header]: 'false' },
        StringNotEquals: { [`${header}-aws-kms-key-id`]: this.props.encryptionKey.keyArn },
      },
      DenyCustomerProvidedKeys: { Null: { [`${header}-customer-algorithm`]: 'false' } },
    };
    Object.entries(conditions).forEach(([sid, condition]) => (
      deny(this.bucket, { sid, actions: ['s3:PutObject'], resources: [`${this.bucketArn}/*`], conditions: condition })
    ));
  }

  /** Whatever other policies allow, data passes by the jobs and by those alone to whom it was granted. */
  private denyOtherPrincipals(): void {
    const isKept = this.props.removalPolicy !== RemovalPolicy.DESTROY;
    const [write, read] = [WRITE, READ].map((all) => all.filter((action) => isKept || !EMPTYING.includes(action)));
    const [raw, ready] = [this.layer('raw'), this.layer('analytics-ready')];
    const nobody = new Set<string>();
    const statements: [sid: string, exempt: Set<string>, statement: iam.PolicyStatementProps][] = [
      ['DenyUploads', this.uploaders, { actions: write, resources: [raw] }],
      ['DenyOtherWrites', nobody, { actions: write, notResources: [raw] }],
      ['DenyReads', this.readers, { actions: read, resources: [this.bucketArn, ready] }],
      ['DenyOtherReads', nobody, { actions: read, notResources: [this.bucketArn, ready] }],
    ];
    for (const [sid, exempt, statement] of statements) {
      denyOthers(this.bucket, { ...statement, sid }, () => [this.props.dataRoleArn, ...exempt]);
    }
  }

  private layer(name: string): string {
    return `${this.bucketArn}/${name}/*`;
  }

  private arnOf(name: string): string {
    return Arn.format({ service: 's3', region: '', account: '', resource: name }, Stack.of(this.bucket));
  }
}
