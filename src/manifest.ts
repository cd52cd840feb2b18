import { RemovalPolicy } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import { acknowledge } from './private/acknowledge';
import { LakeProps } from './private/lake';

const BY_STATUS = 'by-status';
const BY_SOURCE = 'by-source';
/** Index of the uploads of a dataset by time. Only items of objects under `raw/` have its key. */
export const BY_DATASET = 'by-dataset';

const text = (name: string): dynamodb.Attribute => ({ name, type: dynamodb.AttributeType.STRING });

/**
 * The manifest: an item for every version of every object of the lake, with its status and lineage.
 *
 * Table and indexes are keyed by customer, so one customer's load does not heat another's partitions.
 */
export class Manifest extends Construct {
  public readonly table: dynamodb.ITable;

  constructor(scope: Construct, id: string, props: LakeProps) {
    super(scope, id);
    const table = new dynamodb.Table(this, 'Table', {
      partitionKey: text('object'), // {customer}#{key}
      sortKey: text('version'), // S3 version id, or #latest
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      encryption: dynamodb.TableEncryption.CUSTOMER_MANAGED,
      encryptionKey: props.encryptionKey,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: props.removalPolicy !== RemovalPolicy.DESTROY,
      removalPolicy: props.removalPolicy,
    });
    acknowledge(table, { backupPlan: 'point-in-time recovery restores any second of the last 35 days' });
    table.addGlobalSecondaryIndex({
      indexName: BY_STATUS,
      partitionKey: text('customer_status'), // {customer}#{status}
      sortKey: text('updated_at'),
    });
    table.addGlobalSecondaryIndex({
      indexName: BY_SOURCE, // forward lineage
      partitionKey: text('source'), // {customer}#{key}#{version} of the input
      sortKey: text('object'),
    });
    table.addGlobalSecondaryIndex({
      indexName: BY_DATASET,
      partitionKey: text('customer_dataset'), // {customer}#{dataset}
      sortKey: text('uploaded_at'),
      // Both keys stay as they are, so an item costs this index one write in its life.
      projectionType: dynamodb.ProjectionType.KEYS_ONLY,
    });
    this.table = table;
  }

  /** Throttled reads of the table, and writes of the table and its indexes. A throttled index holds up writes. */
  public metricThrottled(): cloudwatch.IMetric {
    const throttled = (kind: 'Read' | 'Write', index?: string) => new cloudwatch.Metric({
      namespace: 'AWS/DynamoDB',
      metricName: `${kind}ThrottleEvents`,
      dimensionsMap: {
        TableName: this.table.tableName,
        ...index ? { GlobalSecondaryIndexName: index } : {},
      },
      statistic: cloudwatch.Stats.SUM,
    });
    return new cloudwatch.MathExpression({
      label: 'throttled',
      expression: 'FILL(read, 0) + FILL(written, 0) + FILL(status, 0) + FILL(source, 0) + FILL(dataset, 0)',
      usingMetrics: {
        read: throttled('Read'),
        written: throttled('Write'),
        status: throttled('Write', BY_STATUS),
        source: throttled('Write', BY_SOURCE),
        dataset: throttled('Write', BY_DATASET),
      },
    });
  }
}
