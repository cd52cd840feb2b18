import { readdirSync, readFileSync } from 'fs';
import { join } from 'path';
import Ajv2020 from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import { flat, lineageOf, Version } from '../../cli/operate/lineage/graph';
import { mermaidOf } from '../../cli/operate/lineage/mermaid';
import { contractName, eventsOf } from '../../cli/operate/lineage/openlineage';
import { treeOf } from '../../cli/operate/lineage/tree';
import { Item, keyOf } from '../../cli/operate/manifest';

/** The manifest of a lake in the local AWS, after uploads of which some were rejected and some replaced. */
const RECORDED = readFileSync(join(__dirname, 'manifest.jsonl'), 'utf-8').trim().split('\n')
  .map((line) => JSON.parse(line));
const ITEMS: readonly Item[] = RECORDED.filter(({ status }) => status);
const MAY = 'raw/orders/may.csv';
const MAY_JSON = 'processed/orders/year=2026/month=11/may-eb2d2d5e650c.json';
const MAY_PARQUET = 'analytics-ready/orders/year=2026/month=11/may-eb2d2d5e650c.parquet';
const JUNE = 'raw/orders/june.csv';
const HOSTILE = 'raw/readings/<script>alert(1)</script> & "x".csv';
const SHOWN = { asked: MAY, table: (dataset: string) => `mycompany_acme_dev.${dataset}` };

/** A manifest of these items. */
function manifestOf(items: readonly Item[]) {
  return {
    async *versions(customer: string, key: string) {
      yield* items.filter(({ object }) => object === `${customer}#${key}`);
    },
    async *byStatus(customer: string, status: string, since = '') {
      yield* items.filter((item) => (
        item.object.startsWith(`${customer}#`) && item.status === status && item.updated_at >= since));
    },
  };
}

const lineage = (key: string, customer = 'acme', items = ITEMS) => lineageOf(manifestOf(items), customer, key);
/** Statuses and layers, as deep as they lie. */
const outline = ({ item, made }: Version): unknown => [item?.status, item?.layer, ...made.map(outline)];
const one = (key: string, status: string) => ITEMS.find((item) => keyOf(item) === key && item.status === status)!;

describe('the lineage of an object', () => {
  test.each([MAY, MAY_JSON, MAY_PARQUET])('from %s, it has every version, the newest first', async (key) => {
    const found = await lineage(key);

    expect(found.map(outline)).toEqual(['SUCCEEDED', 'SUPERSEDED'].map((status) => (
      [status, 'raw', [status, 'processed', [status, 'analytics-ready']]])));
    expect(found.map(({ item }) => item?.rows_out)).toEqual([4, 3]);
  });

  test('a rejected version stands beside the one whose rows are queried', async () => {
    expect((await lineage(JUNE)).map(outline)).toEqual([
      ['REJECTED', 'raw'],
      ['SUCCEEDED', 'raw', ['SUCCEEDED', 'processed', ['SUCCEEDED', 'analytics-ready']]],
    ]);
  });

  test('one customer\'s object has nothing of another customer\'s', async () => {
    expect(await lineage(MAY, 'globex')).toEqual([]);
  });

  test('an output without an item waits for the next stage', async () => {
    const found = await lineage(MAY, 'acme', ITEMS.filter(({ layer }) => layer === 'raw'));

    expect(found[0].made).toEqual([{ key: MAY_JSON, item: undefined, made: [] }]);
  });

  test.each(['PROCESSING', 'REJECTED'])('JSON lines in %s name no source, and are found back', async (status) => {
    const { source: _, outputs: __, output_versions: ___, ...json } = one(MAY_JSON, 'SUCCEEDED');
    const items = [...ITEMS.filter(({ layer }) => layer === 'raw'), { ...json, status }];

    const [newest] = await lineage(MAY_JSON, 'acme', items);

    expect(outline(newest)).toEqual(['SUCCEEDED', 'raw', [status, 'processed']]);
  });

  test('a key may have the character that separates customer, key and version', async () => {
    const renamed = JSON.parse(JSON.stringify(ITEMS).replaceAll(MAY, 'raw/orders/#1#.csv'));

    expect((await lineage(MAY_PARQUET, 'acme', renamed)).map(({ key }) => key))
      .toEqual(['raw/orders/#1#.csv', 'raw/orders/#1#.csv']);
  });
});

describe('as a tree', () => {
  test('each version has what was made of it, and the reason if it has no rows', async () => {
    const text = treeOf(await lineage(JUNE), SHOWN).replace(/(uploaded|version) [-0-9a-f]{8,}( [0-9:]+)?/g, '$1 …');

    expect(text).toBe([
      JUNE,
      '├─ REJECTED, uploaded …, version …',
      '│  └─ it is no CSV file but binary data (it has NUL bytes); UTF-16 needs a byte order mark',
      '└─ SUCCEEDED, uploaded …, 3 rows, 1 value rescued, 1 short row, schema version 1, version …',
      '   └─ processed/orders/year=2026/month=11/june-956f40714b64.json: SUCCEEDED, 3 rows',
      '      └─ analytics-ready/orders/year=2026/month=11/june-956f40714b64.parquet: SUCCEEDED, 3 rows',
      '         └─ table mycompany_acme_dev.orders',
    ].join('\n'));
  });

  test('docs/operate.md shows this very tree', async () => {
    const withoutTimes = (text: string) => text.replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, ''); // of another zone
    const document = withoutTimes(readFileSync(join(__dirname, '../../docs/operate.md'), 'utf-8'));

    const tree = withoutTimes(treeOf(await lineage(JUNE), { ...SHOWN, asked: JUNE }));
    expect(document).toContain(`\`\`\`text\n${tree}\n\`\`\``);
  });

  test('the asked object is marked, and only present rows are in a table', async () => {
    const lines = treeOf(await lineage(MAY), SHOWN).split('\n');

    expect(lines[0]).toBe(`${MAY}  ← asked`);
    expect(lines.filter((line) => line.endsWith('table mycompany_acme_dev.orders'))).toHaveLength(1);
    expect(lines.filter((line) => line.endsWith('a newer version has replaced it'))).toHaveLength(1);
  });
});

describe('as a Mermaid flowchart', () => {
  test('every version is a node, joined to what was made of it and to its table', async () => {
    const lines = mermaidOf(await lineage(MAY), SHOWN).split('\n').map((line) => line.trim());

    expect(lines[0]).toBe('flowchart LR');
    expect(lines.filter((line) => line.includes('-->'))).toEqual(
      ['v2 --> t0', 'v1 --> v2', 'v0 --> v1', 'v4 --> v5', 'v3 --> v4']);
    expect(lines).toEqual(expect.arrayContaining(['class v0 asked', 'class v3 old']));
  });

  test('a key cannot end a label', async () => {
    const text = mermaidOf(await lineage(HOSTILE, 'globex'), SHOWN);

    expect(text).toContain('raw/readings/#60;script#62;alert(1)#60;/script#62; #38; #34;x#34;.csv');
    expect(text.match(/"/g)).toHaveLength(2 * text.match(/\["|\[\("/g)!.length);
  });
});

describe('as OpenLineage events', () => {
  const contracts = RECORDED.filter(({ columns }) => columns).map((contract) => (
    [contractName({ ...contract, dataset: contract.object.split('#')[2] }), contract] as const));
  const names = {
    jobs: 'mycompany.dev',
    bucket: 'mycompany-acme-dev-datalake',
    database: 'mycompany_acme_dev',
    region: 'eu-central-1',
    account: '123456789012',
    contracts: new Map(contracts),
  };
  const events = async (key: string, items = ITEMS, customer = 'acme'): Promise<any[]> => (
    eventsOf(await lineage(key, customer, items), names));
  const folder = join(__dirname, 'openlineage');
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats(ajv);
  readdirSync(folder).filter((file) => file.endsWith('.json'))
    .forEach((file) => ajv.addSchema(JSON.parse(readFileSync(join(folder, file), 'utf-8'))));

  /** Everything in a value that names its own schema. */
  function judged(value: unknown): { schema: string; value: unknown }[] {
    if (typeof value !== 'object' || value === null) return [];
    const { schemaURL, _schemaURL } = value as Record<string, string>;
    const schema = schemaURL ?? _schemaURL;
    return [...schema ? [{ schema, value }] : [], ...Object.values(value).flatMap(judged)];
  }

  test.each([MAY, JUNE, 'raw/orders/binary.csv', 'raw/zipcodes/zip.csv'])(
    'events and facets of %s are what their schemas of the standard say', async (key) => {
      const found = (await events(key)).flatMap(judged);

      for (const { schema, value } of found) {
        const isValid = ajv.getSchema(schema)!;
        expect([schema, isValid(value), isValid.errors]).toEqual([schema, true, null]);
      }
      expect(new Set(found.map(({ schema }) => schema)).size).toBeGreaterThan(5);
    });

  test('a run has one START, and one event that ends it', async () => {
    const found = await events(MAY);

    const byRun = new Map<string, string[]>();
    found.forEach(({ run: { runId }, eventType }) => byRun.set(runId, [...byRun.get(runId) ?? [], eventType]));
    expect([...byRun.values()]).toEqual(Array(4).fill(['START', 'COMPLETE']));
    expect(found.map(({ eventTime }) => eventTime)).toEqual(found.map(({ eventTime }) => eventTime).sort());
    expect((await events(MAY)).map(({ run }) => run.runId)).toEqual(found.map(({ run }) => run.runId));
  });

  test('a version that was replaced ended before the one that replaced it', async () => {
    const versions = (await events(MAY)).filter(({ eventType }) => eventType === 'COMPLETE')
      .map(({ inputs: [input] }) => input.facets.version.datasetVersion);

    expect(versions).toEqual([
      one(MAY, 'SUPERSEDED'), one(MAY_JSON, 'SUPERSEDED'), one(MAY, 'SUCCEEDED'), one(MAY_JSON, 'SUCCEEDED'),
    ].map(({ version }) => version));
  });

  test.each([
    ['REJECTED', ['START', 'FAIL']], ['FAILED', ['START', 'FAIL']], ['RETRYING', ['START', 'FAIL']],
    ['PROCESSING', ['START']], ['SUPERSEDED', ['START', 'ABORT']],
  ])('%s without an output gives %j', async (status, expected) => {
    const binary = { ...one('raw/orders/binary.csv', 'REJECTED'), status };

    expect((await events('raw/orders/binary.csv', [binary])).map(({ eventType }) => eventType)).toEqual(expected);
  });

  test('a refusal has its reason', async () => {
    const [, { run, outputs }] = await events('raw/orders/binary.csv');

    expect(run.facets.errorMessage.message).toMatch(/^Rejected: it is no CSV file but binary data/);
    expect(outputs).toEqual([]);
  });

  test('an output has its version, columns, figures, and the name of its table', async () => {
    const last = (await events(MAY)).pop();

    const [output] = last.outputs;
    expect(output).toMatchObject({ namespace: 's3://mycompany-acme-dev-datalake', name: MAY_PARQUET });
    expect(output.facets.version.datasetVersion).toBe(one(MAY_PARQUET, 'SUCCEEDED').version);
    expect(output.facets.schema.fields).toEqual([
      { name: 'id', type: 'bigint', ordinal_position: 1 },
      { name: 'price', type: 'decimal(10,2)', ordinal_position: 2 },
      { name: 'day', type: 'date', ordinal_position: 3 },
    ]);
    expect(output.facets.symlinks.identifiers).toEqual([
      { namespace: 'arn:aws:glue:eu-central-1:123456789012', name: 'table/mycompany_acme_dev/orders', type: 'TABLE' },
    ]);
    expect(output.facets.tags.tags).toContainEqual(
      { key: 'schema-version', value: '1', source: 'MODERN_DATA_LAKE' });
    expect(output.outputFacets.outputStatistics).toMatchObject({ rowCount: 4, fileCount: 1 });
    expect(last.inputs[0].inputFacets.inputStatistics).toMatchObject({ rowCount: 4, fileCount: 1 });
  });

  test('every part of a chain names what the part before it made', async () => {
    const complete = (await events(MAY)).filter(({ eventType }) => eventType === 'COMPLETE');

    const named = ({ namespace, name, facets }: any) => [namespace, name, facets.version.datasetVersion].join(' ');
    const made = complete.flatMap(({ outputs }) => outputs.map(named));
    const read = complete.flatMap(({ inputs }) => inputs.map(named)).filter((name) => name.includes('processed/'));
    expect(read).toHaveLength(2);
    expect(made).toEqual(expect.arrayContaining(read));
  });

  test('all versions have their events', async () => {
    const roots = await lineage(JUNE);

    const read = roots.flatMap(flat).filter(({ item }) => item?.job_name);
    expect(new Set((await events(JUNE)).map(({ run }) => run.runId)).size).toBe(read.length);
  });
});
