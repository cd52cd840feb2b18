import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { METRICS_NAMESPACE } from './private/job-role';
import { LakeNames } from './private/lake';

/**
 * Metrics of a stage's job, which the job puts once a minute while it works. Without work they have no data.
 */
export interface IStageMetrics {
  /**
   * Objects that the stage converted.
   *
   * @default - sum over 5 minutes
   */
  metricObjectsSucceeded(options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Objects that the stage gave up after their last attempt. Each is in the dead-letter queue.
   *
   * @default - sum over 5 minutes
   */
  metricObjectsFailed(options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Objects that cannot be converted, however often they are tried. Each is in the dead-letter queue.
   *
   * @default - sum over 5 minutes
   */
  metricObjectsRejected(options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Objects that a reconcile found without an item in the manifest: no event had told of them. The stage then works on
   * them. Every reconcile of a customer puts a value, most often 0.
   *
   * @default - sum over 5 minutes
   */
  metricObjectsUnseen(options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Rows that the stage wrote.
   *
   * @default - sum over 5 minutes
   */
  metricRowsWritten(options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Rows with fewer fields than the header. The missing fields are null.
   *
   * @default - sum over 5 minutes
   */
  metricRowsShort(options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Values that did not fit the type of their column and are in `_rescued_data` instead.
   *
   * @default - sum over 5 minutes
   */
  metricValuesRescued(options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Bytes of the objects that the stage converted, as S3 stores them.
   *
   * @default - sum over 5 minutes
   */
  metricBytesRead(options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Seconds from the upload of an object to the end of the stage's work on it. The object is a CSV file, or the JSON
   * that the first stage made of one.
   *
   * @default - 95th percentile over 5 minutes
   */
  metricArrivalToDone(options?: cloudwatch.MetricOptions): cloudwatch.Metric;
}

/** The metrics of a stage's job, by the names in glue-assets/datalake/driver/metrics.py. */
export abstract class StageMetrics extends Construct implements IStageMetrics {
  private readonly dimensionsMap: cloudwatch.DimensionsMap;

  /** @param stage name of the stage in the jobs */
  constructor(scope: Construct, id: string, lake: LakeNames, stage: string) {
    super(scope, id);
    this.dimensionsMap = { Lake: `${lake.organization}-${lake.environment}`, Stage: stage };
  }

  public metricObjectsSucceeded(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('ObjectsSucceeded', cloudwatch.Stats.SUM, options);
  }

  public metricObjectsFailed(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('ObjectsFailed', cloudwatch.Stats.SUM, options);
  }

  public metricObjectsRejected(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('ObjectsRejected', cloudwatch.Stats.SUM, options);
  }

  public metricObjectsUnseen(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('ObjectsUnseen', cloudwatch.Stats.SUM, options);
  }

  public metricRowsWritten(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('RowsWritten', cloudwatch.Stats.SUM, options);
  }

  public metricRowsShort(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('RowsShort', cloudwatch.Stats.SUM, options);
  }

  public metricValuesRescued(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('ValuesRescued', cloudwatch.Stats.SUM, options);
  }

  public metricBytesRead(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('BytesRead', cloudwatch.Stats.SUM, options);
  }

  public metricArrivalToDone(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('ArrivalToDoneSeconds', cloudwatch.Stats.percentile(95), options);
  }

  private metric(metricName: string, statistic: string, options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    const { dimensionsMap } = this;
    const metric = new cloudwatch.Metric({
      namespace: METRICS_NAMESPACE, metricName, dimensionsMap, statistic, ...options,
    });
    return metric.attachTo(this);
  }
}
