import { readFileSync } from 'fs';
import { join } from 'path';
import { Duration } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { newLake } from './lake';
import { IStage } from '../src';

const GLUE_ASSETS = join(__dirname, '..', 'glue-assets', 'datalake');
const source = (file: string) => readFileSync(join(GLUE_ASSETS, file), 'utf-8');
const PUT = source('driver/metrics.py');
const { lake } = newLake({}, { env: { account: '123456789012', region: 'eu-west-1' } });

const SUMS = [
  'ObjectsSucceeded', 'ObjectsFailed', 'ObjectsRejected', 'RowsWritten', 'RowsShort', 'ValuesRescued', 'BytesRead',
];
const methods = (stage: IStage) => [
  stage.metricObjectsSucceeded, stage.metricObjectsFailed, stage.metricObjectsRejected, stage.metricRowsWritten,
  stage.metricRowsShort, stage.metricValuesRescued, stage.metricBytesRead, stage.metricArrivalToDone,
].map((method) => method.bind(stage));

describe.each([
  ['processCsv', 'stages/csv_to_json.py'],
  ['analyticsTransform', 'stages/json_to_parquet.py'],
] as const)('%s', (property, file) => {
  const metrics = methods(lake[property]).map((method) => method());

  test('has the metrics that its job puts, by their names', () => {
    expect(metrics.map(({ metricName }) => metricName)).toEqual([...SUMS, 'ArrivalToDoneSeconds']);
    for (const { metricName, namespace } of metrics) {
      expect(PUT).toContain(`"${metricName}"`);
      expect(PUT).toContain(`NAMESPACE = "${namespace}"`);
    }
  });

  test('finds them by the lake and the stage, as the job names it', () => {
    const [, name] = /^ {4}name="(.+)",$/m.exec(source(file))!;
    for (const { dimensions } of metrics) expect(dimensions).toEqual({ Lake: 'mycompany-prod', Stage: name });
  });

  test('adds up what is counted, and has the slowest of twenty files for the time', () => {
    expect(metrics.map(({ statistic }) => statistic)).toEqual([...SUMS.map(() => 'Sum'), 'p95']);
  });

  test('takes another statistic, period or label', () => {
    for (const method of methods(lake[property])) {
      const options = { statistic: 'Maximum', period: Duration.hours(1), label: 'of the hour' };
      expect(method(options)).toMatchObject({ ...options, dimensions: method().dimensions });
    }
  });
});

describe('the lake', () => {
  test('counts files that arrive, by the work that the first stage gets', () => {
    const metric = lake.metricFilesArrived({ period: Duration.hours(1) });
    expect(metric).toMatchObject({ namespace: 'AWS/SQS', metricName: 'NumberOfMessagesSent', statistic: 'Sum' });
    expect(metric.dimensions).toEqual({ QueueName: lake.processCsv.workQueue.queueName });
    expect(metric.period.toHours()).toBe(1);
  });

  test('counts files that are queryable, by what the second stage finished', () => {
    expect(lake.metricFilesQueryable().dimensions).toEqual(lake.analyticsTransform.metricObjectsSucceeded().dimensions);
    expect(lake.metricFilesQueryable()).toMatchObject({ metricName: 'ObjectsSucceeded', statistic: 'Sum' });
  });

  test('adds up what both stages rejected and gave up, each of which may have no data', () => {
    const metric = lake.metricFilesGivenUp({ period: Duration.hours(1) });
    const used = Object.entries(metric.usingMetrics).map(([id, each]) => [id, each as Metric] as const);
    expect(used.map(([id, { metricName, dimensions }]) => [id, metricName, dimensions!.Stage])).toEqual([
      ['rejected', 'ObjectsRejected', 'process-csv'], ['failed', 'ObjectsFailed', 'process-csv'],
      ['rejectedLater', 'ObjectsRejected', 'analytics-transform'],
      ['failedLater', 'ObjectsFailed', 'analytics-transform'],
    ]);
    expect(metric.expression).toBe(used.map(([id]) => `FILL(${id}, 0)`).join(' + '));
    expect([metric, ...used.map(([, each]) => each)].map(({ period }) => period.toHours())).toEqual([1, 1, 1, 1, 1]);
  });

  test('counts the bytes that queries of its workgroup scan', () => {
    expect(lake.metricBytesScanned()).toMatchObject(
      { namespace: 'AWS/Athena', metricName: 'ProcessedBytes', dimensions: { WorkGroup: lake.workGroupName } });
  });
});

test('another stack finds the metrics in the account and Region of the lake', () => {
  expect(lake.processCsv.metricObjectsFailed()).toMatchObject({ account: '123456789012', region: 'eu-west-1' });
});
