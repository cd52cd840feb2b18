import { App, Stack } from 'aws-cdk-lib';
import { Customers, ModernDataLake } from 'modern-data-lake';

const stack = new Stack(new App(), 'Lake');
new ModernDataLake(stack, 'Lake', {
  organization: 'mycompany',
  environment: 'prod',
  customers: Customers.fromJsonFile('customers.json'),
});
