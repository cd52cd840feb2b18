/**
 * The lake with all defaults in a real account: a CSV file is uploaded to a customer's bucket, arrives in the
 * customer's table and is counted by Athena. The role that does this has only what the lake grants.
 *
 * Bucket names are global: set INTEG_ORGANIZATION to your own organization.
 */
import { App, Duration, RemovalPolicy, Stack, StackProps } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { expectRows, Journey, ORGANIZATION } from './journey';
import { Customers, ModernDataLake } from '../src';

const CUSTOMER = 'acme';
const ENVIRONMENT = 'integ';

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
expectRows(app, 'Default', [stack], stack.journey);
