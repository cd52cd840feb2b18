/** An app whose lake has many customers, 100 in a shard. Prints what the process used. */
import { App, Stack } from 'aws-cdk-lib';
import { Customers, ModernDataLake } from '../../src';

const CUSTOMERS_PER_SHARD = 100;

const customers = Array.from({ length: Number(process.env.CUSTOMERS) }, (_, n) => (
  { customerId: `customer-${n + 1}`, shard: Math.floor(n / CUSTOMERS_PER_SHARD) + 1 }));
const app = new App();
new ModernDataLake(new Stack(app, 'Lake'), 'Lake', {
  organization: 'mycompany', environment: 'prod', customers: Customers.of(customers),
});
app.synth();
console.log(JSON.stringify(process.resourceUsage()));
