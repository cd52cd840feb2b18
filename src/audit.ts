import { Stack } from 'aws-cdk-lib';
import * as cloudtrail from 'aws-cdk-lib/aws-cloudtrail';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { acknowledge } from './private/acknowledge';
import { newLogBucket } from './private/bucket';
import { LakeProps } from './private/lake';

export interface AuditProps extends LakeProps {
  /** Bucket whose own log records would be logged again. */
  readonly accessLogs: s3.IBucket;
}

/**
 * A trail of who read, wrote or deleted which object in the customers' buckets, and of who changed the account:
 * policies, keys, roles, in all Regions. CloudTrail bills 0.10 USD for 100,000 data events, and 2 USD for 100,000
 * management events unless this is the first trail that records them. A Region takes five trails, this one included.
 *
 * @see https://aws.amazon.com/cloudtrail/pricing/
 */
export class Audit extends Construct {
  constructor(scope: Construct, id: string, props: AuditProps) {
    super(scope, id);
    const logs = newLogBucket(this, 'Logs', props.removalPolicy, props.encryptionKey);
    const trail = new cloudtrail.Trail(this, 'Trail', {
      bucket: logs,
      encryptionKey: props.encryptionKey,
      enableFileValidation: true,
      isMultiRegionTrail: true, // changes of roles are events of us-east-1, wherever the lake is
    });
    acknowledge(trail, {
      trailInCloudWatchLogs: 'a second copy at 0.50 USD a GB; the records are in S3, validated, for whatever watches',
    });
    // The L2 construct has only the older selectors, which take 250 buckets and no beginning of a name.
    const resource = trail.node.defaultChild as cloudtrail.CfnTrail;
    resource.eventSelectors = undefined;
    resource.advancedEventSelectors = [{
      name: 'Management events',
      fieldSelectors: [{ field: 'eventCategory', equalTo: ['Management'] }],
    }, {
      name: 'Objects of the customers',
      fieldSelectors: [
        { field: 'eventCategory', equalTo: ['Data'] },
        { field: 'resources.type', equalTo: ['AWS::S3::Object'] },
        {
          field: 'resources.ARN',
          startsWith: [`arn:${Stack.of(this).partition}:s3:::${props.organization}-`],
          notStartsWith: [logs, props.accessLogs].map((bucket) => `${bucket.bucketArn}/`),
        },
      ],
    }];
  }
}
