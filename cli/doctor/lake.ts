import { LakeOptions } from './options';
import { Customer, Customers } from '../../src/customer';
import { bucketName, checkBucketNames, checkNaming, databaseName, queryResultsName } from '../../src/private/naming';

/** A lake that is or will be deployed. */
export interface Lake extends Omit<LakeOptions, 'customers'> {
  readonly customers: readonly Customer[];
  readonly customerBuckets: readonly string[];
  readonly queryResults: string;
  readonly databases: readonly string[];
}

/** @throws what synthesis would throw: everything that is wrong in customers.json, or names that AWS would refuse */
export function readLake({ customers: file, ...options }: LakeOptions): Lake {
  const { organization, environment } = options;
  checkNaming(organization, environment);
  const customers = Customers.fromJsonFile(file).all;
  checkBucketNames(organization, customers, environment);
  return {
    ...options,
    customers,
    customerBuckets: customers.map(({ customerId }) => bucketName(organization, customerId, environment)),
    queryResults: queryResultsName(organization, environment),
    databases: customers.map(({ customerId }) => databaseName(organization, customerId, environment)),
  };
}
