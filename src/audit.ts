import { Annotations, Stack } from 'aws-cdk-lib';
import * as cloudtrail from 'aws-cdk-lib/aws-cloudtrail';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { acknowledge } from './private/acknowledge';
import { newLogBucket } from './private/bucket';
import { LakeProps } from './private/lake';

/**
 * Which trails of CloudTrail a lake has. A Region takes five trails.
 *
 * @see https://aws.amazon.com/cloudtrail/pricing/
 */
export enum AuditTrail {
  /**
   * No trail. The account's own trail must record the data events of the customers' buckets, or nobody does.
   */
  NONE = 'NONE',

  /**
   * A trail of who read, wrote or deleted which object in the customers' buckets, at 0.10 USD for 100,000 events.
   * Changes of roles, policies and keys are management events, which the account's own trail records.
   */
  OBJECTS = 'OBJECTS',

  /**
   * The trail of `OBJECTS`, and a second one with the management events of all Regions, for an account that has no
   * trail of its own. If it has one, these events cost 2 USD for 100,000.
   */
  OBJECTS_AND_MANAGEMENT = 'OBJECTS_AND_MANAGEMENT',
}

/**
 * Values that the selectors of a trail may have in all.
 *
 * @see https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html
 */
const MAX_SELECTOR_VALUES = 500;
/** Those left for buckets, beside the event category and the resource type. */
const MAX_BUCKETS = MAX_SELECTOR_VALUES - 2;

export interface AuditProps extends LakeProps {
  readonly trail: AuditTrail;
  /** Names of the customers' buckets. */
  readonly buckets: readonly string[];
  /** Bucket of access logs, which a selector by prefix would match. */
  readonly accessLogs: s3.IBucket;
}

/** The trails of a lake and the bucket of their records. */
export class Audit extends Construct {
  constructor(scope: Construct, id: string, props: AuditProps) {
    super(scope, id);
    if (props.trail === AuditTrail.NONE) return;
    const logs = newLogBucket(this, 'Logs', props.removalPolicy, props.encryptionKey);
    // Data events are of one Region. A trail of all Regions would record every bucket whose name begins alike.
    const trail = this.newTrail('Trail', logs, props, false);
    // The L2 construct has only the older selectors, which take 250 buckets and no prefix.
    const resource = trail.node.defaultChild as cloudtrail.CfnTrail;
    resource.eventSelectors = undefined;
    resource.advancedEventSelectors = [{
      name: 'Objects of the customers',
      fieldSelectors: [
        { field: 'eventCategory', equalTo: ['Data'] },
        { field: 'resources.type', equalTo: ['AWS::S3::Object'] },
        this.ofCustomers(props, logs),
      ],
    }];
    if (props.trail === AuditTrail.OBJECTS_AND_MANAGEMENT) this.newTrail('ManagementTrail', logs, props, true);
  }

  private newTrail(id: string, bucket: s3.Bucket, props: AuditProps, ofAllRegions: boolean): cloudtrail.Trail {
    const trail = new cloudtrail.Trail(this, id, {
      bucket,
      encryptionKey: props.encryptionKey,
      enableFileValidation: true,
      isMultiRegionTrail: ofAllRegions, // changes of roles are events of us-east-1, in whatever Region the lake is
      includeGlobalServiceEvents: ofAllRegions,
    });
    acknowledge(trail, {
      trailInCloudWatchLogs: 'a second copy at 0.50 USD a GB; the records are in S3, and validated',
    });
    return trail;
  }

  /** The objects of the buckets by name, or by the prefix of all names when a trail cannot take that many. */
  private ofCustomers(props: AuditProps, logs: s3.Bucket): cloudtrail.CfnTrail.AdvancedFieldSelectorProperty {
    const field = 'resources.ARN';
    const arn = (name: string) => `arn:${Stack.of(this).partition}:s3:::${name}`;
    if (props.buckets.length <= MAX_BUCKETS) {
      return { field, startsWith: props.buckets.map((name) => `${arn(name)}/`) };
    }
    const prefix = `${props.organization}-`;
    Annotations.of(this).addInfoV2('modern-data-lake:auditTrailByPrefix',
      `the trail records the objects of every bucket of the account in this Region that begins with '${prefix}': `
      + `a trail takes ${MAX_SELECTOR_VALUES} selector values, fewer than this lake's ${props.buckets.length} buckets`);
    // What the logs themselves write would be logged again.
    const notStartsWith = [logs, props.accessLogs].map((bucket) => `${bucket.bucketArn}/`);
    return { field, startsWith: [arn(prefix)], notStartsWith };
  }
}
