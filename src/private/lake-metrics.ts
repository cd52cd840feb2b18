import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { IStageMetrics } from '../metrics';
import { Stage } from '../stage';

/** Both stages, in the order of the data. */
export type Stages = readonly [csv: Stage, parquet: Stage];
type StagesMetrics = readonly [csv: IStageMetrics, parquet: IStageMetrics];

/** CSV files that arrived. A file that is sent back from the dead-letter queue counts again. */
export function filesArrived([csv]: Stages, options?: cloudwatch.MetricOptions): cloudwatch.Metric {
  return csv.workQueue.metricNumberOfMessagesSent(options);
}

/** Files whose rows are in a table. */
export function filesQueryable([, parquet]: StagesMetrics, options?: cloudwatch.MetricOptions): cloudwatch.Metric {
  return parquet.metricObjectsSucceeded(options);
}

/** Files that either stage rejected or gave up. */
export function filesGivenUp(
  stages: StagesMetrics, options?: cloudwatch.MathExpressionOptions,
): cloudwatch.MathExpression {
  const { period } = options ?? {};
  const [csv, parquet] = stages.map((stage) => (
    [stage.metricObjectsRejected({ period }), stage.metricObjectsFailed({ period })]));
  return new cloudwatch.MathExpression({
    label: 'given up',
    expression: 'FILL(rejected, 0) + FILL(failed, 0) + FILL(rejectedLater, 0) + FILL(failedLater, 0)',
    usingMetrics: { rejected: csv[0], failed: csv[1], rejectedLater: parquet[0], failedLater: parquet[1] },
    ...options,
  });
}

/** Bytes that queries in the workgroup scanned. Athena counts a query when it ends, also if it is cut off. */
export function bytesScanned(
  owner: Construct & { readonly workGroupName: string }, options?: cloudwatch.MetricOptions,
): cloudwatch.Metric {
  return new cloudwatch.Metric({
    namespace: 'AWS/Athena',
    metricName: 'ProcessedBytes',
    dimensionsMap: { WorkGroup: owner.workGroupName },
    statistic: cloudwatch.Stats.SUM,
    ...options,
  }).attachTo(owner);
}
