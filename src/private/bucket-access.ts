import { Lazy, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { grantTo, MergingPolicy, Permission } from './grants';
import { bucketArn, LakeProps } from './lake';
import { bucketPattern } from './naming';
import { erases, keyArns, reads, READS_KEY, throughS3, uploads, UPLOADS_KEY } from './permissions';
import { limitPolicySize } from './policy-size';
import { principalArn } from './principal-arn';

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-management.html */
export const MAX_BUCKET_POLICY = 20_480;

export interface BucketAccessProps extends LakeProps {
  readonly bucketName: string;
  readonly dataRoleArn: string;
  /** Role of the import, which may write raw objects. */
  readonly importRoleArn: string;
  /** Policy of the bucket's key. */
  readonly keyPolicy: MergingPolicy;
}

const LIST = ['s3:ListBucket*'];
const WRITE = ['s3:PutObject*', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts', 's3:RestoreObject'];
const ERASE = ['s3:DeleteObject*'];

function deny(bucket: s3.Bucket, statement: iam.PolicyStatementProps): void {
  const principals = [new iam.AnyPrincipal()];
  bucket.addToResourcePolicy(new iam.PolicyStatement({ ...statement, effect: iam.Effect.DENY, principals }));
}

/**
 * Denies something to all principals but those that pass and the account's root user, the last resort when all else
 * fails.
 *
 * @param passing ARNs of roles and users, read at synthesis
 */
export function denyOthers(bucket: s3.Bucket, statement: iam.PolicyStatementProps, passing: () => string[]): void {
  const root = Stack.of(bucket).formatArn({ service: 'iam', region: '', resource: 'root' });
  const arns = Lazy.list({ produce: () => [root, ...passing()] });
  deny(bucket, { ...statement, conditions: { ArnNotEquals: { 'aws:PrincipalArn': arns } } });
}

/** Fails the synthesis if the policy of a bucket is longer than S3 allows. */
export function limitBucketPolicy(bucket: s3.Bucket, advice: string): void {
  const resource = bucket.policy!.node.defaultChild as s3.CfnBucketPolicy;
  limitPolicySize(resource, resource.policyDocument, MAX_BUCKET_POLICY, advice);
}

/** Who may do what with the data in a customer's bucket. */
export class BucketAccess {
  private readonly uploaders: Set<string>;
  private readonly readers = new Set<string>();
  private readonly erasers = new Set<string>();
  private readonly bucketArn: string;
  private readonly bucketPolicy: MergingPolicy;

  constructor(private readonly bucket: s3.Bucket, private readonly props: BucketAccessProps) {
    // Made of the name: the bucket's policy refers to grantees, so a reference back to the bucket would be a cycle.
    this.bucketArn = bucketArn(bucket, props.bucketName);
    this.bucketPolicy = new MergingPolicy(bucket);
    this.uploaders = new Set([props.importRoleArn]);
    this.denyOtherEncryption();
    this.denyOtherPrincipals();
    limitBucketPolicy(bucket,
      'write fewer uploaderRoleArns and readerRoleArns, or grant less: let people and programs assume one role');
  }

  public grantUpload(grantee: iam.IGrantable): iam.Grant {
    const arn = principalArn(this.bucket, 'grantUpload', grantee);
    this.uploaders.add(arn);
    return this.grant(grantee, arn, uploads(this.bucketArn)).combine(this.grantKey(grantee, arn, UPLOADS_KEY));
  }

  public grantRead(grantee: iam.IGrantable): iam.Grant {
    const arn = this.letRead(grantee, 'grantRead');
    return reads(this.bucketArn).map((permission) => this.grant(grantee, arn, permission))
      .reduce((all, grant) => all.combine(grant), this.grantKey(grantee, arn, READS_KEY));
  }

  /** Lets a grantee past the bucket's policy, whose own policy says the rest. Returns the ARN of the grantee. */
  public letRead(grantee: iam.IGrantable, method: string): string {
    const arn = principalArn(this.bucket, method, grantee);
    this.readers.add(arn);
    return arn;
  }

  public grantErase(grantee: iam.IGrantable): iam.Grant {
    const arn = principalArn(this.bucket, 'grantErase', grantee);
    this.erasers.add(arn);
    return this.grant(grantee, arn, erases(this.bucketArn));
  }

  private grant(grantee: iam.IGrantable, arn: string, permission: Permission): iam.Grant {
    return grantTo(grantee, arn, permission, this.bucketPolicy);
  }

  private grantKey(grantee: iam.IGrantable, arn: string, actions: string[]): iam.Grant {
    const { encryptionKey, organization, environment, keyPolicy } = this.props;
    const permission = (keys: string[], buckets: string) => throughS3(this.bucket, actions, keys, [buckets]);
    // One statement for all customers, since the policy of a key has a size. The buckets' policies keep them apart.
    const inKey = permission(['*'], bucketArn(this.bucket, bucketPattern(organization, environment)));
    return grantTo(grantee, arn, permission(keyArns(this.bucket, [encryptionKey]), this.bucketArn), keyPolicy, inKey);
  }

  /** An upload names the bucket's key or no encryption at all: not S3's key, another key, or a key of the caller. */
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

  /** Only the jobs and granted principals reach the data, whatever other policies allow. */
  private denyOtherPrincipals(): void {
    const [raw, ready, nobody] = [this.layer('raw'), this.layer('analytics-ready'), new Set<string>()];
    // A lake that is going to be destroyed has to be emptied by somebody.
    const isKept = this.props.removalPolicy !== RemovalPolicy.DESTROY;
    const read = ['s3:GetObject*', ...isKept ? LIST : []];
    const statements: [sid: string, exempt: Set<string>, statement: iam.PolicyStatementProps][] = [
      ['DenyUploads', this.uploaders, { actions: WRITE, resources: [raw] }],
      ['DenyOtherWrites', nobody, { actions: WRITE, notResources: [raw] }],
      ['DenyReads', this.readers, { actions: read, resources: [this.bucketArn, ready] }],
      ['DenyOtherReads', nobody, { actions: read, notResources: [this.bucketArn, ready] }],
    ];
    if (isKept) statements.push(['DenyErasing', this.erasers, { actions: ERASE, resources: [`${this.bucketArn}/*`] }]);
    for (const [sid, exempt, statement] of statements) {
      denyOthers(this.bucket, { ...statement, sid }, () => [this.props.dataRoleArn, ...exempt]);
    }
  }

  private layer(name: string): string {
    return `${this.bucketArn}/${name}/*`;
  }
}
