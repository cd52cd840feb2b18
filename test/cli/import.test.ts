import { readFileSync } from 'fs';
import { join } from 'path';
import { Line, Plan } from '../../cli/operate/import-plan';
import { estimate } from '../../cli/operate/import-price';
import { sourceOf, sourcePolicy } from '../../cli/operate/import-source';

const line = (from: string, more: Partial<Line> = {}): Line => (
  { from, bytes: 10, etag: '"e"', uploadedAt: '2024-01-31T12:00:00.000Z', ...more });
const whole = new Plan(new Map([['exports/', undefined]]));

test.each([
  ['s3://exports', { bucket: 'exports', prefix: '' }],
  ['s3://exports/', { bucket: 'exports', prefix: '' }],
  ['s3://exports/a b/c', { bucket: 'exports', prefix: 'a b/c/' }],
  ['s3://exports/a/', { bucket: 'exports', prefix: 'a/' }],
  ['./exports', undefined],
])('the source %s is %j', (text, source) => {
  expect(sourceOf(text)).toEqual(source);
});

test.each(['https://exports', 's3:///a', 's3://Exports/a'])('the source %s is refused', (text) => {
  expect(() => sourceOf(text)).toThrow(/bucket such as s3:/);
});

describe('where an object goes', () => {
  test.each([
    ['below the folder of its dataset', whole, 'exports/orders/2019/a.csv', 'raw/orders/2019/a.csv'],
    ['into one dataset', new Plan(new Map([['exports/', 'orders']])), 'exports/2019/a.csv', 'raw/orders/2019/a.csv'],
    ['by the longest folder of a map', new Plan(new Map([['x/', 'orders'], ['x/back/', 'returns']])), 'x/back/a.csv',
      'raw/returns/a.csv'],
  ])('%s', (_, plan, from, to) => {
    expect(plan.of(line(from))).toEqual({ ...line(from), to });
  });
});

describe('an object is left out', () => {
  const since = new Plan(new Map([['', 'orders']]), '2024-01-31T12:00:00.001Z');
  test.each<[string, Plan, Line, string, RegExp]>([
    ['in no folder of the map', new Plan(new Map([['x/', 'orders']])), line('y/a.csv'), 'skipped', /no folder of/],
    ['that marks a folder', whole, line('exports/orders/', { bytes: 0 }), 'skipped', /folder's marker/],
    ['that is older', since, line('a.csv'), 'skipped', /older than 2024-01-31/],
    ['that is archived', whole, line('exports/a', { storageClass: 'DEEP_ARCHIVE' }), 'failed', /restore it/],
    ['that is too large', whole, line('exports/a', { bytes: 5 * 1024 ** 3 + 1 }), 'failed', /at most 5368709120/],
  ])('%s', (_, plan, found, outcome, reason) => {
    expect(plan.of(found)).toMatchObject({ outcome, reason: expect.stringMatching(reason) });
  });

  test('of which another has taken the key', () => {
    const plan = new Plan(new Map([['x/', 'orders'], ['y/', 'orders']]));
    expect(plan.of(line('x/a.csv'))).not.toHaveProperty('outcome');
    expect(plan.of(line('y/a.csv'))).toMatchObject(
      { outcome: 'failed', reason: 'raw/orders/a.csv is made of x/a.csv already: give one of them another dataset' });
  });
});

test('the largest object that S3 copies at once is copied', () => {
  expect(whole.of(line('exports/a', { bytes: 5 * 1024 ** 3 }))).not.toHaveProperty('outcome');
});

test('a million objects cost what the prices come to', () => {
  const { usd, hours } = estimate({ listed: 1e6, objects: 1e6, bytes: 1e9 });
  // 5 for copies, 1 for events, 0.005 for lists, and 50,000 children at 0.0000281
  expect(usd).toBeCloseTo(5 + 1 + 0.005 + 1.40, 2);
  expect(hours).toBeCloseTo(1.39, 2);
  const told = readFileSync(join(__dirname, '..', '..', 'docs', 'migrate.md'), 'utf-8');
  expect(told).toContain(`A million objects cost ${usd.toFixed(2)} US$ to copy`);
});

test('the source has to let in one role, below one folder', () => {
  expect(sourcePolicy({ bucket: 'exports', prefix: 'a/' }, 'aws-cn', 'arn:role')).toMatchObject({
    Statement: [{
      Effect: 'Allow', Principal: { AWS: 'arn:role' }, Resource: 'arn:aws-cn:s3:::exports/a/*',
    }],
  });
});
