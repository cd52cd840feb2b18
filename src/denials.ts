import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as events from 'aws-cdk-lib/aws-events';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { acknowledge } from './private/acknowledge';
import { LakeProps } from './private/lake';
import { bucketPattern } from './private/naming';
import { letDeliver } from './private/rule-delivery';
import { RETENTION } from './stage';

/** How CloudTrail calls a denial: S3 and KMS the first, other services the second. */
const DENIED = ['AccessDenied', 'AccessDeniedException'];

/**
 * Keeps the calls that AWS denied on the customers' buckets and on the lake's key, as CloudTrail tells EventBridge of
 * them: for objects if a trail records their data events, for buckets and keys if one records management events. A
 * call on an object that fails for want of its key is denied by S3 as well.
 *
 * Events of AWS services are free, and so is a rule. The target is a queue, since CloudWatch counts no rule without a
 * target, and since whoever looks into the alarm asks first who called what.
 *
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html
 */
export class Denials extends Construct {
  private readonly queue: sqs.Queue;
  private readonly rule: events.Rule;

  constructor(scope: Construct, id: string, props: LakeProps) {
    super(scope, id);
    this.queue = new sqs.Queue(this, 'Calls', {
      encryptionMasterKey: props.encryptionKey,
      enforceSSL: true,
      retentionPeriod: RETENTION,
    });
    acknowledge(this.queue, { deadLetterQueue: 'nothing works on its messages: people read them' });
    this.rule = new events.Rule(this, 'Denied', {
      description: 'Denied calls on the buckets of the customers and on the key of the lake',
      eventPattern: denied(props),
    });
    this.rule.addTarget({ bind: () => this.target() });
  }

  /** Denied calls. */
  public metricDenied(): cloudwatch.Metric {
    return new cloudwatch.Metric({
      namespace: 'AWS/Events',
      metricName: 'TriggeredRules',
      dimensionsMap: { RuleName: this.rule.ruleName },
      statistic: cloudwatch.Stats.SUM,
    });
  }

  private target(): events.RuleTargetConfig {
    letDeliver(this.rule, this.queue);
    return { arn: this.queue.queueArn };
  }
}

/** A pattern that does not grow with the number of customers. */
function denied({ organization, environment, encryptionKey }: LakeProps): events.EventPattern {
  const ofCustomer = events.Match.wildcard(bucketPattern(organization, environment));
  return {
    source: ['aws.s3', 'aws.kms'],
    detailType: ['AWS API Call via CloudTrail'],
    detail: {
      errorCode: DENIED,
      $or: [
        { requestParameters: { bucketName: ofCustomer } },
        { resources: { ARN: [encryptionKey.keyArn] } },
      ],
    },
  };
}
