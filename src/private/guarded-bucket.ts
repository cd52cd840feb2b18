import * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { ILakeCustomer } from '../lake-customer';
import { errorAt } from './errors';

/** What the methods of a bucket would do to a lake, and what to write instead. */
const INSTEAD = {
  grantWrite: 'grants what the bucket\'s policy denies; use grantUpload of the customer, for objects under raw/',
  grantReadWrite: 'grants what the bucket\'s policy denies; use grantUpload, for objects under raw/, and grantRead, '
    + 'for those under analytics-ready/',
  grantPutAcl: 'grants what the bucket does not take: access control lists are off; use grantUpload of the customer',
  grantPublicAccess: 'would make a customer\'s data public; use grantRead of the customer, for a role',
  grantReplicationPermission: 'grants what the bucket\'s policy denies; replicate from a bucket of your own',
  addEventNotification: 'would replace the bucket\'s notifications, and no more events would start the jobs; use '
    + 'an events.Rule for the events of the bucket, which go to EventBridge',
  addToResourcePolicy: 'cannot add to the policy of the bucket, which is the lake\'s; use the grants of the customer',
  addReplicationPolicy: 'cannot add to the policy of the bucket, which is the lake\'s; replicate from a bucket of '
    + 'your own',
};

/** The customer's bucket by its name, whose methods do what the lake allows, or say what does. */
export function guardedBucket(scope: Construct, id: string, customer: ILakeCustomer): s3.IBucket {
  const bucket = s3.Bucket.fromBucketName(scope, id, customer.bucketName);
  const refusing = (method: keyof typeof INSTEAD) => () => {
    throw errorAt(scope, `'${method}' ${INSTEAD[method]}`);
  };
  /** The grants of a lake are for a layer: a pattern would promise less than they give, or more. */
  const granting = (method: string, grant: (grantee: iam.IGrantable) => iam.Grant, layer: string) => (
    (grantee: iam.IGrantable, pattern?: string) => {
      if (pattern === undefined || pattern === `${layer}*`) return grant(grantee);
      throw errorAt(scope, `'${method}' is for all objects under ${layer}, got the pattern '${pattern}'; omit it`);
    });
  return Object.assign(bucket, {
    grantRead: granting('grantRead', (grantee) => customer.grantRead(grantee), 'analytics-ready/'),
    grantPut: granting('grantPut', (grantee) => customer.grantUpload(grantee), 'raw/'),
    grantDelete: granting('grantDelete', (grantee) => customer.grantErase(grantee), ''),
    enableEventBridgeNotification: () => undefined, // it is on
    ...Object.fromEntries(Object.keys(INSTEAD).map((method) => [method, refusing(method as keyof typeof INSTEAD)])),
    addObjectCreatedNotification: refusing('addEventNotification'),
    addObjectRemovedNotification: refusing('addEventNotification'),
  });
}
