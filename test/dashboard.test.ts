import { readFileSync } from 'fs';
import { join } from 'path';
import { Synthesized } from './lake';
import { LakeAlarm } from '../src';
import { LOG_QUERIES } from '../src/private/log-queries';

/** Any JSON of a template. */
type Json = any;

const docs = (name: string) => readFileSync(join(__dirname, '..', 'docs', name), 'utf-8');
const bodyOf = (found: Synthesized): string => found.one('AWS::CloudWatch::Dashboard').DashboardBody;
const widgetsOf = (found: Synthesized): Json[] => JSON.parse(bodyOf(found)).widgets;

const lake = Synthesized.of();
const widgets = widgetsOf(lake);
const texts: string[] = widgets.map(({ properties }) => properties.markdown).filter(Boolean);
const graphs = widgets.filter(({ type }) => type === 'metric').map(({ properties }) => properties);
const queries = widgets.filter(({ type }) => type === 'log').map(({ properties }) => properties);

test('it is read from top to bottom: healthy, behind, arrived and failed, used, cost', () => {
  const inOrder = [...widgets].sort((one, other) => one.y - other.y);
  const headings = inOrder.map(({ properties }) => /^## (.+)/.exec(properties.markdown ?? '')?.[1]).filter(Boolean);
  expect(headings).toEqual([
    'Is it healthy?', 'How far behind?', 'What arrived, what failed?', 'Who used how much?', 'What does it cost?',
  ]);
  const [, table] = /\n## Dashboard\n(.+?)\n## /s.exec(docs('operate.md'))!;
  expect([...table.matchAll(/^\| ([^|]+\?) \|/gm)].map(([, question]) => question)).toEqual(headings);
});

test('no widgets overlap, and each row is full', () => {
  let below = 0;
  for (const y of new Set(widgets.map((widget) => widget.y as number))) {
    const row = widgets.filter((widget) => widget.y === y);
    expect(y).toBe(below);
    const ends = row.map(({ x, width }) => x + width);
    expect([...row.map(({ x }) => x), 24]).toEqual([0, ...ends]);
    expect(new Set(row.map(({ height }) => height)).size).toBe(1);
    below = y + row[0].height;
  }
});

test('it shows the state of every alarm, the one to page on first', () => {
  const [alarms] = widgets.filter(({ type }) => type === 'alarm').map(({ properties }) => properties.alarms);
  const all = ['Alarm', 'CompositeAlarm'].flatMap((type) => Object.keys(lake.ofType(`AWS::CloudWatch::${type}`)));
  expect(alarms[0]).toBe('${LakeObserveLakeUnhealthy.Arn}');
  expect([...alarms].sort()).toEqual(all.map((id) => `\${${id}.Arn}`).sort());
});

test('without alarms it shows the rest', () => {
  const rest = widgetsOf(Synthesized.of({ alarms: { off: Object.values(LakeAlarm) } }));
  expect(rest).toHaveLength(widgets.length - 2);
  expect(rest.map(({ type }) => type)).not.toContain('alarm');
});

test('its metrics are few enough for a dashboard that is free', () => {
  expect(graphs.flatMap(({ metrics }) => metrics).length).toBeLessThanOrEqual(50);
});

test('colours have six digits, the only form that CloudWatch takes', () => {
  const colours = graphs.flatMap(({ metrics }) => metrics.map((metric: Json[]) => metric.at(-1).color));
  for (const colour of colours) expect(colour).toMatch(/^#[0-9a-f]{6}$/);
});

test('every link leads to a heading that the document has', () => {
  const anchors = (name: string) => [...docs(name).matchAll(/^#+ (.+)$/gm)]
    .map(([, heading]) => heading.toLowerCase().replaceAll(/[^\w -]/g, '').replaceAll(' ', '-'));
  const links = texts.flatMap((text) => [...text.matchAll(/blob\/main\/docs\/([\w.-]+)(?:#([\w-]+))?\)/g)]);
  expect(links.length).toBeGreaterThan(8);
  for (const [, name, anchor] of links) if (anchor) expect(anchors(name)).toContain(anchor);
});

test('the figures of a customer come from the logs, and a file counts once', () => {
  const [usage] = queries.filter(({ title }) => title === 'Usage by customer');
  expect(usage.query).toBe(
    ['SOURCE \'${LakeProcessCsvLogsOutput}\' | ', LOG_QUERIES.UsageByCustomer.join('\n| ')].join(''));
  expect(JSON.stringify(graphs)).not.toMatch(/acme|globex/);
});

test('more customers do not make it larger', () => {
  const customers = Array.from({ length: 50 }, (_, n) => ({ customerId: `customer${n}` }));
  expect(bodyOf(Synthesized.of({ customers }))).toBe(bodyOf(lake));
});

test('a lake can do without it', () => {
  expect(Synthesized.of({ dashboard: false }).counts()).not.toHaveProperty('AWS::CloudWatch::Dashboard');
});

test('it has no name of its own, so that two lakes and a replacement never collide', () => {
  expect(lake.one('AWS::CloudWatch::Dashboard')).not.toHaveProperty('DashboardName');
});

describe('saved queries', () => {
  const saved = Object.values(lake.ofType('AWS::Logs::QueryDefinition'));

  test('are in the folder of the lake, and read the lines of both jobs', () => {
    expect(saved.map(({ Name }) => Name).sort()).toEqual(
      Object.keys(LOG_QUERIES).sort().map((name) => `mycompany-prod-datalake/${name}`));
    for (const { LogGroupNames } of saved) {
      expect(LogGroupNames).toEqual(['${LakeProcessCsvLogsOutput}', '${LakeAnalyticsTransformLogsOutput}']);
    }
  });

  test('are those that docs/operate.md explains', () => {
    const [, section] = docs('operate.md').split('also have saved queries');
    const named = [...section.split('\n## ')[0].matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name);
    expect(named.sort()).toEqual(Object.keys(LOG_QUERIES).sort());
  });
});
