import * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';

/**
 * What a lake has for one customer.
 *
 * The names and the ARN are text, not references to resources: a stack that uses them does not depend on the lake's
 * stack. So a role of that stack can be granted access as well, which makes the lake's stack depend on that one.
 */
export interface ILakeCustomer {
  /**
   * The customer's id in `customers.json`.
   */
  readonly customerId: string;

  /**
   * Name of the customer's bucket.
   */
  readonly bucketName: string;

  /**
   * ARN of the customer's bucket.
   */
  readonly bucketArn: string;

  /**
   * The customer's bucket, for constructs that take one. `grantRead`, `grantPut` and `grantDelete` are the lake's
   * `grantRead`, `grantUpload` and `grantErase`. What the bucket's policy would deny, and what would stop the events
   * that start the jobs, throws an error that says what to use instead.
   *
   * A construct of the lake's own stack that needs the bucket to exist must depend on the lake.
   */
  readonly bucket: s3.IBucket;

  /**
   * Name of the customer's Glue database.
   */
  readonly databaseName: string;

  /**
   * Name of the Athena workgroup in which the customer's tables are queried.
   */
  readonly workGroupName: string;

  /**
   * Lets a role or user put objects under `raw/` of the customer's bucket. Nobody else can, whatever other policies
   * say.
   *
   * @param grantee a role or user, of this account or another
   * @throws if the grantee is not a single role or user
   */
  grantUpload(grantee: iam.IGrantable): iam.Grant;

  /**
   * Lets a role or user list and read the objects under `analytics-ready/` of the customer's bucket. Nobody else can,
   * whatever other policies say.
   *
   * @param grantee a role or user, of this account or another
   * @throws if the grantee is not a single role or user
   */
  grantRead(grantee: iam.IGrantable): iam.Grant;

  /**
   * Lets a role or user delete the customer's objects, in all layers. Nobody else can, whatever other policies allow.
   * What is deleted stays as a noncurrent version for 90 days.
   *
   * It is for taking the rows of a file out of the tables: see "A file was deleted" in docs/runbook.md.
   *
   * @param grantee a role or user, of this account or another
   * @throws if the grantee is not a single role or user
   */
  grantErase(grantee: iam.IGrantable): iam.Grant;

  /**
   * Lets a role or user query the customer's tables in the lake's Athena workgroup, which includes `grantRead`. It is
   * all that BI tools such as QuickSight need: see docs/analyse.md. For many customers, the lake's own `grantQuery`
   * makes fewer statements.
   *
   * @param grantee a role or user that the app defines
   * @throws if the app cannot add to the grantee's policy
   */
  grantQuery(grantee: iam.IGrantable): iam.Grant;
}
