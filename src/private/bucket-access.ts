import { Arn, Lazy, RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { KeyUsers } from './encryption-key';
import { LakeProps } from './lake';
import { principalArn } from './principal-arn';

export interface BucketAccessProps extends LakeProps {
  readonly bucketName: string;
  readonly dataRoleArn: string;
  readonly keyUsers: KeyUsers;
}

type GrantConditions = iam.CommonGrantOptions['conditions'];

const READ = ['s3:GetObject*', 's3:ListBucket*'];
const WRITE = ['s3:PutObject*', 's3:DeleteObject*', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts',
  's3:RestoreObject'];
/** Not denied in a lake that is there to be destroyed: somebody has to empty its buckets. */
const EMPTYING = ['s3:ListBucket*', 's3:DeleteObject*'];

/** Who may do what with the data in a customer's bucket. */
export class BucketAccess {
  private readonly uploaders = new Set<string>();
  private readonly readers = new Set<string>();
  private readonly bucketArn: string;

  constructor(private readonly bucket: s3.Bucket, private readonly props: BucketAccessProps) {
    // From names alone: the bucket's stack depends on the grantee's, whose role the policy names, and never the reverse.
    const parts = { service: 's3', region: '', account: '', resource: props.bucketName };
    this.bucketArn = Arn.format(parts, Stack.of(bucket));
    this.denyOtherEncryption();
    this.denyOtherPrincipals();
  }

  public grantUpload(grantee: iam.IGrantable): iam.Grant {
    this.uploaders.add(principalArn('grantUpload', grantee));
    const actions = ['s3:PutObject', 's3:PutObjectTagging', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts'];
    const objects = this.grant(grantee, actions, [`${this.bucketArn}/raw/*`]);
    return objects.combine(this.grantKey(grantee, ['kms:Decrypt', 'kms:GenerateDataKey'])); // multipart uploads decrypt
  }

  public grantRead(grantee: iam.IGrantable): iam.Grant {
    this.readers.add(principalArn('grantRead', grantee));
    const inLayer = { StringLike: { 's3:prefix': ['analytics-ready/*'] } };
    const actions = ['s3:GetObject', 's3:GetObjectVersion', 's3:GetObjectTagging'];
    return this.grant(grantee, actions, [`${this.bucketArn}/analytics-ready/*`])
      .combine(this.grant(grantee, ['s3:GetBucketLocation'], [this.bucketArn]))
      .combine(this.grant(grantee, ['s3:ListBucket'], [this.bucketArn], inLayer))
      .combine(this.grantKey(grantee, ['kms:Decrypt']));
  }

  private grant(
    grantee: iam.IGrantable, actions: string[], resourceArns: string[], conditions?: GrantConditions,
  ): iam.Grant {
    return iam.Grant.addToPrincipalOrResource({ grantee, actions, resourceArns, conditions, resource: this.bucket });
  }

  private grantKey(grantee: iam.IGrantable, actions: string[]): iam.Grant {
    const stack = Stack.of(this.bucket);
    const { keyArn } = this.props.encryptionKey;
    // Whatever the key: the context says which bucket. A reference to it would make the stacks depend on each other.
    const anyKey = stack.formatArn({ service: 'kms', resource: 'key', resourceName: '*' });
    const grant = iam.Grant.addToPrincipal({
      grantee,
      actions,
      resourceArns: [Token.isUnresolved(keyArn) ? anyKey : keyArn],
      conditions: {
        StringEquals: {
          'kms:ViaService': `s3.${stack.region}.amazonaws.com`,
          'kms:EncryptionContext:aws:s3:arn': this.bucketArn,
        },
      },
    });
    if (!grant.success) this.props.keyUsers.add(principalArn('grant', grantee));
    return grant;
  }

  /** An upload leaves the encryption to the bucket or names the lake's key: not S3's key, no other, none of its own. */
  private denyOtherEncryption(): void {
    const header = 's3:x-amz-server-side-encryption';
    const conditions = {
      DenyOtherKeys: {
        Null: { [header]: 'false' },
        StringNotEquals: { [`${header}-aws-kms-key-id`]: this.props.encryptionKey.keyArn },
      },
      DenyKeysOfCustomers: { Null: { [`${header}-customer-algorithm`]: 'false' } },
    };
    Object.entries(conditions).forEach(([sid, condition]) => this.bucket.addToResourcePolicy(new iam.PolicyStatement({
      sid,
      effect: iam.Effect.DENY,
      principals: [new iam.AnyPrincipal()],
      actions: ['s3:PutObject'],
      resources: [`${this.bucketArn}/*`],
      conditions: condition,
    })));
  }

  /** Whatever an account's other policies allow, data passes by the jobs and by those to whom it was granted alone. */
  private denyOtherPrincipals(): void {
    const isKept = this.props.removalPolicy !== RemovalPolicy.DESTROY;
    const denied = (actions: string[]) => actions.filter((action) => isKept || !EMPTYING.includes(action));
    const [raw, ready] = ['raw', 'analytics-ready'].map((layer) => `${this.bucketArn}/${layer}/*`);
    const statements: [sid: string, exempt: Set<string>, statement: iam.PolicyStatementProps][] = [
      ['DenyUploads', this.uploaders, { actions: denied(WRITE), resources: [raw] }],
      ['DenyOtherWrites', new Set(), { actions: denied(WRITE), notResources: [raw] }],
      ['DenyReads', this.readers, { actions: denied(READ), resources: [this.bucketArn, ready] }],
      ['DenyOtherReads', new Set(), { actions: denied(READ), notResources: [this.bucketArn, ready] }],
    ];
    for (const [sid, exempt, statement] of statements) {
      const passing = Lazy.list({ produce: () => [this.props.dataRoleArn, ...exempt] });
      this.bucket.addToResourcePolicy(new iam.PolicyStatement({
        ...statement,
        sid,
        effect: iam.Effect.DENY,
        principals: [new iam.AnyPrincipal()],
        conditions: { ArnNotEquals: { 'aws:PrincipalArn': passing } },
      }));
    }
  }
}
