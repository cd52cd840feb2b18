import { createHash } from 'crypto';
import { Names, Stack } from 'aws-cdk-lib';
import * as glue from 'aws-cdk-lib/aws-glue';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lakeformation from 'aws-cdk-lib/aws-lakeformation';
import { Construct } from 'constructs';
import { errorAt } from './errors';
import { Permission } from './grants';
import { principalArn } from './principal-arn';

/** How the account guards its Glue Data Catalog, beyond IAM. */
export interface CatalogProps {
  readonly lakeFormation: boolean;
  readonly catalogKey?: kms.IKey;
}

/**
 * What everybody who uses an encrypted catalog needs of its key, readers too.
 *
 * @see https://docs.aws.amazon.com/athena/latest/ug/access-encrypted-data-glue-data-catalog.html
 */
export function useOfCatalogKey(scope: Construct, key?: kms.IKey): Permission[] {
  const { region, urlSuffix } = Stack.of(scope);
  return key ? [{
    actions: ['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey'],
    resources: [key.keyArn],
    conditions: { StringEquals: { 'kms:ViaService': `glue.${region}.${urlSuffix}` } },
  }] : [];
}

/** Permissions of Lake Formation on a database and on all of its tables. */
interface TablePermissions { readonly onDatabase: string[]; readonly onTables: string[] }

/** The creator of a table may do all with it. A data role that was created anew did not create the old tables. */
const FOR_DATA_ROLE: TablePermissions = {
  onDatabase: ['CREATE_TABLE', 'DESCRIBE'], onTables: ['ALTER', 'DESCRIBE'],
};
const FOR_QUERIES: TablePermissions = { onDatabase: ['DESCRIBE'], onTables: ['DESCRIBE', 'SELECT'] };

/**
 * What Lake Formation permits with a customer's database. IAM has to allow it as well.
 *
 * Nobody needs `lakeformation:GetDataAccess`: Lake Formation hands out credentials for registered locations only, and
 * the buckets of a lake are not registered.
 *
 * CloudFormation replaces such a resource on every change: it grants first and then revokes what the old one named.
 * A list of permissions that shrinks must therefore get another construct id.
 */
export class TableGrants extends Construct {
  private readonly granted = new Set<string>();

  constructor(scope: Construct, id: string, private readonly database: glue.CfnDatabase, dataRoleArn: string) {
    super(scope, id);
    this.permit('DataRole', dataRoleArn, FOR_DATA_ROLE);
  }

  /** @throws if the grantee is no role or user that has a place in the app */
  public grantQuery(grantee: iam.IGrantable): void {
    const arn = principalArn(this, 'grantQuery', grantee);
    const { grantPrincipal } = grantee;
    if (!Construct.isConstruct(grantPrincipal)) {
      throw errorAt(this, `grantQuery needs the role or user itself with 'lakeFormation', got: ${grantPrincipal}; `
        + 'write the role that it wraps');
    }
    const id = Names.nodeUniqueId(grantPrincipal.node);
    if (this.granted.has(id)) return;
    this.granted.add(id);
    this.permit(id, arn, FOR_QUERIES);
  }

  /** Does the same for a role that has no place in the app. Its ARN may be known only at deployment. */
  public openTo(roleArn: string): void {
    const text = JSON.stringify(Stack.of(this).resolve(roleArn));
    this.permit(`Role${createHash('sha256').update(text).digest('hex').slice(0, 16)}`, roleArn, FOR_QUERIES);
  }

  private permit(id: string, arn: string, { onDatabase, onTables }: TablePermissions): void {
    const catalogId = Stack.of(this).account;
    const name = this.database.ref;
    const resources: { [on: string]: [string[], lakeformation.CfnPrincipalPermissions.ResourceProperty] } = {
      Database: [onDatabase, { database: { catalogId, name } }],
      Tables: [onTables, { table: { catalogId, databaseName: name, tableWildcard: {} } }],
    };
    for (const [on, [permissions, resource]] of Object.entries(resources)) {
      new lakeformation.CfnPrincipalPermissions(this, `${id}${on}`, {
        principal: { dataLakePrincipalIdentifier: arn }, resource, permissions, permissionsWithGrantOption: [],
      });
    }
  }
}
