import { execFileSync } from 'child_process';
import { join } from 'path';
import { compare, idOf, isPassedOver } from '../../cli/operate/check-findings';
import { Item } from '../../cli/operate/manifest';

const ROOT = join(__dirname, '..', '..');
const object = { key: 'raw/a.csv', version: 'v' };
const objects = new Map([[idOf(object.key, object.version), object]]);

test('an object without an item is found unless its message may wait', () => {
  const found = { kind: 'object without a manifest item', ...object };
  expect(compare(objects, new Map(), [], 0)).toEqual([found]);
  expect(compare(objects, new Map(), ['processed/'], 0)).toEqual([found]);
  expect(compare(objects, new Map(), ['raw/'], 0)).toEqual([]);
});

test.each([
  ['PROCESSING', []], ['FAILED', []], ['SUCCEEDED', []], ['SUPERSEDED', ['output without a source']],
])('an output has a source while that is processed again: %s', (status, kinds) => {
  const output = { key: 'processed/a.json', version: 'w' };
  const item = (key: string, version: string, more: Pick<Item, 'status'> & Partial<Item>) => (
    [idOf(key, version), { object: `acme#${key}`, version, updated_at: '', ...more }] as const);
  const items = new Map([
    item('raw/a.csv', 'v', { status, outputs: [output.key], output_versions: [output.version], lease_until: 1 }),
    item(output.key, output.version, { status: 'SUCCEEDED', source: 'acme#raw/a.csv#v' }),
  ]);

  const found = compare(new Map([...objects, [idOf(output.key, output.version), output]]), items, [], 0);

  expect(found.map(({ kind }) => kind)).toEqual(kinds);
});

test('the marker of a folder is passed over', () => {
  expect(isPassedOver('raw/orders/', 0)).toBe(true);
  expect(isPassedOver('raw/orders/', 1)).toBe(false);
});

test('what the jobs pass over is no contradiction', () => {
  const names = ['a.csv', '_SUCCESS', '_a', '_a.gz', '_a.csv', '_a.csv.gz', '.a.csv', '_temporary/0/a.csv', '.x/a.csv',
    'a/', 'a'].map((name) => `raw/${name}`);
  const program = 'import json, sys; from datalake.lake.keys import is_hidden; '
    + 'print(json.dumps([is_hidden(name) for name in json.loads(sys.argv[1])]))';
  const env = { ...process.env, PYTHONPATH: join(ROOT, 'glue-assets') };
  const line = ['-c', program, JSON.stringify(names)];
  const hidden = JSON.parse(execFileSync(join(ROOT, '.venv/tools/bin/python'), line, { env, encoding: 'utf-8' }));
  expect(names.map((name) => isPassedOver(name, 1))).toEqual(hidden);
});
