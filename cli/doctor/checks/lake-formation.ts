import { GetDataLakeSettingsCommand, PrincipalPermissions } from '@aws-sdk/client-lakeformation';
import { Check, failure, ok, orElse } from '../check';

/** What a lake with `lakeFormation: true` has. */
const GRANTS = 'AWS::LakeFormation::PrincipalPermissions';
/** The group that stands for "IAM decides". */
const EVERYBODY = 'IAM_ALLOWED_PRINCIPALS';

/** In an account that took the group out of its defaults, new databases and tables open to nobody by IAM alone. */
export const lakeFormation: Check = {
  id: 'lake-formation',
  title: 'Lake Formation',
  actions: ['lakeformation:GetDataLakeSettings'],
  run: async ({ aws, deployed }) => {
    const { resources } = await deployed();
    if (resources.some(({ type }) => type === GRANTS)) return [ok('the lake has grants of its own')];
    const { DataLakeSettings: settings = {} } = await aws.lakeformation.send(new GetDataLakeSettingsCommand({}));
    const defaults = {
      databases: settings.CreateDatabaseDefaultPermissions,
      tables: settings.CreateTableDefaultPermissions,
    };
    const closed = Object.entries(defaults).filter(([, permissions]) => !isLeftToIam(permissions));
    return orElse(closed.map(([what]) => failure(
      `access to new ${what} is not left to IAM: the jobs and the queries would be refused`,
      'write lakeFormation: true in the properties of the lake (docs/security.md, "A guarded catalog"); or, in Lake '
      + `Formation's Data Catalog settings, use only IAM access control for new ${what}`)),
    'access to new databases and tables is left to IAM');
  },
};

function isLeftToIam(permissions: PrincipalPermissions[] = []): boolean {
  return permissions.some(({ Principal, Permissions }) => (
    Principal?.DataLakePrincipalIdentifier === EVERYBODY && Permissions?.includes('ALL')));
}
