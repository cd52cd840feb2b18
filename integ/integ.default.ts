/**
 * The lake with all defaults in a real account: a CSV file is uploaded to a customer's bucket, arrives in the
 * customer's table and is counted by Athena. The role that does this has only what the lake grants.
 *
 * Bucket names are global: set INTEG_ORGANIZATION to your own organization.
 */
import { readFileSync } from 'fs';
import { ExpectedResult, IntegTest } from '@aws-cdk/integ-tests-alpha';
import { App, Duration, RemovalPolicy, Stack, StackProps } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { FILE, Journey, ORGANIZATION, POLL, TIMEOUT } from './journey';
import { Customers, ModernDataLake } from '../src';

const CUSTOMER = 'acme';
const ENVIRONMENT = 'integ';
const ROWS = readFileSync(FILE, 'utf-8').trimEnd().split('\n').length - 1; // no field contains a line break

class DefaultLake extends Stack {
  public readonly journey: Journey;

  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    const lake = new ModernDataLake(this, 'Lake', {
      organization: ORGANIZATION,
      environment: ENVIRONMENT,
      customers: Customers.of([{ customerId: CUSTOMER }]),
      batchWindow: Duration.seconds(1),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.journey = new Journey(this, 'Journey', { lake, environment: ENVIRONMENT, customerId: CUSTOMER });
  }
}

const app = new App();
const stack = new DefaultLake(app, 'modern-data-lake-integ-default');
const integ = new IntegTest(app, 'Default', {
  testCases: [stack],
  // CloudFormation does not delete a bucket with objects.
  hooks: { preDestroy: [`../.venv/local/bin/python empty_buckets.py ${stack.stackName}`] },
});
const { stateMachineArn } = stack.journey.stateMachine;
const execution = integ.assertions.awsApiCall('StepFunctions', 'startExecution', { stateMachineArn });
const executionArn = execution.getAttString('executionArn');
execution.next(integ.assertions.awsApiCall('StepFunctions', 'describeExecution', { executionArn })
  .expect(ExpectedResult.objectLike({ status: 'SUCCEEDED', output: `${ROWS}` }))
  .waitForAssertions({ totalTimeout: TIMEOUT, interval: POLL }));
