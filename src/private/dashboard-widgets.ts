import { Duration, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { DashboardProps } from '../dashboard';
import { bytesScanned, filesArrived, filesQueryable } from './lake-metrics';
import { LogQuery, LOG_QUERIES } from './log-queries';
import { DOCS } from './new-alarm';

/** Columns of a dashboard. */
const WIDTH = 24;
const HEIGHT = 6;
const HOURLY = { period: Duration.hours(1) };
/** Colours of the stages, in the order of the data: of what waits, is in work, was given up. */
const COLORS = ['#1f77b4', '#2ca02c'];
const LIGHT = ['#aec7e8', '#98df8a'];
const BAD = ['#d62728', '#ff9896'];

type Row = cloudwatch.IWidget[];

/** Links to headings of the runbook. */
const links = (headings: Record<string, string>) => (
  Object.entries(headings).map(([text, anchor]) => `[${text}](${DOCS}/runbook.md#${anchor})`).join(' · '));

const heading = (title: string, text: string) => (
  new cloudwatch.TextWidget({ markdown: `## ${title}\n${text}`, width: WIDTH, height: 2 }));

/** The dashboard from top to bottom. */
export function widgetsOf(props: DashboardProps): Row[] {
  return [...health(props), ...delay(props), ...results(props), ...usage(props), ...cost(props)];
}

function health({ name, alarms }: DashboardProps): Row[] {
  const title = new cloudwatch.TextWidget({
    markdown: `# ${name}\n${links({ 'Where is a file?': 'where-is-a-file', 'Runbook': 'runbook' })} · `
      + `[Operating](${DOCS}/operate.md) · [Cost](${DOCS}/cost.md)`,
    width: WIDTH,
    height: 2,
  });
  if (!alarms.length) return [[title]];
  const text = 'Each alarm links to its heading in the runbook.';
  return [[title], [heading('Is it healthy?', text)], [new cloudwatch.AlarmStatusWidget({
    title: 'Alarms',
    alarms: [...alarms],
    sortBy: cloudwatch.AlarmStatusWidgetSortBy.STATE_UPDATED_TIMESTAMP,
    width: WIDTH,
    height: HEIGHT,
  })]];
}

function delay(props: DashboardProps): Row[] {
  const { stages } = props;
  return [
    [heading('How far behind?', links({
      'Backlog age': 'backlog-age',
      'No progress': 'no-progress',
      'Slow objects': 'slow-objects',
    }))],
    thirds(
      graph('Objects that wait, and in work', stages.flatMap(({ node: { id }, workQueue }, at) => [
        workQueue.metricApproximateNumberOfMessagesVisible({ label: `${id} waiting`, color: COLORS[at] }),
        workQueue.metricApproximateNumberOfMessagesNotVisible({ label: `${id} in work`, color: LIGHT[at] }),
      ]), 'objects'),
      graph('Age of the oldest object that waits', stages.map(({ node: { id }, workQueue }, at) => (
        workQueue.metricApproximateAgeOfOldestMessage({ label: id, color: COLORS[at] }))), 'seconds'),
      graph('From the upload to the end of a stage, slowest of twenty', stages.map((stage, at) => (
        stage.metricArrivalToDone({ label: stage.node.id, color: COLORS[at] }))), 'seconds'),
    ),
  ];
}

function results(props: DashboardProps): Row[] {
  const { stages, sweeper } = props;
  const [csv, parquet] = stages;
  return [
    [heading('What arrived, what failed?', links({
      'Dead letters': 'dead-letter-queue-not-empty',
      'Failed runs': 'failed-job-runs',
      'Misfits': 'misfits',
      'Unusual arrivals': 'unusual-arrivals',
    }))],
    thirds(
      graph('Files by hour', [
        filesArrived(stages, { ...HOURLY, label: 'arrived', color: COLORS[0] }),
        filesQueryable(stages, { ...HOURLY, label: 'queryable', color: COLORS[1] }),
      ], 'files'),
      graph('Rows by hour', [parquet.metricRowsWritten({ ...HOURLY, label: 'written', color: COLORS[1] })], 'rows'),
      graph('Rescued values and short rows by hour', [
        csv.metricRowsShort({ ...HOURLY, label: 'short rows', color: BAD[1] }),
        ...stages.map((stage, at) => (
          stage.metricValuesRescued({ ...HOURLY, label: `${stage.node.id} rescued`, color: COLORS[at] }))),
      ], 'misfits'),
    ),
    thirds(
      graph('Objects given up by hour', stages.flatMap((stage, at) => [
        stage.metricObjectsRejected({ ...HOURLY, label: `${stage.node.id} rejected`, color: COLORS[at] }),
        stage.metricObjectsFailed({ ...HOURLY, label: `${stage.node.id} failed`, color: BAD[at] }),
      ]), 'objects'),
      graph('Dead letters', stages.map(({ node: { id }, deadLetterQueue }, at) => (
        deadLetterQueue.metricApproximateNumberOfMessagesVisible({ label: id, color: BAD[at] }))), 'objects'),
      graph('Failed runs by hour', stages.map((stage, at) => (
        sweeper.metricFailedRuns(stage).with({ ...HOURLY, label: stage.node.id, color: BAD[at] }))), 'runs'),
    ),
    [table(props, 'Failures by reason', 'FailuresByReason', WIDTH)],
  ];
}

function usage(props: DashboardProps): Row[] {
  return [
    [heading('Who used how much?', 'In the time range above. The jobs write the figures into their logs.')],
    [
      table(props, 'Usage by customer', 'UsageByCustomer', WIDTH / 2),
      table(props, 'Failures by customer', 'FailuresByCustomer', WIDTH / 2),
    ],
  ];
}

function cost(props: DashboardProps): Row[] {
  const { manifest: { table: manifest }, query } = props;
  const units = { ...HOURLY, statistic: cloudwatch.Stats.SUM };
  return [
    [heading('What does it cost?', 'US dollars in us-east-1: 5 for a TB that Athena scans · 0.31 for an hour of a DPU, '
      + 'of which a run has two or more · 0.63 for a million units written to the manifest, 0.13 for a million read. '
      + `[All of it](${DOCS}/cost.md)`)],
    thirds(
      graph('Bytes that Athena scanned by day', [
        bytesScanned(query, { period: Duration.days(1), label: 'scanned', color: COLORS[0] }),
      ], 'bytes'),
      graph('Units of the manifest by hour', [
        manifest.metricConsumedWriteCapacityUnits({ ...units, label: 'written', color: COLORS[0] }),
        manifest.metricConsumedReadCapacityUnits({ ...units, label: 'read', color: COLORS[1] }),
      ], 'units'),
      table(props, 'Time of the runs', 'RunTime', WIDTH / 3),
    ),
  ];
}

function graph(title: string, left: cloudwatch.IMetric[], label: string): cloudwatch.GraphWidget {
  return new cloudwatch.GraphWidget({
    title, left, leftYAxis: { label, min: 0, showUnits: false }, width: WIDTH / 3, height: HEIGHT,
  });
}

function table({ stages }: DashboardProps, title: string, query: LogQuery, width: number): cloudwatch.LogQueryWidget {
  // The rows of a file are counted once: by the first stage.
  const [csv] = stages;
  const read = query === 'UsageByCustomer' ? [csv] : stages;
  return new cloudwatch.LogQueryWidget({
    title,
    logGroupNames: read.map(({ log }) => log.logGroupName),
    queryLines: [...LOG_QUERIES[query]],
    region: Stack.of(csv).region,
    width,
    height: HEIGHT,
  });
}

const thirds = (...row: [cloudwatch.IWidget, cloudwatch.IWidget, cloudwatch.IWidget]): Row => row;
