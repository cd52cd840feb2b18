import { Lazy } from 'aws-cdk-lib';
import * as fc from 'fast-check';
import {
  bucketName, bucketPattern, checkBucketNames, checkNaming, databaseName, queryResultsName,
} from '../src/private/naming';

/** Few letters, so that names often are alike. */
const name = fc.stringMatching(/^[ab]{1,3}$/);
const customerId = fc.stringMatching(/^[ab]{1,3}(-{1,2}[ab]{1,3}){0,3}$/);
const names = fc.tuple(name, customerId, name);

const matches = (pattern: string, text: string) => new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(text);

test('a bucket and a database are named after organization, customer and environment', () => {
  expect(bucketName('mycompany', 'north-west', 'prod')).toBe('mycompany-north-west-prod-datalake');
  expect(bucketPattern('mycompany', 'prod')).toBe('mycompany-*-prod-datalake');
  expect(databaseName('mycompany', 'north-west', 'prod')).toBe('mycompany_north_west_prod');
});

test('a lake matches the buckets of its own customers only', () => {
  fc.assert(fc.property(names, names, ([organization, customer, environment], [organization2, , environment2]) => {
    const isOwn = organization === organization2 && environment === environment2;
    const bucket = bucketName(organization, customer, environment);
    return matches(bucketPattern(organization2, environment2), bucket) === isOwn;
  }), { numRuns: 1000 });
});

test('the wildcard of the customers\' buckets does not match the bucket of query results', () => {
  fc.assert(fc.property(names, names, ([organization, , environment], [organization2, , environment2]) =>
    !matches(bucketPattern(organization, environment), queryResultsName(organization2, environment2))));
});

test('no two customers share a bucket or a database', () => {
  fc.assert(fc.property(names, names, (one, other) => {
    const isSame = one.join(' ') === other.join(' ');
    expect(bucketName(...one) === bucketName(...other)).toBe(isSame);
    expect(databaseName(...one) === databaseName(...other)).toBe(isSame);
  }), { numRuns: 1000 });
});

describe('the names of a lake', () => {
  test('may be lower-case letters and digits', () => {
    expect(() => checkNaming('mycompany2', 'prod')).not.toThrow();
  });

  const reason = 'must be lower-case letters and digits without hyphens, '
    + 'so that no two lakes match each other\'s buckets or share a database';
  test.each([
    ['my-company', 'prod', `'organization' ${reason}, got: 'my-company'; write 'mycompany'`],
    ['MyCompany', 'prod', `'organization' ${reason}, got: 'MyCompany'; write 'mycompany'`],
    ['', 'prod', `'organization' ${reason}, got: ''; write 'mycompany'`],
    ['mycompany', 'eu_prod', `'environment' ${reason}, got: 'eu_prod'; write 'euprod'`],
    ['mycompany', '*', `'environment' ${reason}, got: '*'; write 'dev'`],
    ['o'.repeat(25), 'e'.repeat(24),
      '\'organization\' and \'environment\' must have at most 48 characters together, since a bucket name must have at '
      + `most 63, got: '${'o'.repeat(25)}-${'e'.repeat(24)}-query-results' with 64; shorten one of them`],
  ])('%s and %s are refused', (organization, environment, message) => {
    expect(() => checkNaming(organization, environment)).toThrow(new Error(message));
  });

  test('must be known at synthesis', () => {
    expect(() => checkNaming('mycompany', Lazy.string({ produce: () => 'prod' }))).toThrow(
      new Error(`'environment' ${reason}, got: a value that is known only at deployment; write 'dev'`));
  });

  test('may have 48 characters together, which leaves 4 for a customer id', () => {
    const [organization, environment] = ['o'.repeat(24), 'e'.repeat(24)];
    expect(queryResultsName(organization, environment)).toHaveLength(63);
    expect(() => checkNaming(organization, environment)).not.toThrow();
    expect(() => checkBucketNames(organization, [{ customerId: 'abcd' }], environment)).not.toThrow();
  });
});

describe('the buckets of the customers', () => {
  test('may have 63 characters', () => {
    const customerId41 = 'a'.repeat(41);
    expect(bucketName('mycompany', customerId41, 'p')).toHaveLength(62);
    expect(() => checkBucketNames('mycompany', [{ customerId: `${customerId41}b` }], 'p')).not.toThrow();
  });

  test('with longer names are refused in one error', () => {
    const long = 'a'.repeat(43);
    const bucket = `mycompany-${long}-p-datalake`;
    const customers = [long, 'b', long].map((id) => ({ customerId: id }));
    const lines = [0, 2].map((index) => `\n  customers[${index}].customerId must have at most 42 characters, since its `
      + `bucket '${bucket}' must have at most 63, got: '${long}' with 43; shorten it`);
    expect(() => checkBucketNames('mycompany', customers, 'p'))
      .toThrow(new Error(`'customers' do not fit this lake:${lines.join('')}`));
  });

  test.each([
    ['sthree', 'a', 'sthree-'],
    ['amzn', 's3-demo-a', 'amzn-s3-demo-'],
  ])('of %s and %s are refused: S3 reserves such names', (organization, customer, prefix) => {
    expect(() => checkBucketNames(organization, [{ customerId: customer }], 'dev')).toThrow(
      `  customers[0].customerId must not make a bucket name that begins with '${prefix}', which S3 keeps for itself, `
      + `got: '${organization}-${customer}-dev-datalake'; write another 'organization' or customerId`);
  });
});
