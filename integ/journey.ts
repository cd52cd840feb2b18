import { readFileSync } from 'fs';
import { join } from 'path';
import { ExpectedResult, IntegTest } from '@aws-cdk/integ-tests-alpha';
import { App, Duration, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { ModernDataLake } from '../src';
import { bucketName } from '../src/private/naming';

/** Bucket names are global: set INTEG_ORGANIZATION to your own organization. */
export const ORGANIZATION = process.env.INTEG_ORGANIZATION ?? 'mdlinteg';
const FILE = join(__dirname, '..', 'node_modules', 'vega-datasets', 'data', 'zipcodes.csv');
export const POLL = Duration.seconds(15);
const ROWS = readFileSync(FILE, 'utf-8').trimEnd().split('\n').length - 1; // no field contains a line break
/** From the wait for events to the last state. A Glue run starts within a minute or two; there are two. */
const TIMEOUT = Duration.minutes(25);
/**
 * S3 sends events of a new bucket only "around five minutes" after its notification is set. An earlier upload is lost.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-event-notifications-eventbridge.html
 */
const EVENTS_BEGIN = Duration.minutes(6);
const DATASET = 'zipcodes';

/** A state of a machine, without the name of the next one. */
type State = Readonly<Record<string, unknown>>;
type States = Readonly<Record<string, State>>;

export interface JourneyProps {
  readonly lake: ModernDataLake;
  readonly environment: string;
  readonly customerId: string;
  /** States after the count, by name. The last one's output is the output of the journey. */
  readonly more?: (task: Task) => States;
}

/** A task of an AWS service, such as `aws-sdk:s3:copyObject`. */
export type Task = (action: string, rest: object) => State;

/**
 * What a team does with a lake: wait for S3's events, upload a file, wait until the manifest has its Parquet object,
 * count its rows in Athena. The count is the output, unless there are more states. The role has only what the lake
 * grants.
 */
export class Journey extends Construct {
  public readonly stateMachine: sfn.StateMachine;
  public readonly role: iam.Role;

  constructor(scope: Construct, id: string, props: JourneyProps) {
    super(scope, id);
    const { lake, customerId } = props;
    const file = new Asset(this, 'File', { path: FILE });
    this.role = new iam.Role(this, 'Role', { assumedBy: new iam.ServicePrincipal('states.amazonaws.com') });
    file.grantRead(this.role);
    lake.customer(customerId).grantUpload(this.role);
    lake.manifest.grantReadData(this.role);
    lake.customer(customerId).grantQuery(this.role);
    const stack = Stack.of(this);
    const definition = stack.toJsonString(definitionOf(stack, file, props));
    this.stateMachine = new sfn.StateMachine(this, 'StateMachine', {
      definitionBody: sfn.DefinitionBody.fromString(definition),
      role: this.role,
    });
  }
}

/** Deploys the stacks, starts the journey, and expects every row of the file. Empties the buckets at the end. */
export function expectRows(app: App, id: string, stacks: Stack[], journey: Journey): void {
  const integ = new IntegTest(app, id, {
    testCases: stacks,
    // CloudFormation does not delete a bucket with objects.
    hooks: { preDestroy: stacks.map(({ stackName }) => `../.venv/local/bin/python empty_buckets.py ${stackName}`) },
  });
  const { stateMachineArn } = journey.stateMachine;
  const execution = integ.assertions.awsApiCall('StepFunctions', 'startExecution', { stateMachineArn });
  const executionArn = execution.getAttString('executionArn');
  execution.next(integ.assertions.awsApiCall('StepFunctions', 'describeExecution', { executionArn })
    .expect(ExpectedResult.objectLike({ status: 'SUCCEEDED', output: `${ROWS}` }))
    .waitForAssertions({ totalTimeout: TIMEOUT, interval: POLL }));
}

/** States that ask again until an answer is as wished, then go on. */
export function until(name: string, ask: State, isSo: string, next: string): States {
  return {
    [name]: { ...ask, Next: `${name}Choice` },
    [`${name}Choice`]: { Type: 'Choice', Choices: [{ Condition: isSo, Next: next }], Default: `${name}Wait` },
    [`${name}Wait`]: { Type: 'Wait', Seconds: POLL.toSeconds(), Next: name },
  };
}

function definitionOf(stack: Stack, file: Asset, { lake, environment, customerId, more }: JourneyProps): object {
  const task: Task = (action, rest) =>
    ({ Type: 'Task', Resource: `arn:${stack.partition}:states:::${action}`, ...rest });
  const further = more?.(task) ?? {};
  const [second] = Object.keys(further);
  return {
    QueryLanguage: 'JSONata',
    TimeoutSeconds: TIMEOUT.toSeconds(),
    StartAt: 'WaitForEvents',
    States: {
      WaitForEvents: { Type: 'Wait', Seconds: EVENTS_BEGIN.toSeconds(), Next: 'Upload' },
      Upload: task('aws-sdk:s3:copyObject', {
        Arguments: {
          CopySource: `${file.s3BucketName}/${file.s3ObjectKey}`,
          Bucket: bucketName(ORGANIZATION, customerId, environment),
          Key: `raw/${DATASET}/zipcodes.csv`,
        },
        Next: 'Look',
      }),
      ...until('Look', task('aws-sdk:dynamodb:query', {
        Arguments: {
          TableName: lake.manifest.tableName,
          IndexName: 'by-status',
          KeyConditionExpression: 'customer_status = :succeeded',
          FilterExpression: '#layer = :layer',
          ExpressionAttributeNames: { '#layer': 'layer' },
          ExpressionAttributeValues: {
            ':succeeded': { S: `${customerId}#SUCCEEDED` },
            ':layer': { S: 'analytics-ready' },
          },
        },
        Output: '{% $states.result.Count %}',
      }), '{% $states.input > 0 %}', 'Query'),
      Query: task('athena:startQueryExecution.sync', {
        Arguments: {
          QueryString: `SELECT count(*) FROM ${lake.customer(customerId).databaseName}.${DATASET}`,
          WorkGroup: lake.workGroupName,
        },
        Output: '{% $states.result.QueryExecution.QueryExecutionId %}',
        Next: 'Count',
      }),
      Count: task('athena:getQueryResults', {
        Arguments: { QueryExecutionId: '{% $states.input %}' },
        Assign: { rows: '{% $number($states.result.ResultSet.Rows[1].Data[0].VarCharValue) %}' }, // row 0 is the header
        Output: '{% $number($states.result.ResultSet.Rows[1].Data[0].VarCharValue) %}',
        ...second ? { Next: second } : { End: true },
      }),
      ...further,
    },
  };
}
