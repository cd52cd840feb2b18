/** A lake that is there to be destroyed, with the grants and rights of an account that guards its catalog. */
import { App, CfnOutput, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Customers, ModernDataLake } from 'modern-data-lake';

const stack = new Stack(new App(), 'Lake');
const lake = new ModernDataLake(stack, 'Lake', {
  organization: 'passing',
  environment: 'dev',
  customers: Customers.of([{ customerId: 'acme', encryptionKey: 'own' }]),
  removalPolicy: RemovalPolicy.DESTROY,
  lakeFormation: true,
  catalogKey: kms.Key.fromKeyArn(stack, 'CatalogKey', 'arn:aws:kms:us-east-1:123456789012:key/catalog'),
});
new CfnOutput(stack, 'ManifestTableName', { value: lake.manifest.tableName });
