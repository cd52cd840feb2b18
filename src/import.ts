import { ArnFormat, Duration, Fn, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { acknowledge, wildcards } from './private/acknowledge';
import { LOG_RETENTION, newLogBucket } from './private/bucket';
import { COPIES, importStates } from './private/import-states';
import { bucketArn, LakeProps } from './private/lake';
import { bucketPattern } from './private/naming';

/** The longest import, far longer than a million objects take: docs/migrate.md. */
const TIMEOUT = Duration.days(30);

/**
 * Copies objects that lie in other buckets into the customers' `raw/`. `npx modern-data-lake import` lists them, puts
 * the list into `reports` and starts the state machine, which costs nothing until then.
 *
 * Its role may write `raw/` of all customers of the lake, and read no customer's data. It may read only buckets whose
 * own policy lets it in, in this account and in others.
 */
export class Import extends Construct {
  public readonly roleArn: string;

  constructor(scope: Construct, id: string, props: LakeProps) {
    super(scope, id);
    const { encryptionKey, removalPolicy } = props;
    const reports = newLogBucket(this, 'Reports', removalPolicy, encryptionKey);
    const role = new iam.Role(this, 'Role', { assumedBy: new iam.ServicePrincipal('states.amazonaws.com') });
    this.roleArn = role.roleArn;
    const stateMachine = new sfn.StateMachine(this, 'StateMachine', {
      role,
      definitionBody: sfn.DefinitionBody.fromChainable(importStates(this, { ...props, reports })),
      queryLanguage: sfn.QueryLanguage.JSONATA,
      timeout: TIMEOUT,
      logs: {
        destination: new logs.LogGroup(this, 'Logs', {
          encryptionKey, retention: LOG_RETENTION.toDays(), removalPolicy,
        }),
        level: sfn.LogLevel.ERROR,
        includeExecutionData: true,
      },
    });
    wildcards(stateMachine, 'actions that deliver logs take no resource', '*');
    wildcards(role, 'actions that deliver logs, and buckets of other accounts, have no resource that is known', '*');
    acknowledge(stateMachine, {
      executionLog: 'errors are logged; the report says what became of each object',
      executionTrace: 'an import is copies, whose errors are in the report',
    });
    [...copyStatements(this, props), ...reportStatements(this, props, reports)]
      .forEach((statement) => role.addToPolicy(statement));
    this.allowChildren(role, stateMachine);
  }

  /** A policy of its own: one that the state machine waits for cannot name the state machine. */
  private allowChildren(role: iam.Role, { stateMachineArn }: sfn.StateMachine): void {
    const name = Fn.select(6, Fn.split(':', stateMachineArn));
    const arn = (resource: string, resourceName: string) => Stack.of(this).formatArn({
      service: 'states', resource, resourceName, arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    const [executions, mapRuns] = [arn('execution', `${name}:*`), arn('mapRun', `${name}/${COPIES}:*`)];
    new iam.Policy(this, 'Children', {
      roles: [role],
      statements: [
        new iam.PolicyStatement({ actions: ['states:StartExecution'], resources: [stateMachineArn] }),
        new iam.PolicyStatement({
          actions: ['states:DescribeExecution', 'states:StopExecution'], resources: [executions],
        }),
        new iam.PolicyStatement({ actions: ['states:DescribeMapRun'], resources: [mapRuns] }),
      ],
    });
    wildcards(this, 'executions and map runs get their names when they start', executions, mapRuns);
  }
}

function copyStatements(scope: Construct, props: LakeProps): iam.PolicyStatement[] {
  const { account, region, urlSuffix } = Stack.of(scope);
  const bucket = bucketArn(scope, bucketPattern(props.organization, props.environment));
  const viaS3 = { 'kms:ViaService': `s3.${region}.${urlSuffix}` };
  const key = (of: string) => Stack.of(scope).formatArn({
    service: 'kms', account: of, resource: 'key', resourceName: '*',
  });
  // In this account the bucket's policy is enough, and needed.
  const abroad = { StringNotEquals: { 'aws:ResourceAccount': account } };
  return [
    new iam.PolicyStatement({
      sid: 'WriteRaw',
      actions: ['s3:PutObject', 's3:PutObjectTagging'],
      resources: wildcards(scope, 'raw objects of all customers', `${bucket}/raw/*`),
    }),
    new iam.PolicyStatement({
      sid: 'EncryptRaw',
      actions: ['kms:GenerateDataKey', 'kms:Decrypt'],
      resources: wildcards(scope, 'a customer may have a key of its own', key('*')),
      conditions: { StringEquals: viaS3, StringLike: { 'kms:EncryptionContext:aws:s3:arn': bucket } },
    }),
    new iam.PolicyStatement({
      sid: 'ReadAbroad',
      actions: ['s3:GetObject', 's3:GetObjectTagging'],
      resources: ['*'],
      conditions: abroad,
    }),
    new iam.PolicyStatement({
      sid: 'DecryptAbroad',
      actions: ['kms:Decrypt'],
      resources: ['*'],
      conditions: { ...abroad, StringLike: { 'kms:ViaService': `s3.*.${urlSuffix}` } },
    }),
  ];
}

function reportStatements(scope: Construct, { encryptionKey }: LakeProps, reports: s3.IBucket): iam.PolicyStatement[] {
  const { region, urlSuffix } = Stack.of(scope);
  return [
    new iam.PolicyStatement({
      sid: 'Reports',
      actions: ['s3:GetObject', 's3:PutObject', 's3:ListMultipartUploadParts', 's3:AbortMultipartUpload'],
      resources: wildcards(scope, 'lists and reports of all imports', reports.arnForObjects('*')),
    }),
    new iam.PolicyStatement({
      sid: 'ReportsEncryption',
      actions: ['kms:GenerateDataKey', 'kms:Decrypt'],
      resources: [encryptionKey.keyArn],
      conditions: {
        StringEquals: {
          'kms:ViaService': `s3.${region}.${urlSuffix}`, 'kms:EncryptionContext:aws:s3:arn': reports.bucketArn,
        },
      },
    }),
  ];
}
