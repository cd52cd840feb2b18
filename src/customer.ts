import { Dataset } from './dataset';
import { Path, pathText, problemsOf } from './private/customers-check';
import { JsonFile } from './private/json-file';

/**
 * A customer of the lake, with a bucket and a database of its own.
 */
export interface Customer {
  /**
   * Name of the customer in the bucket `{organization}-{customerId}-{environment}-datalake` and in the database
   * `{organization}_{customerId}_{environment}`, with `-` as `_`.
   *
   * Lower-case letters, digits and inner hyphens. It is the identity of the customer: another id is another customer.
   */
  readonly customerId: string;

  /**
   * Who answers for the customer's data: the value of the tag `owner` on what is the customer's.
   *
   * @default - the lake's owner
   */
  readonly owner?: string;

  /**
   * What is known beforehand of the customer's data. A folder under `raw/` is a dataset without being declared.
   *
   * @default - nothing: all is found out from the files
   */
  readonly datasets?: Dataset[];

  /**
   * ARNs of the IAM roles that may put objects under `raw/`.
   *
   * @default - none but those given to `grantUpload`
   */
  readonly uploaderRoleArns?: string[];

  /**
   * ARNs of the IAM roles that may read the objects under `analytics-ready/`.
   *
   * @default - none but those given to `grantRead`
   */
  readonly readerRoleArns?: string[];

  /**
   * Key that encrypts the customer's objects in place of the lake's: `own` for one that the lake makes for the customer
   * and rotates, or the ARN of a key that the customer brings, in the Region of the lake. The policy of a key that is
   * brought must allow what "A key of a customer" in docs/security.md says.
   *
   * A key costs 1 USD a month, and 1 USD more after each of its first two rotations. Objects that are there already
   * stay under the key with which they were written.
   *
   * @default - the lake's key
   * @see https://aws.amazon.com/kms/pricing/
   */
  readonly encryptionKey?: string;

  /**
   * Number, from 1, of the stack `{lake stack}-customers-{shard}` that has the customer's resources, once the lake has
   * more customers than one stack can take. It is written down, so that nobody's bucket ever moves by itself.
   *
   * @default - the lake's own stack
   */
  readonly shard?: number;

  /**
   * Tags on what is the customer's, beside the lake's own `project`, `environment`, `owner` and `customer`.
   *
   * @default - no further tags
   */
  readonly tags?: { [key: string]: string };
}

/**
 * The customers of a lake, checked.
 */
export class Customers {
  /**
   * Customers from a JSON file: a list in the form of the package's `schemas/customers.schema.json`.
   *
   * @param path path of the file, relative to the working directory
   * @throws if the file is missing or not JSON, otherwise one error with everything that is wrong in it
   */
  public static fromJsonFile(path: string): Customers {
    const file = new JsonFile(path);
    return Customers.checked(file.value, `'${path}'`, (where) => `${file.locate(where)} `);
  }

  /**
   * Customers from a list. Tokens are taken as they are in `owner`, the role ARNs and the tags; all else decides which
   * resources there are and must be known at synthesis.
   *
   * @param customers at least one
   * @throws one error with everything that is wrong in the list
   */
  public static of(customers: Customer[]): Customers {
    return Customers.checked(customers, 'the list of customers', () => '');
  }

  private static checked(value: unknown, source: string, locate: (where: Path) => string): Customers {
    const problems = problemsOf(value);
    if (problems.length) {
      const lines = problems.map(({ path, text }) => `\n  ${locate(path)}${pathText(path)} ${text}`);
      throw new Error(`${source} has ${lines.length} error${lines.length === 1 ? '' : 's'}:${lines.join('')}`);
    }
    return new Customers(value as Customer[]);
  }

  /**
   * The customers in the order in which they were given.
   */
  public readonly all: Customer[];

  private constructor(all: Customer[]) {
    this.all = all;
  }
}
