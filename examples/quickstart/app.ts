import { join } from 'path';
import { App, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import { Customers, ModernDataLake } from 'modern-data-lake';

const app = new App();
const stack = new Stack(app, 'Lake');
export const lake = new ModernDataLake(stack, 'Lake', {
  organization: 'mycompany',
  environment: 'dev',
  // cdk deploy --context customers=other.json
  customers: Customers.fromJsonFile(app.node.tryGetContext('customers') ?? join(__dirname, 'customers.json')),
  batchWindow: Duration.seconds(1), // a first try need not wait for further files
});

const outputs: Record<string, string> = {
  ManifestTableName: lake.manifest.tableName,
  AlarmTopicArn: lake.alarmTopic.topicArn,
  SweeperArn: lake.sweeper.stateMachineArn,
  ProcessCsvJobName: lake.processCsv.jobName,
  ProcessCsvWorkQueueUrl: lake.processCsv.workQueue.queueUrl,
  ProcessCsvDeadLetterQueueUrl: lake.processCsv.deadLetterQueue.queueUrl,
  AnalyticsTransformJobName: lake.analyticsTransform.jobName,
  AnalyticsTransformWorkQueueUrl: lake.analyticsTransform.workQueue.queueUrl,
  AnalyticsTransformDeadLetterQueueUrl: lake.analyticsTransform.deadLetterQueue.queueUrl,
};
Object.entries(outputs).forEach(([id, value]) => new CfnOutput(stack, id, { value }));
