/** A lake that is there to be destroyed. */
import { App, CfnOutput, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Customers, ModernDataLake } from 'modern-data-lake';

const stack = new Stack(new App(), 'Lake');
const lake = new ModernDataLake(stack, 'Lake', {
  organization: 'passing',
  environment: 'dev',
  customers: Customers.of([{ customerId: 'acme', encryptionKey: 'own' }]),
  removalPolicy: RemovalPolicy.DESTROY,
});
new CfnOutput(stack, 'ManifestTableName', { value: lake.manifest.tableName });
