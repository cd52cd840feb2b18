import { ArnFormat, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { wildcards } from './acknowledge';
import { GLUE_LOG_GROUPS, JobCode } from './glue';

/** Namespace of the lake's own metrics: `NAMESPACE` in glue-assets/datalake/driver/metrics.py. */
export const METRICS_NAMESPACE = 'ModernDataLake';

export interface JobRoleProps {
  readonly code: JobCode;
  readonly workQueue: sqs.IQueue;
  readonly deadLetterQueue: sqs.IQueue;
  readonly encryptionKey: kms.IKey;
}

/** The role of a job. It can read no customer's data: for that, the job assumes the data role for one customer. */
export function newJobRole(scope: Construct, id: string, props: JobRoleProps): iam.Role {
  const { code, workQueue, deadLetterQueue } = props;
  const stack = Stack.of(scope);
  const objects = [code.script, code.library].map((asset) => asset.bucket.arnForObjects(asset.s3ObjectKey));
  const logGroups = stack.formatArn({
    service: 'logs', resource: 'log-group', resourceName: GLUE_LOG_GROUPS, arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  const viaSqs = { StringEquals: { 'kms:ViaService': `sqs.${stack.region}.${stack.urlSuffix}` } };
  // `Glue` is the namespace of the metrics that Glue itself puts.
  const namespaces = { StringEquals: { 'cloudwatch:namespace': [METRICS_NAMESPACE, 'Glue'] } };
  const role = new iam.Role(scope, id, { assumedBy: new iam.ServicePrincipal('glue.amazonaws.com') });
  const statements: [sid: string, actions: string[], resources: string[], conditions?: iam.Conditions][] = [
    ['Code', ['s3:GetObject'], objects],
    ['Work', ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility', 'sqs:GetQueueAttributes',
      'sqs:SendMessage'], [workQueue.queueArn]], // the events that S3 has not sent
    ['Buckets', ['s3:ListAllMyBuckets'],
      wildcards(role, 'S3 has no resource for the list of buckets, by which a job finds the customers', '*')],
    ['DeadLetters', ['sqs:SendMessage'], [deadLetterQueue.queueArn]],
    ['Messages', ['kms:Decrypt', 'kms:GenerateDataKey'], [props.encryptionKey.keyArn], viaSqs],
    ['Logs', ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents', 'logs:AssociateKmsKey'],
      wildcards(role, 'Glue names the log groups, after the security configuration and the role', logGroups)],
    ['Metrics', ['cloudwatch:PutMetricData'],
      wildcards(role, 'CloudWatch has no resource for a metric; the namespace is a condition', '*'), namespaces],
  ];
  for (const [sid, actions, resources, conditions] of statements) {
    role.addToPolicy(new iam.PolicyStatement({ sid, actions, resources, conditions }));
  }
  return role;
}
