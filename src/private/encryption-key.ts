import { ArnFormat, RemovalPolicy, Stack, Token, TokenComparison } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Construct, IConstruct } from 'constructs';
import { acknowledge } from './acknowledge';
import { keepOnceCreated } from './bucket';
import { errorAt } from './errors';
import { GLUE_LOG_GROUPS } from './glue';
import { limitPolicySize } from './policy-size';

/** @see https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html */
export const MAX_KEY_POLICY = 32_768;

/** A key that is rotated every year. If its creation fails, it is not kept: it would cost 1 USD a month. */
export function newKey(scope: Construct, id: string, removalPolicy: RemovalPolicy, description: string): kms.Key {
  const key = new kms.Key(scope, id, {
    description,
    enableKeyRotation: true,
    removalPolicy: keepOnceCreated(removalPolicy),
  });
  acknowledge(key, { grantCondition: 'the account leaves grants to IAM, and no statement of the lake allows any' });
  const resource = key.node.defaultChild as kms.CfnKey;
  limitPolicySize(resource, resource.keyPolicy, MAX_KEY_POLICY,
    'write fewer different uploaderRoleArns, readerRoleArns and queryRoleArns, or define the roles in this app and '
    + 'grant to them');
  return key;
}

/**
 * Throws if the services of the lake could not use the key, or if policies could not compare its ARN.
 *
 * @param what how the user calls the key, for the error
 */
export function checkKey(scope: IConstruct, what: string, key: kms.IKey): void {
  if ('aliasName' in key) {
    throw errorAt(scope, `${what} must be a key, since policies compare the ARN of the key, got: the alias at `
      + `${key.node.path}; write kms.Key.fromKeyArn(this, 'Key', keyArn) with the key that the alias stands for`);
  }
  const { region } = Stack.of(scope);
  if (Token.compareStrings(key.env.region, region) !== TokenComparison.DIFFERENT) return;
  throw errorAt(scope, `${what} must be in the Region of the lake, '${region}', since AWS services use keys of their `
    + `own Region only, got: ${key.keyArn} in '${key.env.region}'; write a key in '${region}'`);
}

/**
 * Lets the AWS services that carry the lake's messages, alarms and logs use the key. The conditions name no resource of
 * the lake, since those resources refer to the key. CDK cannot change the policy of an imported key.
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
