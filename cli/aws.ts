import { AthenaClient } from '@aws-sdk/client-athena';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { ConfigServiceClient } from '@aws-sdk/client-config-service';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { GlueClient } from '@aws-sdk/client-glue';
import { IAMClient } from '@aws-sdk/client-iam';
import { KMSClient } from '@aws-sdk/client-kms';
import { LakeFormationClient } from '@aws-sdk/client-lakeformation';
import { S3Client } from '@aws-sdk/client-s3';
import { SchedulerClient } from '@aws-sdk/client-scheduler';
import { ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { fromIni } from '@aws-sdk/credential-providers';
import { Refused } from './errors';

// The SDK would ask the user for a newer Node.js, for the sake of updates that reach users with this package only.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

/** How a command reaches AWS. What is left out comes from the environment and from the AWS configuration files. */
export interface Connection {
  readonly profile?: string;
  readonly region?: string;
  readonly endpointUrl?: string;
}

/** Codes with which services refuse a call. Others have a code of their own for it, and say it in the same words. */
const REFUSALS = /^(AccessDenied|AccessDeniedException|AuthorizationError|AuthorizationErrorException|Forbidden)$/;
const REFUSAL_WORDS = 'is not authorized to perform';
/** Operations whose IAM action has another name. */
const ACTIONS: { readonly [operation: string]: string } = {
  ChangeMessageVisibilityBatch: 'sqs:ChangeMessageVisibility',
  DeleteMessageBatch: 'sqs:DeleteMessage',
  DeleteObjects: 's3:DeleteObject',
  GetBucketNotificationConfiguration: 's3:GetBucketNotification',
  HeadBucket: 's3:ListBucket',
  ListBuckets: 's3:ListAllMyBuckets',
  ListMultipartUploads: 's3:ListBucketMultipartUploads',
  ListObjectVersions: 's3:ListBucketVersions',
  ListObjectsV2: 's3:ListBucket',
  SendMessageBatch: 'sqs:SendMessage',
};
/** S3 answers 403 for a bucket of another account. That is an answer, not a missing permission. */
const REFUSED_IS_AN_ANSWER = ['HeadBucket'];

/** A client of the SDK, as far as `watched` needs it. */
interface Watchable {
  readonly middlewareStack: {
    add(
      middleware: (next: (args: any) => Promise<any>, context: { commandName?: string }) => (args: any) => Promise<any>,
      options: { step: 'initialize'; name: string },
    ): void;
  };
}

/** The AWS services that commands ask. A refused call throws `Refused` with the IAM action that is missing. */
export class Aws {
  readonly athena: AthenaClient;
  readonly cloudformation: CloudFormationClient;
  readonly cloudtrail: CloudTrailClient;
  readonly cloudwatch: CloudWatchClient;
  readonly config: ConfigServiceClient;
  readonly dynamodb: DynamoDBClient;
  readonly events: EventBridgeClient;
  readonly glue: GlueClient;
  readonly iam: IAMClient;
  readonly kms: KMSClient;
  readonly lakeformation: LakeFormationClient;
  readonly s3: S3Client;
  readonly scheduler: SchedulerClient;
  readonly servicequotas: ServiceQuotasClient;
  readonly sfn: SFNClient;
  readonly sns: SNSClient;
  readonly sqs: SQSClient;
  readonly ssm: SSMClient;
  readonly sts: STSClient;

  constructor({ profile, region, endpointUrl: endpoint }: Connection) {
    // A profile that is written stands above credentials in the environment, without the SDK's warning.
    const ofProfile = profile && { profile, credentials: fromIni({ profile }) };
    const options = { ...ofProfile, ...region && { region }, ...endpoint && { endpoint } };
    const forcePathStyle = Boolean(endpoint ?? process.env.AWS_ENDPOINT_URL_S3 ?? process.env.AWS_ENDPOINT_URL);
    this.athena = watched('athena', new AthenaClient(options));
    this.cloudformation = watched('cloudformation', new CloudFormationClient(options));
    this.cloudtrail = watched('cloudtrail', new CloudTrailClient(options));
    this.cloudwatch = watched('cloudwatch', new CloudWatchClient(options));
    this.dynamodb = watched('dynamodb', new DynamoDBClient(options));
    this.config = watched('config', new ConfigServiceClient(options));
    this.events = watched('events', new EventBridgeClient(options));
    this.glue = watched('glue', new GlueClient(options));
    this.iam = watched('iam', new IAMClient(options));
    this.kms = watched('kms', new KMSClient(options));
    this.lakeformation = watched('lakeformation', new LakeFormationClient(options));
    // Imports read buckets of other Regions.
    this.s3 = watched('s3', new S3Client({ ...options, forcePathStyle, followRegionRedirects: true }));
    this.scheduler = watched('scheduler', new SchedulerClient(options));
    this.servicequotas = watched('servicequotas', new ServiceQuotasClient(options));
    this.sfn = watched('states', new SFNClient(options));
    this.sns = watched('sns', new SNSClient(options));
    this.sqs = watched('sqs', new SQSClient({ ...options, useQueueUrlAsEndpoint: false }));
    this.ssm = watched('ssm', new SSMClient(options));
    this.sts = watched('sts', new STSClient(options));
  }

  /** The account and the Region that are asked. Fails if there are no credentials or AWS does not answer. */
  async whereabouts(): Promise<{ account: string; partition: string; region: string }> {
    const region = await this.sts.config.region();
    const { Account, Arn } = await this.sts.send(new GetCallerIdentityCommand({}));
    return { account: Account!, partition: Arn!.split(':')[1], region };
  }
}

/** The client, which turns refusals into `Refused`. */
function watched<C>(service: string, client: C): C {
  (client as Watchable).middlewareStack.add((next, { commandName = '' }) => async (args) => {
    const operation = commandName.replace(/Command$/, '');
    try {
      return await next(args);
    } catch (error) {
      const { name, message } = error as Error;
      const isRefusal = (REFUSALS.test(name) || message.includes(REFUSAL_WORDS))
        && !REFUSED_IS_AN_ANSWER.includes(operation);
      throw isRefusal ? new Refused(ACTIONS[operation] ?? `${service}:${operation}`, error) : error;
    }
  }, { step: 'initialize', name: 'refusals' });
  return client;
}
