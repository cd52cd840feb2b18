import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { IConstruct } from 'constructs';
import { ILakeCustomer } from './lake-customer';

/**
 * A data lake that this app or another one defines.
 */
export interface IModernDataLake extends IConstruct {
  /**
   * The Athena workgroup for queries of the lake.
   */
  readonly workGroupName: string;

  /**
   * What the lake has for a customer: names, grants, and the bucket.
   *
   * @param customerId the customer's id in `customers.json`
   * @throws if the app defines the lake, and it has no such customer
   */
  customer(customerId: string): ILakeCustomer;

  /**
   * Lets a role or user query the tables of customers in the lake's Athena workgroup, and read the objects behind them.
   *
   * @param grantee a role or user that the app defines
   * @param customerIds the customers. If omitted, all: the grantee's policy then has the lake's wildcards, and the same
   * size for any number of customers.
   * @throws if the app defines the lake, and it lacks one of the customers; if the app cannot add to the grantee's
   * policy
   */
  grantQuery(grantee: iam.IGrantable, customerIds?: string[]): iam.Grant;

  /**
   * CSV files whose rows are in a table.
   *
   * @default - sum over 5 minutes
   */
  metricFilesQueryable(options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * CSV files that one of the stages rejected or gave up. Each is in a dead-letter queue.
   *
   * @default - sum over 5 minutes
   */
  metricFilesGivenUp(options?: cloudwatch.MathExpressionOptions): cloudwatch.MathExpression;

  /**
   * Bytes that queries in the lake's workgroup scanned. Athena counts a query when it ends.
   *
   * @default - sum over 5 minutes
   */
  metricBytesScanned(options?: cloudwatch.MetricOptions): cloudwatch.Metric;
}

/**
 * What tells a lake of another app, in the same account and Region.
 */
export interface ModernDataLakeAttributes {
  /**
   * The organization of the lake.
   */
  readonly organization: string;

  /**
   * The environment of the lake.
   */
  readonly environment: string;

  /**
   * Key of the lake. It is needed only if the key is of another account: otherwise grants are for any key of the
   * account, on condition of the lake's buckets.
   *
   * @default - a key of the account
   */
  readonly encryptionKey?: kms.IKey;

  /**
   * Key that encrypts the account's Glue Data Catalog, if it is a customer managed key.
   *
   * @default - the catalog is encrypted with no key, or with the AWS managed key
   */
  readonly catalogKey?: kms.IKey;
}
