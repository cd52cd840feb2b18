import * as fc from 'fast-check';

/** Customers and datasets as a user may declare them, in all their variety. */

const TAKEN = ['year', 'month', 'project', 'environment', 'owner', 'customer'];
const KEY_ARN = 'arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555';
export const ROLE_ARN = 'arn:aws:iam::123456789012:role/name';

const name = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/).filter((text) => !TAKEN.includes(text));

const decimal = fc.tuple(fc.integer({ min: 1, max: 38 }), fc.nat(38), fc.constantFrom('', ' '))
  .map(([precision, scale, space]) => `decimal(${precision},${space}${scale % (precision + 1)})`);

const number = fc.record({
  decimal: fc.constant(','),
  thousands: fc.constantFrom(' ', "'", '_'),
  symbols: fc.subarray(['€', 'EUR', '%', 'U.S. $']),
  accounting: fc.boolean(),
}, { requiredKeys: [] });

const nullIf = fc.subarray(['NA', '\\N', '-', 'not known', '#N/A']);

const column = fc.oneof(
  fc.record({
    name,
    type: fc.constantFrom('string', 'boolean'),
    required: fc.boolean(),
    nullIf,
  }, { requiredKeys: ['name', 'type'] }),
  fc.record({
    name,
    type: fc.oneof(fc.constantFrom('bigint', 'int', 'double'), decimal),
    required: fc.boolean(),
    number,
  }, { requiredKeys: ['name', 'type'] }),
  fc.record({
    name,
    type: fc.constantFrom('date', 'timestamp'),
    format: fc.constantFrom('%d.%m.%Y', '%Y年%m月', '%b %d %Y "%H"', 'epoch_seconds'),
  }, { requiredKeys: ['name', 'type'] }),
);

const csv = fc.record({
  delimiter: fc.constantFrom(',', ';', '\t', ' ', '\\'),
  quote: fc.constantFrom('"', "'", ''),
  escape: fc.constantFrom('^', '%'),
  encoding: fc.constantFrom('utf-8', 'cp1252'),
  header: fc.boolean(),
  skipLines: fc.nat(),
  skipRows: fc.nat(),
  skipFooter: fc.nat(),
  comment: fc.constantFrom('#', '--'),
  skipInitialSpace: fc.boolean(),
}, { requiredKeys: [] });

const dataset = fc.record({
  name,
  columns: fc.uniqueArray(column, { selector: (value) => value.name, maxLength: 4 }),
  csv,
  number,
  nullIf,
  drift: fc.constantFrom('accept', 'reject'),
  maxRescued: fc.nat(),
  hivePartitioning: fc.boolean(),
  expectedEvery: fc.constantFrom('PT1H', 'P1DT12H', 'P366D'),
}, { requiredKeys: ['name'] }).filter((value) => value.csv?.header !== false || !!value.columns?.length);

export const datasets = fc.uniqueArray(dataset, { selector: (value) => value.name, maxLength: 4 });

const customer = fc.record({
  customerId: fc.stringMatching(/^[a-z0-9]{1,5}(-{1,2}[a-z0-9]{1,5}){0,2}$/),
  owner: name,
  datasets,
  uploaderRoleArns: fc.array(fc.constant(ROLE_ARN), { maxLength: 2 }),
  readerRoleArns: fc.array(fc.constant(ROLE_ARN), { maxLength: 2 }),
  queryRoleArns: fc.array(fc.constant(ROLE_ARN), { maxLength: 2 }),
  encryptionKey: fc.constantFrom('own', KEY_ARN),
  shard: fc.integer({ min: 1 }),
  tags: fc.dictionary(name, name, { maxKeys: 3 }),
}, { requiredKeys: ['customerId'] });

export const customers = fc.uniqueArray(customer, {
  selector: (value) => value.customerId,
  minLength: 1,
  maxLength: 4,
});
