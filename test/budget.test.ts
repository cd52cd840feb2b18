import { Statement, Synthesized } from './lake';

const lake = Synthesized.of({ monthlyBudget: 150, project: 'analytics', owner: 'data-team' });
const BUDGETS = 'budgets.amazonaws.com';
/** What AWS asks for: https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-sns-policy.html */
const OF_ACCOUNT = {
  StringEquals: { 'aws:SourceAccount': '${AWS::AccountId}' },
  ArnLike: { 'aws:SourceArn': 'arn:${AWS::Partition}:budgets::${AWS::AccountId}:*' },
};

test('a lake has no budget, and lets no budget notify, unless it is asked for', () => {
  const plain = Synthesized.of();
  expect(Object.keys(plain.ofType('AWS::Budgets::Budget'))).toEqual([]);
  expect(JSON.stringify(plain)).not.toContain(BUDGETS);
});

test('the budget counts what has all tags of the lake', () => {
  expect(lake.one('AWS::Budgets::Budget').Budget).toEqual({
    BudgetType: 'COST',
    TimeUnit: 'MONTHLY',
    BudgetLimit: { Amount: 150, Unit: 'USD' },
    Metrics: ['UnblendedCost'],
    FilterExpression: {
      And: [
        { Tags: { Key: 'project', Values: ['analytics'] } },
        { Tags: { Key: 'environment', Values: ['prod'] } },
        { Tags: { Key: 'owner', Values: ['data-team'] } },
      ],
    },
  });
});

test('the alarm topic is told when the limit is exceeded, and when it is expected to be', () => {
  const { NotificationsWithSubscribers: notifications } = lake.one('AWS::Budgets::Budget');
  expect(notifications).toEqual(['ACTUAL', 'FORECASTED'].map((NotificationType) => ({
    Notification: { NotificationType, ComparisonOperator: 'GREATER_THAN', Threshold: 100 },
    Subscribers: [{ SubscriptionType: 'SNS', Address: '${LakeObserveAlarmTopic}' }],
  })));
});

test('AWS Budgets may publish to the topic and use its key, for budgets of the account only', () => {
  const ofBudgets = ({ Principal }: Statement) => Principal?.Service === BUDGETS;
  const topic = lake.one('AWS::SNS::TopicPolicy').PolicyDocument.Statement.find(ofBudgets);
  expect(topic).toMatchObject({ Action: 'sns:Publish', Resource: '${LakeObserveAlarmTopic}', Condition: OF_ACCOUNT });
  const key = lake.one('AWS::KMS::Key').KeyPolicy.Statement.find(ofBudgets);
  expect(key).toMatchObject({ Action: ['kms:Decrypt', 'kms:GenerateDataKey'], Condition: OF_ACCOUNT });
});
