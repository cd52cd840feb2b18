/**
 * A lake with everything in a real account: Config rules, a key of the app's own, no trail of its own, customers in a
 * shard and with a key of their own. A file arrives in the table of the customer in the shard and is counted by Athena.
 * A broken file arrives in the dead-letter queue. A run that fails rings an alarm in the topic.
 *
 * Lake Formation stays out: it changes settings of the whole account. Bucket names are global: set INTEG_ORGANIZATION
 * to your own organization. Config rules need a recorder in the account: set INTEG_CONFIG=1 if it has one.
 */
import { App, Duration, RemovalPolicy, Stack, StackProps } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as subscriptions from 'aws-cdk-lib/aws-sns-subscriptions';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { expectRows, Journey, ORGANIZATION, POLL, Task, until } from './journey';
import { AuditTrail, ConfigAudit, Customers, ModernDataLake } from '../src';
import { bucketName } from '../src/private/naming';

const CUSTOMER = 'sharded';
const ENVIRONMENT = 'integall';
/** A quote that is never closed: the job rejects the file. */
const BROKEN = 'id,name\n1,"open\n2,x\n';

class EverythingLake extends Stack {
  public readonly journey: Journey;
  public readonly shards: readonly Stack[];

  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    const lake = new ModernDataLake(this, 'Lake', {
      organization: ORGANIZATION,
      environment: ENVIRONMENT,
      customers: Customers.of([{ customerId: 'plain', encryptionKey: 'own' }, { customerId: CUSTOMER, shard: 1 }]),
      encryptionKey: new kms.Key(this, 'Key', { enableKeyRotation: true, removalPolicy: RemovalPolicy.DESTROY }),
      configAudit: process.env.INTEG_CONFIG ? ConfigAudit.RULES : ConfigAudit.NONE,
      auditTrail: AuditTrail.NONE,
      batchWindow: Duration.seconds(1),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.shards = lake.node.findAll().filter((child): child is Stack => Stack.isStack(child));
    const mailbox = new sqs.Queue(this, 'Mailbox', { removalPolicy: RemovalPolicy.DESTROY });
    lake.alarmTopic.addSubscription(new subscriptions.SqsSubscription(mailbox));
    this.journey = new Journey(this, 'Journey', {
      lake, environment: ENVIRONMENT, customerId: CUSTOMER, more: (task) => failures(task, lake, mailbox),
    });
    lake.processCsv.deadLetterQueue.grant(this.journey.role, 'sqs:GetQueueAttributes');
    mailbox.grantConsumeMessages(this.journey.role);
    const jobArn = this.formatArn({ service: 'glue', resource: 'job', resourceName: lake.processCsv.jobName });
    this.journey.role.addToPolicy(new PolicyStatement({ actions: ['glue:StartJobRun'], resources: [jobArn] }));
  }
}

/** A broken file until it is a dead letter, then a run without its queue until its alarm is in the mailbox. */
function failures(task: Task, lake: ModernDataLake, mailbox: sqs.Queue): ReturnType<typeof until> {
  return {
    UploadBroken: task('aws-sdk:s3:putObject', {
      Arguments: {
        Bucket: bucketName(ORGANIZATION, CUSTOMER, ENVIRONMENT),
        Key: 'raw/broken/broken.csv',
        Body: BROKEN,
      },
      Next: 'DeadLetters',
    }),
    ...until('DeadLetters', task('aws-sdk:sqs:getQueueAttributes', {
      Arguments: {
        QueueUrl: lake.processCsv.deadLetterQueue.queueUrl,
        AttributeNames: ['ApproximateNumberOfMessages'],
      },
      Output: '{% $number($states.result.Attributes.ApproximateNumberOfMessages) %}',
    }), '{% $states.input > 0 %}', 'FailRun'),
    FailRun: task('aws-sdk:glue:startJobRun', {
      Arguments: { JobName: lake.processCsv.jobName, Arguments: { '--work_queue_url': 'none' } },
      // The run that has rejected the file may still stay for further ones.
      Retry: [{
        ErrorEquals: ['Glue.ConcurrentRunsExceededException'],
        IntervalSeconds: POLL.toSeconds(),
        MaxAttempts: 20,
        BackoffRate: 1,
      }],
      Next: 'Mail',
    }),
    ...until('Mail', task('aws-sdk:sqs:receiveMessage', {
      Arguments: { QueueUrl: mailbox.queueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 10 },
      Output: '{% $count($states.result.Messages[$contains(Body, "a run of the job failed")]) %}',
    }), '{% $states.input > 0 %}', 'Rows'),
    Rows: { Type: 'Pass', Output: '{% $rows %}', End: true },
  };
}

const app = new App();
const stack = new EverythingLake(app, 'modern-data-lake-integ-everything');
expectRows(app, 'Everything', [stack, ...stack.shards], stack.journey);
