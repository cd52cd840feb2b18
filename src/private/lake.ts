import { Arn, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import { IConstruct } from 'constructs';

/** The names that tell a lake from every other of the account. */
export interface LakeNames {
  readonly organization: string;
  readonly environment: string;
}

/** What every part of a lake needs. */
export interface LakeProps extends LakeNames {
  readonly encryptionKey: kms.IKey;
  readonly removalPolicy: RemovalPolicy;
}

/** Name of the Glue security configuration and of the Athena workgroup. CloudFormation does not name these. */
export function lakeName(lake: LakeNames): string {
  return `${lake.organization}-${lake.environment}-datalake`;
}

/** ARN of the bucket of a name, or of the buckets of a pattern. It refers to no resource, so it ties no stacks. */
export function bucketArn(scope: IConstruct, name: string): string {
  return Arn.format({ service: 's3', region: '', account: '', resource: name }, Stack.of(scope));
}
