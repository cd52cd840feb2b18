/**
 * The lake in a real account: a CSV file is uploaded to a customer's bucket, arrives in the customer's table and is
 * counted by Athena. The role that does this has only what the lake grants.
 *
 * Bucket names are global: set INTEG_ORGANIZATION to your own organization.
 */
import { readFileSync } from 'fs';
import { join } from 'path';
import { ExpectedResult, IntegTest } from '@aws-cdk/integ-tests-alpha';
import { App, Duration, RemovalPolicy, Stack, StackProps } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { Customers, ModernDataLake } from '../src';

const ORGANIZATION = process.env.INTEG_ORGANIZATION ?? 'mdlinteg';
const CUSTOMER = 'acme';
const DATASET = 'zipcodes';
const FILE = join(__dirname, '..', 'node_modules', 'vega-datasets', 'data', 'zipcodes.csv');
const ROWS = readFileSync(FILE, 'utf-8').trimEnd().split('\n').length - 1; // no field contains a line break
/**
 * S3 sends events of a new bucket only "around five minutes" after its notification is set. An earlier upload is lost.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-event-notifications-eventbridge.html
 */
const EVENTS_BEGIN = Duration.minutes(6);
/** From the wait for events to the count. A Glue run starts within a minute or two; there are two. */
const TIMEOUT = Duration.minutes(25);
const POLL = Duration.seconds(15);

class DefaultLake extends Stack {
  public readonly journey: sfn.IStateMachine;

  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    const lake = new ModernDataLake(this, 'Lake', {
      organization: ORGANIZATION,
      environment: 'integ',
      customers: Customers.of([{ customerId: CUSTOMER }]),
      batchWindow: Duration.seconds(1),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const file = new Asset(this, 'File', { path: FILE });
    const role = new iam.Role(this, 'JourneyRole', { assumedBy: new iam.ServicePrincipal('states.amazonaws.com') });
    file.grantRead(role);
    lake.grantUpload(CUSTOMER, role);
    lake.manifest.grantReadData(role);
    lake.grantQuery(CUSTOMER, role);
    const definition = this.toJsonString(journey(this, lake, file));
    this.journey = new sfn.StateMachine(this, 'Journey', {
      definitionBody: sfn.DefinitionBody.fromString(definition),
      role,
    });
  }
}

/** Wait for S3's events, upload, wait for the manifest, count in Athena: the count is the output. */
function journey(stack: Stack, lake: ModernDataLake, file: Asset): object {
  const task = (action: string, rest: object) =>
    ({ Type: 'Task', Resource: `arn:${stack.partition}:states:::${action}`, ...rest });
  return {
    QueryLanguage: 'JSONata',
    TimeoutSeconds: TIMEOUT.toSeconds(),
    StartAt: 'WaitForEvents',
    States: {
      WaitForEvents: { Type: 'Wait', Seconds: EVENTS_BEGIN.toSeconds(), Next: 'Upload' },
      Upload: task('aws-sdk:s3:copyObject', {
        Arguments: {
          CopySource: `${file.s3BucketName}/${file.s3ObjectKey}`,
          Bucket: lake.bucket(CUSTOMER).bucketName,
          Key: `raw/${DATASET}/zipcodes.csv`,
        },
        Next: 'Look',
      }),
      Look: task('aws-sdk:dynamodb:query', {
        Arguments: {
          TableName: lake.manifest.tableName,
          IndexName: 'by-status',
          KeyConditionExpression: 'customer_status = :succeeded',
          FilterExpression: '#layer = :layer',
          ExpressionAttributeNames: { '#layer': 'layer' },
          ExpressionAttributeValues: {
            ':succeeded': { S: `${CUSTOMER}#SUCCEEDED` },
            ':layer': { S: 'analytics-ready' },
          },
        },
        Output: '{% $states.result.Count %}',
        Next: 'HasArrived',
      }),
      HasArrived: {
        Type: 'Choice',
        Choices: [{ Condition: '{% $states.input > 0 %}', Next: 'Query' }],
        Default: 'Wait',
      },
      Wait: { Type: 'Wait', Seconds: POLL.toSeconds(), Next: 'Look' },
      Query: task('athena:startQueryExecution.sync', {
        Arguments: {
          QueryString: `SELECT count(*) FROM ${lake.databaseName(CUSTOMER)}.${DATASET}`,
          WorkGroup: lake.workGroupName,
        },
        Output: '{% $states.result.QueryExecution.QueryExecutionId %}',
        Next: 'Count',
      }),
      Count: task('athena:getQueryResults', {
        Arguments: { QueryExecutionId: '{% $states.input %}' },
        Output: '{% $number($states.result.ResultSet.Rows[1].Data[0].VarCharValue) %}', // row 0 is the header
        End: true,
      }),
    },
  };
}

const app = new App();
const stack = new DefaultLake(app, 'modern-data-lake-integ-default');
const integ = new IntegTest(app, 'Default', {
  testCases: [stack],
  // CloudFormation does not delete a bucket with objects.
  hooks: { preDestroy: [`../.venv/local/bin/python empty_buckets.py ${stack.stackName}`] },
});
const { stateMachineArn } = stack.journey;
const execution = integ.assertions.awsApiCall('StepFunctions', 'startExecution', { stateMachineArn });
const executionArn = execution.getAttString('executionArn');
execution.next(integ.assertions.awsApiCall('StepFunctions', 'describeExecution', { executionArn })
  .expect(ExpectedResult.objectLike({ status: 'SUCCEEDED', output: `${ROWS}` }))
  .waitForAssertions({ totalTimeout: TIMEOUT, interval: POLL }));
