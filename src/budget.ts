import { Stack } from 'aws-cdk-lib';
import * as budgets from 'aws-cdk-lib/aws-budgets';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';

const SERVICE = 'budgets.amazonaws.com';

export interface BudgetProps {
  /** US dollars a month. */
  readonly limit: number;
  /** Tags of everything in the lake. A cost counts if it has them all. */
  readonly tags: { readonly [key: string]: string };
  readonly alarmTopic: sns.Topic;
  readonly encryptionKey: kms.IKey;
}

/** Notifies the alarm topic once the lake's costs of a month exceed a limit, and once AWS expects that they will. */
export class Budget extends Construct {
  constructor(scope: Construct, id: string, { limit, tags, alarmTopic, encryptionKey }: BudgetProps) {
    super(scope, id);
    this.letNotify(alarmTopic, encryptionKey);
    const budget = new budgets.CfnBudget(this, 'Budget', {
      budget: {
        budgetType: 'COST',
        timeUnit: 'MONTHLY',
        budgetLimit: { amount: limit, unit: 'USD' },
        metrics: ['UnblendedCost'],
        filterExpression: { and: Object.entries(tags).map(([key, value]) => ({ tags: { key, values: [value] } })) },
      },
      notificationsWithSubscribers: ['ACTUAL', 'FORECASTED'].map((notificationType) => ({
        notification: { notificationType, comparisonOperator: 'GREATER_THAN', threshold: 100 }, // percent
        subscribers: [{ subscriptionType: 'SNS', address: alarmTopic.topicArn }],
      })),
    });
    budget.node.addDependency(alarmTopic);
  }

  /** @see https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-sns-policy.html */
  private letNotify(topic: sns.Topic, key: kms.IKey): void {
    const { account } = Stack.of(this);
    const sourceArn = Stack.of(this).formatArn({ service: 'budgets', region: '', resource: '*' }).replace(/\/$/, '');
    const shared = {
      principals: [new iam.ServicePrincipal(SERVICE)],
      conditions: { StringEquals: { 'aws:SourceAccount': account }, ArnLike: { 'aws:SourceArn': sourceArn } },
    };
    topic.addToResourcePolicy(new iam.PolicyStatement({
      sid: 'Budgets', actions: ['sns:Publish'], resources: [topic.topicArn], ...shared,
    }));
    key.addToResourcePolicy(new iam.PolicyStatement({
      actions: ['kms:Decrypt', 'kms:GenerateDataKey'], resources: ['*'], ...shared,
    }));
  }
}
