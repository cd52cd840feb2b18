import { Dataset } from './dataset';
import { problemsOf } from './private/customers-check';
import { JsonFile } from './private/json-file';
import { Path, pathText } from './private/problem';

/**
 * A customer of the lake, with a bucket and a database of its own.
 */
export interface Customer {
  /**
   * Name of the customer in the bucket `{organization}-{customerId}-{environment}-datalake` and in the database
   * `{organization}_{customerId}_{environment}`, with `-` as `_`.
   *
   * Lower-case letters, digits and inner hyphens. The id identifies the customer: a changed id is a new customer.
   */
  readonly customerId: string;

  /**
   * Who is responsible for the customer's data: the value of the tag `owner` on the customer's resources.
   *
   * @default - the lake's owner
   */
  readonly owner?: string;

  /**
   * Datasets declared in advance. Any folder under `raw/` is a dataset, declared or not.
   *
   * @default - none: everything is detected from the files
   */
  readonly datasets?: Dataset[];

  /**
   * ARNs of the IAM roles that may put objects under `raw/`.
   *
   * @default - only those given to `grantUpload`
   */
  readonly uploaderRoleArns?: string[];

  /**
   * ARNs of the IAM roles that may read the objects under `analytics-ready/`.
   *
   * @default - only those given to `grantRead`
   */
  readonly readerRoleArns?: string[];

  /**
   * ARNs of the IAM roles that may query the customer's tables in Athena, and read the objects behind them. They are
   * roles of the lake's account: a workgroup serves its own.
   *
   * @default - only those given to `grantQuery`
   */
  readonly queryRoleArns?: string[];

  /**
   * Key that encrypts the customer's objects instead of the lake's key. `own` creates a key for the customer, with
   * rotation. The ARN of an existing key in the lake's Region uses that key; its policy must allow what "A key of a
   * customer" in docs/security.md lists.
   *
   * A key costs 1 USD a month, and 1 USD more after each of its first two rotations. Existing objects stay encrypted
   * with the key under which they were written.
   *
   * @default - the lake's key
   * @see https://aws.amazon.com/kms/pricing/
   */
  readonly encryptionKey?: string;

  /**
   * Number, from 1, of the stack `{lake stack}-customers-{shard}` that holds the customer's resources. Needed once the
   * lake has more customers than one stack can hold. Nothing computes it, so no bucket moves by itself.
   *
   * @default - the lake's own stack
   */
  readonly shard?: number;

  /**
   * Tags on the customer's resources, in addition to the lake's `project`, `environment`, `owner` and `customer`.
   *
   * @default - no further tags
   */
  readonly tags?: { [key: string]: string };
}

/**
 * The validated customers of a lake.
 */
export class Customers {
  /**
   * Customers from a JSON file: a list in the form of the package's `schemas/customers.schema.json`.
   *
   * @param path path of the file, relative to the working directory
   * @throws if the file is missing or not JSON; otherwise one error that lists everything wrong in it
   */
  public static fromJsonFile(path: string): Customers {
    const file = new JsonFile(path);
    return Customers.checked(file.value, `'${path}'`, (where) => `${file.locate(where)} `);
  }

  /**
   * Customers from a list. `owner`, the role ARNs and the tags may be tokens. Everything else decides which resources
   * exist, so it must be known at synthesis.
   *
   * @param customers at least one
   * @throws one error that lists everything wrong in the list
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
   * The customers, in the given order.
   */
  public readonly all: Customer[];

  private constructor(all: Customer[]) {
    this.all = all;
  }
}
