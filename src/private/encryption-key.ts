import { ArnFormat, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge';
import { GLUE_LOG_GROUPS } from './glue';
import { limitPolicySize } from './policy-size';

/** @see https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html */
export const MAX_KEY_POLICY = 32_768;

/** A key that is rotated every year. */
export function newKey(scope: Construct, id: string, removalPolicy: RemovalPolicy, description: string): kms.Key {
  const key = new kms.Key(scope, id, {
    description,
    enableKeyRotation: true,
    removalPolicy,
  });
  acknowledge(key, { grantCondition: 'the account leaves grants to IAM, and no statement of the lake allows any' });
  const resource = key.node.defaultChild as kms.CfnKey;
  limitPolicySize(resource, resource.keyPolicy, MAX_KEY_POLICY,
    'write fewer different uploaderRoleArns and readerRoleArns, or define the roles in this app and grant to them');
  return key;
}

/**
 * Lets the AWS services that carry the lake's messages, alarms and logs use the key. The conditions name no resource of
 * the lake, since those resources refer to the key.
 *
 * The policy of an imported key stays as it is: CDK cannot change it.
 */
export function grantServices(key: kms.IKey, stack: Stack): void {
  const ofAccount = { StringEquals: { 'aws:SourceAccount': stack.account } };
  const logGroups = [GLUE_LOG_GROUPS, `${stack.stackName}-*`].map((resourceName) => stack.formatArn({
    service: 'logs', resource: 'log-group', resourceName, arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  })); // CloudFormation names the log group of the sweeper after the stack
  const trails = stack.formatArn({ service: 'cloudtrail', resource: 'trail', resourceName: '*' });
  const uses: [service: string, actions: string[], conditions: iam.Conditions][] = [
    ['events.amazonaws.com', ['kms:Decrypt', 'kms:GenerateDataKey'], ofAccount], // rules -> encrypted queues
    ['cloudwatch.amazonaws.com', ['kms:Decrypt', 'kms:GenerateDataKey'], ofAccount], // alarms -> encrypted topic
    [`logs.${stack.region}.${stack.urlSuffix}`, ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey',
      'kms:ReEncryptFrom', 'kms:ReEncryptTo'], { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': logGroups } }],
    ['cloudtrail.amazonaws.com', ['kms:GenerateDataKey'],
      { ArnLike: { 'kms:EncryptionContext:aws:cloudtrail:arn': trails }, ...ofAccount }],
    // Where the bucket of the trail has a bucket key, the encryption context is the bucket, not the trail.
    ['cloudtrail.amazonaws.com', ['kms:Decrypt', 'kms:DescribeKey'], ofAccount],
  ];
  for (const [service, actions, conditions] of uses) {
    const principals = [new iam.ServicePrincipal(service)];
    key.addToResourcePolicy(new iam.PolicyStatement({ principals, actions, resources: ['*'], conditions }));
  }
}
