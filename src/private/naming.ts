import { Dataset } from '../dataset';

/** The bucket of a customer. */
export function bucketName(organization: string, customerId: string, environment: string): string {
  return `${organization}-${customerId}-${environment}-datalake`;
}

/** The wildcard that matches the buckets of all customers of a lake, and no other lake's. */
export function bucketPattern(organization: string, environment: string): string {
  return bucketName(organization, '*', environment);
}

/** The Glue database of a customer: Athena takes no hyphen in a name. */
export function databaseName(organization: string, customerId: string, environment: string): string {
  return `${organization}_${customerId.replaceAll('-', '_')}_${environment}`;
}

/** Throws unless the names keep this lake apart from every other. */
export function checkNaming(organization: string, environment: string): void {
  if (!/^[a-z0-9]+$/.test(`${organization}${environment}`)) throw new Error('not yet');
}

/** What the Glue database of a customer says of its datasets in the parameter `datasets`; undefined without any. */
export function datasetsParameter(datasets: Dataset[] = []): string | undefined {
  return datasets.length ? JSON.stringify(datasets) : undefined;
}
