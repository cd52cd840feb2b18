import { RemovalPolicy } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';

/** What every part of a lake needs. */
export interface LakeProps {
  readonly organization: string;
  readonly environment: string;
  readonly encryptionKey: kms.IKey;
  readonly removalPolicy: RemovalPolicy;
}

/** Name of the Glue security configuration and of the Athena workgroup. CloudFormation does not name these. */
export function lakeName(lake: LakeProps): string {
  return `${lake.organization}-${lake.environment}-datalake`;
}
