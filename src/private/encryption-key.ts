import { Arn, ArnFormat, Lazy, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { GLUE_LOG_GROUPS } from './glue';

/** A key of the lake's own, rotated every year. */
export function newKey(scope: Construct, id: string, removalPolicy: RemovalPolicy): kms.Key {
  return new kms.Key(scope, id, {
    description: 'All data at rest of a data lake',
    enableKeyRotation: true,
    removalPolicy,
  });
}

/**
 * Lets the AWS services that carry the lake's messages, alarms and logs use the key. The conditions name no resource of
 * the lake, since those resources refer to the key.
 *
 * The policy of an imported key stays as it is: CDK cannot change it.
 */
export function grantServices(key: kms.IKey, stack: Stack): void {
  const ofAccount = { StringEquals: { 'aws:SourceAccount': stack.account } };
  const logGroups = stack.formatArn({
    service: 'logs', resource: 'log-group', resourceName: GLUE_LOG_GROUPS, arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  const trails = stack.formatArn({ service: 'cloudtrail', resource: 'trail', resourceName: '*' });
  const uses: [service: string, actions: string[], conditions: iam.Conditions][] = [
    ['events.amazonaws.com', ['kms:Decrypt', 'kms:GenerateDataKey'], ofAccount], // rules -> encrypted queues
    ['cloudwatch.amazonaws.com', ['kms:Decrypt', 'kms:GenerateDataKey'], ofAccount], // alarms -> encrypted topic
    [`logs.${stack.region}.amazonaws.com`, ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey',
      'kms:ReEncryptFrom', 'kms:ReEncryptTo'], { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': logGroups } }],
    ['cloudtrail.amazonaws.com', ['kms:Decrypt', 'kms:GenerateDataKey'],
      { ArnLike: { 'kms:EncryptionContext:aws:cloudtrail:arn': trails }, ...ofAccount }],
    ['cloudtrail.amazonaws.com', ['kms:DescribeKey'], ofAccount],
  ];
  for (const [service, actions, conditions] of uses) {
    const principals = [new iam.ServicePrincipal(service)];
    key.addToResourcePolicy(new iam.PolicyStatement({ principals, actions, resources: ['*'], conditions }));
  }
}

/** Principals that use the key by S3 and have no policy here that could say so: roles of another app or account. */
export class KeyUsers {
  private readonly arns = new Set<string>();

  /** @param bucketPattern wildcard of the names of the lake's buckets */
  constructor(private readonly key: kms.IKey, private readonly stack: Stack, private readonly bucketPattern: string) {}

  public add(arn: string): void {
    // One statement for all of them: a key policy ends at 32 KB. Whose data each may reach, the buckets' policies say.
    if (!this.arns.size) this.key.addToResourcePolicy(this.statement());
    this.arns.add(arn);
  }

  private statement(): iam.PolicyStatement {
    const buckets = Arn.format({ service: 's3', region: '', account: '', resource: this.bucketPattern }, this.stack);
    return new iam.PolicyStatement({
      sid: 'GrantedPrincipals',
      principals: [new iam.AnyPrincipal()],
      actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
      resources: ['*'],
      conditions: {
        ArnEquals: { 'aws:PrincipalArn': Lazy.list({ produce: () => [...this.arns] }) },
        ArnLike: { 'kms:EncryptionContext:aws:s3:arn': buckets },
        StringEquals: { 'kms:ViaService': `s3.${this.stack.region}.amazonaws.com` },
      },
    });
  }
}
