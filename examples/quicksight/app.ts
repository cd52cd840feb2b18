import { App, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as quicksight from 'aws-cdk-lib/aws-quicksight';
import { Customers, ModernDataLake } from 'modern-data-lake';

const stack = new Stack(new App(), 'Lake');
const lake = new ModernDataLake(stack, 'Lake', {
  organization: 'mycompany',
  environment: 'prod',
  customers: Customers.fromJsonFile('customers.json'),
});

// QuickSight runs the queries of the data source as this role, which reaches the tables of one customer.
const role = new iam.Role(stack, 'QuickSight', { assumedBy: new iam.ServicePrincipal('quicksight.amazonaws.com') });
const acme = lake.customer('acme');
const granted = acme.grantQuery(role);

const awsAccountId = stack.account;
/** Those who may use the dataset: a group of QuickSight. */
const analysts = stack.formatArn({ service: 'quicksight', resource: 'group', resourceName: 'default/analysts' });
const source = new quicksight.CfnDataSource(stack, 'Acme', {
  awsAccountId,
  dataSourceId: 'mycompany-acme-prod',
  name: 'acme',
  type: 'ATHENA',
  dataSourceParameters: { athenaParameters: { workGroup: lake.workGroupName, roleArn: role.roleArn } },
});
granted.applyBefore(source); // QuickSight tries the connection at once

new quicksight.CfnDataSet(stack, 'Orders', {
  awsAccountId,
  dataSetId: 'mycompany-acme-prod-orders',
  name: 'orders',
  importMode: 'DIRECT_QUERY',
  physicalTableMap: {
    orders: {
      customSql: {
        dataSourceArn: source.attrArn,
        name: 'orders',
        sqlQuery: `SELECT id, _source_file, _processed_at FROM ${acme.databaseName}.orders`,
        columns: [
          { name: 'id', type: 'INTEGER' },
          { name: '_source_file', type: 'STRING' },
          { name: '_processed_at', type: 'DATETIME' },
        ],
      },
    },
  },
  permissions: [{
    principal: analysts,
    actions: ['DescribeDataSet', 'DescribeDataSetPermissions', 'PassDataSet', 'DescribeIngestion', 'ListIngestions']
      .map((action) => `quicksight:${action}`),
  }],
});
