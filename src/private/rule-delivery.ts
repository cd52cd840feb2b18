import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as sqs from 'aws-cdk-lib/aws-sqs';

/**
 * Lets a rule send events to a queue.
 *
 * `queue.grantSendMessages()` would copy the condition into the key's policy: key -> rule -> queue -> key.
 */
export function letDeliver(rule: events.IRule, queue: sqs.IQueue): void {
  queue.addToResourcePolicy(new iam.PolicyStatement({
    principals: [new iam.ServicePrincipal('events.amazonaws.com')],
    actions: ['sqs:SendMessage'],
    resources: [queue.queueArn],
    conditions: { ArnEquals: { 'aws:SourceArn': rule.ruleArn } },
  }));
}
