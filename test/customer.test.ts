import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { join, resolve } from 'path';
import Ajv, { ValidateFunction } from 'ajv';
import { Lazy } from 'aws-cdk-lib';
import * as fc from 'fast-check';
import { customers, ROLE_ARN } from './arbitraries';
import { Customer, Customers } from '../src/customer';

const SCHEMA = JSON.parse(readFileSync(join(__dirname, '..', 'schemas', 'customers.schema.json'), 'utf-8'));
const folder = mkdtempSync(join(tmpdir(), 'customers-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(text: string): string {
  const path = join(folder, 'customers.json');
  writeFileSync(path, text);
  return path;
}

const of = (list: unknown) => Customers.of(list as Customer[]);

/** The lines of the error, without the first; none if there is no error. */
function errorsIn(read: () => Customers): string[] {
  try {
    read();
  } catch (error) {
    return (error as Error).message.split('\n').slice(1).map((line) => line.trim());
  }
  return [];
}

const errorsOf = (list: unknown) => errorsIn(() => of(list));

describe('a file', () => {
  test('gives its customers in order', () => {
    const path = file('[{ "customerId": "globex" }, { "customerId": "acme", "owner": "data-team" }]');
    expect(Customers.fromJsonFile(path).all)
      .toEqual([{ customerId: 'globex' }, { customerId: 'acme', owner: 'data-team' }]);
  });

  test('may begin with a byte order mark', () => {
    expect(Customers.fromJsonFile(file('\uFEFF[{ "customerId": "acme" }]')).all).toEqual([{ customerId: 'acme' }]);
  });

  test('that is missing is named with its absolute path', () => {
    expect(() => Customers.fromJsonFile('nowhere.json')).toThrow(new Error(
      `'nowhere.json' does not exist, looked for: ${resolve('nowhere.json')}; `
      + `write a path that is absolute or relative to ${process.cwd()}`));
  });

  test('must not be a folder', () => {
    expect(() => Customers.fromJsonFile(folder)).toThrow(`'${folder}' is not a file`);
  });

  test.each([
    ['[{ "customerId": "a" "owner": "b" }]', 1, 22, 'comma expected'],
    ['[\n  { "customerId": "a" },\n]', 3, 1, 'value expected'],
    ['[{ "customerId": "a" } // the first\n]', 1, 24, 'invalid comment token'],
    ['', 1, 1, 'value expected'],
    ['customerId: acme', 1, 1, 'invalid symbol'],
  ])('that is not JSON is named with line and column: %j', (text, line, column, reason) => {
    const path = file(text);
    expect(() => Customers.fromJsonFile(path)).toThrow(new Error(`${path}:${line}:${column} is not JSON: ${reason}`));
  });

  test('must not have a property twice, since only the last would count', () => {
    const path = file('[{ "customerId": "a", "datasets": [{ "name": "b", "csv": {},\n "csv": {} }] }]');
    expect(() => Customers.fromJsonFile(path)).toThrow(`${path}:2:2 has the property csv a second time; delete one`);
  });

  test('with several errors gets one message with every error and its line', () => {
    const lines = ['[', '  { "customerId": "A" },', '  { "customerId": "A", "shard": 0 },', '  { "owner": "x" }', ']'];
    const path = file(lines.join('\n'));
    const ids = 'must be lower-case letters, digits and inner hyphens';
    expect(() => Customers.fromJsonFile(path)).toThrow(new Error([
      `'${path}' has 5 errors:`,
      `  ${path}:2:19 customers[0].customerId ${ids}, got: "A"; write "a"`,
      `  ${path}:3:19 customers[1].customerId ${ids}, got: "A"; write "a"`,
      `  ${path}:3:33 customers[1].shard must be a whole number from 1, got: 0; write 1, for example`,
      `  ${path}:3:19 customers[1].customerId must be unique, got: "A" as in customers[0]; write another name`,
      `  ${path}:4:3 customers[2] needs customerId; write "customerId": "acme", for example`,
    ].join('\n')));
  });
});

test('the error of a list in code says which list, and how many errors it has', () => {
  expect(() => of([{ customerId: 'A' }])).toThrow(/^the list of customers has 1 error:\n  customers\[0\]\.customerId /);
  expect(() => of([{}, {}])).toThrow(/^the list of customers has 2 errors:\n/);
});

const withDataset = (dataset: object) => [{ customerId: 'a', datasets: [{ name: 'd', ...dataset }] }];
const withColumn = (column: object) => withDataset({ columns: [{ name: 'c', type: 'string', ...column }] });
const withCsv = (csv: object) => withDataset({ csv });

describe('refused with what is allowed and what to write instead:', () => {
  test.each<[string, unknown, string]>([
    ['no list', {}, 'must be a list of at least one customer, got: {}; write [{"customerId":"acme"}], for example'],
    ['no customer', [], 'must be a list of at least one customer, got: []; write [{"customerId":"acme"}], for example'],
    ['a name alone', ['acme'], '[0] must be an object, got: "acme"; write {"customerId":"acme"}, for example'],
    ['another way to write a property', [{ customerId: 'a', reader_role_arns: [] }],
      '[0] has the unknown property "reader_role_arns", allowed are customerId, owner, datasets, uploaderRoleArns, '
      + 'readerRoleArns, queryRoleArns, encryptionKey, shard, tags; write "readerRoleArns"'],
    ['a slip in a property', withCsv({ headr: true }),
      '[0].datasets[0].csv has the unknown property "headr", allowed are delimiter, quote, escape, encoding, header, '
      + 'skipLines, skipRows, skipFooter, comment, skipInitialSpace; write "header"'],
    ['a property that means nothing', withCsv({ compression: 'gzip' }),
      '[0].datasets[0].csv has the unknown property "compression", allowed are delimiter, quote, escape, encoding, '
      + 'header, skipLines, skipRows, skipFooter, comment, skipInitialSpace; leave it out'],
    ['a customerId that is a name', [{ customerId: 'Café_Zürich 2' }],
      '[0].customerId must be lower-case letters, digits and inner hyphens, got: "Café_Zürich 2"; '
      + 'write "cafe-zurich-2"'],
    ['a customerId without a letter', [{ customerId: '-' }],
      '[0].customerId must be lower-case letters, digits and inner hyphens, got: "-"; write "acme", for example'],
    ['a customerId that is no text', [{ customerId: 7 }],
      '[0].customerId must be lower-case letters, digits and inner hyphens, got: 7; write "acme", for example'],
    ['a customer twice', [{ customerId: 'a' }, { customerId: 'a' }],
      '[1].customerId must be unique, got: "a" as in customers[0]; write another name'],
    ['half a shard', [{ customerId: 'a', shard: 1.5 }],
      '[0].shard must be a whole number from 1, got: 1.5; write 1, for example'],
    ['a dataset twice', [{ customerId: 'a', datasets: [{ name: 'd' }, { name: 'd' }] }],
      '[0].datasets[1].name must be unique, got: "d" as in customers[0].datasets[0]; write another name'],
    ['a column twice', withDataset({ columns: [{ name: 'c', type: 'int' }, { name: 'c', type: 'int' }] }),
      '[0].datasets[0].columns[1].name must be unique, got: "c" as in customers[0].datasets[0].columns[0]; '
      + 'write another name'],
    ['a column without a type', withColumn({ type: undefined }),
      '[0].datasets[0].columns[0] needs type; write "type": "string", for example'],
    ['a type of another database', withColumn({ type: 'varchar(20)' }),
      '[0].datasets[0].columns[0].type must be string, bigint, int, double, boolean, date, timestamp or decimal(p,s) '
      + 'with p from 1 to 38, got: "varchar(20)"; write "string"'],
    ['a scale above the precision', withColumn({ type: 'decimal(4,6)' }),
      '[0].datasets[0].columns[0].type must have a scale up to its precision, got: "decimal(4,6)"; '
      + 'write "decimal(6,6)", for example'],
    ['a format of a string', withColumn({ format: '%Y' }),
      '[0].datasets[0].columns[0].format is for date and timestamp only, got: "%Y" for a string; leave it out'],
    ['a format of another language', withColumn({ type: 'date', format: 'dd.MM.yyyy' }),
      '[0].datasets[0].columns[0].format must be written with the directives of Python\'s strptime, or be '
      + 'epoch_seconds, epoch_milliseconds or epoch_microseconds, got: "dd.MM.yyyy"; write "%d.%m.%Y", for example'],
    ['a header of two columns', withDataset({
      columns: [{ name: 'c', type: 'int', from: 'A %' }, { name: 'd', type: 'int', from: 'A %' }],
    }), '[0].datasets[0].columns[1].from must be unique, got: "A %" as in customers[0].datasets[0].columns[0]; '
      + 'write another name'],
    ['a header with spaces around it', withColumn({ from: ' A' }),
      '[0].datasets[0].columns[0].from must be a header without white space at its ends, got: " A"; '
      + 'write "Change %", for example'],
    ['no header and no columns', withCsv({ header: false }),
      '[0].datasets[0].csv.header is for datasets with declared columns, got: false; write "columns", or leave it out'],
    ['a header where there is none', withDataset({
      columns: [{ name: 'c', type: 'int', from: 'A %' }], csv: { header: false },
    }), '[0].datasets[0].columns[0].from is for files with a header, got: "A %" beside "header": false; '
      + 'leave one of them out'],
    ['a number format of a date', withColumn({ type: 'date', number: { decimal: ',' } }),
      '[0].datasets[0].columns[0].number is for bigint, int, double and decimal only, got: {"decimal":","} for a date; '
      + 'leave it out'],
    ['one character for both', withColumn({ type: 'int', number: { thousands: '.' } }),
      '[0].datasets[0].columns[0].number.thousands must differ from decimal, got: "." for both; '
      + 'write another character'],
    ['one character for both in a dataset', withDataset({ number: { decimal: ',', thousands: ',' } }),
      '[0].datasets[0].number.thousands must differ from decimal, got: "," for both; write another character'],
    ['another decimal character', withDataset({ number: { decimal: ';' } }),
      '[0].datasets[0].number.decimal must be . or ,, got: ";"; write ",", for example'],
    ['another thousands character', withDataset({ number: { thousands: '..' } }),
      '[0].datasets[0].number.thousands must be . or , or \' or _ or a space, got: ".."; write ".", for example'],
    ['a symbol with a digit', withDataset({ number: { symbols: ['m2'] } }),
      '[0].datasets[0].number.symbols[0] must be 1 to 20 characters without digits, signs, parentheses and spaces at '
      + 'its ends, got: "m2"; write "€", for example'],
    ['one token', withDataset({ nullIf: 'NA' }),
      '[0].datasets[0].nullIf must be a list of texts, got: "NA"; write ["NA","\\\\N"], for example'],
    ['an empty token', withColumn({ nullIf: [''] }),
      '[0].datasets[0].columns[0].nullIf[0] must be a text without white space at its ends; an empty value is always '
      + 'null, got: ""; write "NA", for example'],
    ['a policy that does not exist', withDataset({ drift: 'ignore' }),
      '[0].datasets[0].drift must be accept or reject, got: "ignore"; write "reject", for example'],
    ['fewer than no rescued values', withDataset({ maxRescued: -1 }),
      '[0].datasets[0].maxRescued must be a whole number from 0, got: -1; write 100, for example'],
    ['an unknown encoding', withCsv({ encoding: 'utf9' }),
      '[0].datasets[0].csv.encoding must be an encoding that Python\'s codecs know, got: "utf9"; '
      + 'write "utf"'],
    ['an encoding that is no text', withCsv({ encoding: 'base64' }),
      '[0].datasets[0].csv.encoding must be an encoding that Python\'s codecs know, got: "base64"; '
      + 'write "cp1252", for example'],
    ['a comment that is the delimiter', withCsv({ delimiter: '#', comment: '#' }),
      '[0].datasets[0].csv.comment must differ from delimiter, got: "#" for both; write another character'],
    ['a comment that begins with the quote', withCsv({ quote: '/', comment: '//' }),
      '[0].datasets[0].csv.comment must differ from quote, got: "/" for both; write another character'],
    ['a date without a year', withColumn({ type: 'date', format: '%d.%m.' }),
      '[0].datasets[0].columns[0].format must have a year, without which Python takes 1900, got: "%d.%m."; '
      + 'write "%d.%m.%Y", for example'],
    ['a part of a time twice', withColumn({ type: 'timestamp', format: '%c %Y' }),
      '[0].datasets[0].columns[0].format must have each part of a time once, %Y is in it twice, got: "%c %Y"; '
      + 'leave one of them out'],
    ['an hour of twelve without its half of the day', withColumn({ type: 'timestamp', format: '%Y-%m-%d %I:%M' }),
      '[0].datasets[0].columns[0].format must have %I and %p together, got: "%Y-%m-%d %I:%M"; '
      + 'write "%I:%M %p" or "%H:%M", for example'],
    ['a week without its day', withColumn({ type: 'date', format: '%Y-%W' }),
      '[0].datasets[0].columns[0].format must have a weekday beside %U or %W, got: "%Y-%W"; '
      + 'write "%Y-%W-%w", for example'],
    ['key columns that are no switch', withDataset({ hivePartitioning: ['region'] }),
      '[0].datasets[0].hivePartitioning must be true or false, got: ["region"]; write true, for example'],
    ['a duration in words', withDataset({ expectedEvery: '24 hours' }),
      '[0].datasets[0].expectedEvery must be an ISO 8601 duration of days, hours and minutes, got: "24 hours"; '
      + 'write "P1D", for example'],
    ['a duration without a number', withDataset({ expectedEvery: 'PT' }),
      '[0].datasets[0].expectedEvery must be an ISO 8601 duration of days, hours and minutes, got: "PT"; '
      + 'write "P1D", for example'],
    ['less than the hour between two checks', withDataset({ expectedEvery: 'PT59M' }),
      '[0].datasets[0].expectedEvery must be 1 hour to 366 days, got: "PT59M"; write "PT1H"'],
    ['more than a year', withDataset({ expectedEvery: 'P366DT1M' }),
      '[0].datasets[0].expectedEvery must be 1 hour to 366 days, got: "P366DT1M"; write "P366D"'],
    ['a yes', withColumn({ required: 'yes' }),
      '[0].datasets[0].columns[0].required must be true or false, got: "yes"; write true, for example'],
    ['the usual quote as delimiter', withCsv({ delimiter: '"' }),
      '[0].datasets[0].csv.delimiter must differ from quote, got: "\\"" for both; write another character'],
    ['the quote as escape', withCsv({ quote: "'", escape: "'" }),
      '[0].datasets[0].csv.escape must differ from quote, got: "\'" for both; write another character'],
    ['the delimiter as escape', withCsv({ delimiter: '|', escape: '|' }),
      '[0].datasets[0].csv.escape must differ from delimiter, got: "|" for both; write another character'],
    ['two characters', withCsv({ delimiter: '||' }),
      '[0].datasets[0].csv.delimiter must be one ASCII character that does not end a line, got: "||"; '
      + 'write "|", for example'],
    ['less than no lines', withCsv({ skipLines: -1 }),
      '[0].datasets[0].csv.skipLines must be a whole number from 0, got: -1; write 2, for example'],
    ['less than no rows', withCsv({ skipRows: -1 }),
      '[0].datasets[0].csv.skipRows must be a whole number from 0, got: -1; write 1, for example'],
    ['part of a footer', withCsv({ skipFooter: 0.5 }),
      '[0].datasets[0].csv.skipFooter must be a whole number from 0, got: 0.5; write 1, for example'],
    ['comments that begin with nothing', withCsv({ comment: '' }),
      '[0].datasets[0].csv.comment must be one to eight printable ASCII characters without a quote, got: ""; '
      + 'write "#", for example'],
    ['two quotes', withCsv({ quote: '""' }),
      '[0].datasets[0].csv.quote must be one ASCII character that does not end a line, or empty if quotes mean '
      + 'nothing, got: "\\"\\""; write "\\"", for example'],
    ['a yes to spaces', withCsv({ skipInitialSpace: 'yes' }),
      '[0].datasets[0].csv.skipInitialSpace must be true or false, got: "yes"; write true, for example'],
    ['the ARN of a session', [{ customerId: 'a', readerRoleArns: ['arn:aws:sts::123456789012:assumed-role/Name/me'] }],
      '[0].readerRoleArns[0] must be the ARN of an IAM role, got: "arn:aws:sts::123456789012:assumed-role/Name/me"; '
      + 'write "arn:aws:iam::123456789012:role/Name"'],
    ['a tag of the lake', [{ customerId: 'a', tags: { owner: 'me' } }],
      '[0].tags must have keys of 1 to 128 letters, digits, spaces and _.:/=+-@ that do not begin with aws: and are '
      + 'not project, environment, owner or customer, which the lake sets, got: "owner"; write "cost-center", '
      + 'for example'],
    ['a tag that is a number', [{ customerId: 'a', tags: { 'cost center': 4711 } }],
      '[0].tags["cost center"] must be a tag value of 1 to 256 letters, digits, spaces and _.:/=+-@, got: 4711; '
      + 'write "data-team", for example'],
  ])('%s', (_, list, message) => {
    expect(errorsOf(list)).toEqual([expect.stringMatching(/^customers/)]);
    expect(errorsOf(list)[0].replace(/^customers ?(?=\[|must)/, '')).toBe(message);
  });

  test.each([
    ['VARCHAR', 'string'], ['Text', 'string'], ['strnig', 'string'], ['STRING', 'string'], ['integer', 'int'],
    ['long', 'bigint'], ['BigInt', 'bigint'], ['float', 'double'], ['bool', 'boolean'], ['datetime', 'timestamp'],
    ['timestmp', 'timestamp'], ['decimal', 'decimal(18,2)'], ['NUMERIC(10, 4)', 'decimal(10,4)'],
    ['uuid', 'string'], ['int64', 'bigint'], ['smallint', 'int'], ['real', 'double'], ['number', 'double'],
  ])('the type %s, meant to be %s', (type, meant) => {
    expect(errorsOf(withColumn({ type }))).toEqual([expect.stringContaining(`; write "${meant}"`)]);
  });

  test.each([
    ['Unit Price (€)', 'unit_price'], ['Größe', 'grosse'], ['YEAR', 'year_'], ['month', 'month_'], ['_id', 'id'],
    ['a__b', 'a_b'], ['id_', 'id'],
  ])('the column %s, in a table %s', (name, meant) => {
    expect(errorsOf(withColumn({ name }))).toEqual([expect.stringContaining(`; write "${meant}"`)]);
  });

  test('a column whose letters have no ASCII form, without a guess: the jobs write it in Punycode', () => {
    const [error] = errorsOf(withColumn({ name: 'Yıl' }));
    expect(error).toContain('; write "unit_price", for example');
  });

  test.each([
    ['Orders EU', 'orders_eu'], ['order-lines', 'order_lines'], ['Größen', 'grossen'],
  ])('the dataset %s, meant to be %s', (name, meant) => {
    expect(errorsOf(withDataset({ name }))).toEqual([expect.stringContaining(`; write "${meant}"`)]);
  });

  test.each([
    ['a'.repeat(256)], ['analytics_ready'], ['1st'], ['Orders'], ['or-ders'], ['orders/eu'], [''],
  ])('the dataset %j', (name) => {
    expect(errorsOf(withDataset({ name }))).toEqual([expect.stringContaining('customers[0].datasets[0].name must ')]);
  });

  test('a column name of more than 200 characters, at which the jobs cut it', () => {
    expect(errorsOf(withColumn({ name: 'c'.repeat(200) }))).toEqual([]);
    expect(errorsOf(withColumn({ name: 'c'.repeat(201) }))).toHaveLength(1);
  });

  test.each(['', 'ab', '§', '\n', '\r', '\0'])('the delimiter %j', (delimiter) => {
    const error = expect.stringContaining('.csv.delimiter must be one ASCII character');
    expect(errorsOf(withCsv({ delimiter }))).toEqual([error]);
  });

  test('a value of any length, shortened', () => {
    expect(errorsOf([{ customerId: 'A'.repeat(1000) }])).toEqual([
      expect.stringContaining(`, got: "${'A'.repeat(79)}…; write `),
    ]);
  });

  test.each([
    ['acme-'], ['-acme'], ['a_b'], ['a.b'], ['Acme'], [''], ['a b'], ['a\n'],
  ])('the customerId %j', (customerId) => {
    expect(errorsOf([{ customerId }])).toEqual([expect.stringContaining('customers[0].customerId must be ')]);
  });

  test.each([
    ['arn:aws:iam::123456789012:user/me'], ['arn:aws:iam::1234:role/x'], ['arn:aws:iam::123456789012:role/*'], ['*'],
  ])('the role ARN %s', (arn) => {
    expect(errorsOf([{ customerId: 'a', uploaderRoleArns: [ROLE_ARN, arn] }])).toEqual([
      expect.stringContaining('customers[0].uploaderRoleArns[1] must be the ARN of an IAM role'),
    ]);
  });

  test.each([
    ['arn:aws:kms:eu-west-1:123456789012:alias/acme'], ['alias/acme'], ['11111111-2222-3333-4444-555555555555'],
    ['Own'],
  ])('the key %s', (encryptionKey) => {
    expect(errorsOf([{ customerId: 'a', encryptionKey }])).toEqual([
      expect.stringContaining('customers[0].encryptionKey must be own or the ARN of a KMS key, not of an alias, got: '),
    ]);
  });

  test('more than 50 tags together with the lake\'s own, the limit of a bucket', () => {
    const withTags = (count: number) =>
      [{ customerId: 'a', tags: Object.fromEntries(Array.from({ length: count }, (_, n) => [`key${n}`, 'v'])) }];
    expect(errorsOf(withTags(46))).toEqual([]);
    expect(errorsOf(withTags(47))).toEqual([expect.stringContaining('customers[0].tags must be at most 46 tags')]);
  });

  test('a wrong type, without an error about the format', () => {
    expect(errorsOf(withColumn({ type: 'datetime', format: '%Y' }))).toHaveLength(1);
  });
});

describe('accepted:', () => {
  test.each<[string, unknown]>([
    ['a role of another partition', [
      { customerId: 'a', readerRoleArns: ['arn:aws-us-gov:iam::123456789012:role/path/to/name'] },
    ]],
    ['tags in any language', [{ customerId: 'a', tags: { 'Kostenstelle/Größe': 'Zürich @ 1+1=2' } }]],
    ['inner hyphens', [{ customerId: 'a--b-1' }]],
    ['a space in a decimal', withColumn({ type: 'decimal(10, 2)' })],
    ['the column that year becomes', withColumn({ name: 'year_' })],
    ['a tab', withCsv({ delimiter: '\t' })],
    ['a format with a percent sign', withColumn({ type: 'timestamp', format: '%Y-%m-%dT%H:%M:%S.%f%z%%' })],
    ['what is not set', [{ customerId: 'a', owner: undefined, datasets: undefined, tags: undefined }]],
  ])('%s', (_, list) => {
    expect(of(list).all).toEqual(list);
  });

  test('tokens for values that may be known only at deployment', () => {
    const token = Lazy.string({ produce: () => 'later' });
    const list = [{
      customerId: 'a',
      owner: token,
      readerRoleArns: [token],
      uploaderRoleArns: Lazy.list({ produce: () => [] }),
      tags: { stage: token },
    }];
    expect(of(list).all).toEqual(list);
  });

  test.each([
    ['customerId', { customerId: Lazy.string({ produce: () => 'a' }) }],
    ['shard', { customerId: 'a', shard: Lazy.number({ produce: () => 1 }) }],
    ['datasets[0].name', { customerId: 'a', datasets: [{ name: Lazy.string({ produce: () => 'd' }) }] }],
  ])('but no token as %s, which decides which resources exist', (property, customer) => {
    expect(errorsOf([customer])).toEqual([
      expect.stringContaining(`customers[0].${property} must be `),
    ]);
    expect(errorsOf([customer])[0]).toContain(', got: a value that is known only at deployment; write ');
  });
});

describe('the schema', () => {
  const ajv = new Ajv({ strict: true, keywords: ['errorMessage'] });
  const validate: ValidateFunction = ajv.compile(SCHEMA);
  const schemaAccepts = (list: unknown) => validate(JSON.parse(JSON.stringify(list)));

  /** Every rule in the schema, with its place in it. */
  function rules(node: any, where = '#'): Array<[string, any]> {
    if (!node || typeof node !== 'object') return [];
    const nested = Object.entries(node).filter(([key]) => key !== 'examples')
      .flatMap(([key, value]) => rules(value, `${where}/${key}`));
    return typeof node.type === 'string' ? [[where, node], ...nested] : nested;
  }

  test.each(rules(SCHEMA))('says what is allowed for %s, with valid examples', (where, rule) => {
    const check = where === '#' ? validate : ajv.compile({ ...rule, definitions: SCHEMA.definitions });
    expect(rule.errorMessage).toMatch(/^must /);
    expect(rule.examples).not.toHaveLength(0);
    expect(rule.examples.filter((example: unknown) => !check(example))).toEqual([]);
  });

  test('and the code accept the same customers', () => {
    fc.assert(fc.property(customers, (list) => {
      expect(errorsOf(list)).toEqual([]);
      expect(schemaAccepts(list)).toBe(true);
    }));
  });

  /** Every place in a value, itself included. */
  function places(value: unknown, where: Array<string | number> = []): Array<Array<string | number>> {
    if (!value || typeof value !== 'object') return [where];
    return [where, ...Object.entries(value).flatMap(([key, part]) => places(part, [...where, key]))];
  }

  /** A copy with another value in one place. */
  function changed(value: any, [key, ...rest]: Array<string | number>, to: unknown): unknown {
    if (key === undefined) return to;
    const copy = Array.isArray(value) ? [...value] : { ...value };
    copy[key] = changed(copy[key], rest, to);
    return copy;
  }

  const anything = fc.oneof(
    fc.string({ maxLength: 3 }),
    fc.constantFrom('acme', 'A_b', 'year', 'decimal(39,1)', 'date', null, [], { no: 1 }, true),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
  );

  test('refuses a file for the same reasons as a list, each with its line', () => {
    fc.assert(fc.property(customers, fc.nat(), anything, (list, number, value) => {
      const all = places(list);
      const other = JSON.parse(JSON.stringify(changed(list, all[number % all.length], value)));
      const path = file(JSON.stringify(other, undefined, 1));
      const errors = errorsOf(other);
      const ofFile = errorsIn(() => Customers.fromJsonFile(path));
      expect(ofFile.map((error) => error.replace(/^.+?customers\.json:\d+:\d+ /, ''))).toEqual(errors);
      expect(ofFile.filter((error) => error.startsWith(`${path}:`))).toHaveLength(errors.length);
    }), { numRuns: 200 });
  });

  test('and the code refuse the same customers, except for rules that a schema cannot state', () => {
    const between = new RegExp(' must be unique, | must differ from | must have a scale up to '
      + '| is for date and timestamp only, | is for bigint, int, double and decimal only, | is for files with a '
      + 'header, | is for datasets with declared columns, | must be an encoding that Python|\\.format must have ');
    fc.assert(fc.property(customers, fc.nat(), anything, (list, number, value) => {
      const all = places(list);
      const other = changed(list, all[number % all.length], value);
      const ofSchema = errorsOf(other).filter((error) => !between.test(error));
      expect(ofSchema.length === 0).toBe(schemaAccepts(other));
    }), { numRuns: 1000 });
  });
});
