import { Stack } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';

/**
 * Metadata that `Validations.of(construct).acknowledge()` writes, for the construct and everything below it. The oldest
 * supported aws-cdk-lib lacks that method, but passes the metadata on.
 */
const ACKNOWLEDGED = 'aws:cdk:acknowledged-rules';

/** cdk-nag's packs for standards use the same names for their rules. */
const nag = (rule: string) => ['NIST.800.53.R5', 'HIPAA.Security', 'PCI.DSS.321'].map((pack) => `${pack}-${rule}`);
/** AWS Control Tower's rules for cfn-guard. */
const guard = (rule: string) => `cdk-validator-cfnguard::${rule}_check`;

/** The rules that ask for a thing, by that thing. */
const RULES = {
  // The only AWS managed policy in a lake. A finding names the policy.
  ownPolicy: ['AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWS_ConfigRole]'],
  accessLogs: ['AwsSolutions-S1', ...nag('S3BucketLoggingEnabled'), guard('s3_bucket_logging_enabled')],
  accessLogsInSight: [guard('s3_bucket_logging_enabled')],
  backupPlan: ['NIST.800.53.R5-DynamoDBInBackupPlan', 'HIPAA.Security-DynamoDBInBackupPlan'],
  bucketEvents: [guard('s3_event_notifications_enabled')],
  deadLetterQueue: ['AwsSolutions-SQS3', guard('sqs_dlq')],
  encryptionKey: [...nag('S3DefaultEncryptionKMS'), guard('s3_bucket_default_encryption_kms')],
  executionLog: ['AwsSolutions-SF1'],
  executionTrace: ['AwsSolutions-SF2', guard('step_functions_state_machine_tracing_enabled')],
  grantCondition: [guard('kms_create_grant_aws_service')],
  managedPolicies: nag('IAMNoInlinePolicy'),
  objectLock: [guard('s3_bucket_object_lock_enabled')],
  replication: nag('S3BucketReplicationEnabled'),
  trailInCloudWatchLogs: [...nag('CloudTrailCloudWatchLogsEnabled'), guard('cloud_trail_cloud_watch_logs_enabled')],
  versions: [...nag('S3BucketVersioningEnabled'), guard('s3_bucket_versioning_enabled')],
};

/** Why a construct, or what is below it, lacks things that rule packs ask for. */
export type Reasons = { readonly [missing in keyof typeof RULES]?: string };

/** Tells rule packs why a construct lacks something, so that they report nothing to the users of the lake. */
export function acknowledge(construct: IConstruct, reasons: Reasons): void {
  for (const [missing, reason] of Object.entries(reasons)) {
    for (const rule of RULES[missing as keyof Reasons]) construct.node.addMetadata(ACKNOWLEDGED, { [rule]: reason });
  }
}

/** Does the same for resources with a wildcard, in the policies below a construct. Returns the resources. */
export function wildcards(construct: IConstruct, reason: string, ...resources: string[]): string[] {
  const found = resources.map((resource) => `Resource::${flat(Stack.of(construct).resolve(resource))}`);
  found.forEach((finding) => construct.node.addMetadata(ACKNOWLEDGED, { [`AwsSolutions-IAM5[${finding}]`]: reason }));
  return resources;
}

/** A resource in cdk-nag's notation: references in angle brackets, other functions as JSON. */
function flat(resource: any): string {
  if (typeof resource === 'string') return resource.replace(/\$\{/g, '<').replace(/\}/g, '>');
  const [[name, argument]] = Object.entries<any>(resource);
  if (name === 'Fn::Join') return argument[1].map(flat).join(argument[0]);
  return ['Ref', 'Fn::GetAtt'].includes(name) ? `<${[argument].flat().join('.')}>` : JSON.stringify(resource);
}
