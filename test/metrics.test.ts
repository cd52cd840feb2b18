import { readFileSync } from 'fs';
import { join } from 'path';
import { Duration } from 'aws-cdk-lib';
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

test('another stack finds the metrics in the account and Region of the lake', () => {
  expect(lake.processCsv.metricObjectsFailed()).toMatchObject({ account: '123456789012', region: 'eu-west-1' });
});
