import { DataLakeSettings, GetDataLakeSettingsCommand, PrincipalPermissions } from '@aws-sdk/client-lakeformation';
import { Check, failure, Finding, ok, orElse, Patient } from '../check';

/** What a lake with `lakeFormation: true` has. */
const GRANTS = 'AWS::LakeFormation::PrincipalPermissions';
/** The group that stands for "IAM decides". */
const EVERYBODY = 'IAM_ALLOWED_PRINCIPALS';
const SEE = 'see "Lake Formation" in docs/security.md';

/** In an account that took the group out of its defaults, IAM alone opens no new database or table. */
export const lakeFormation: Check = {
  id: 'lake-formation',
  title: 'Lake Formation',
  actions: ['lakeformation:GetDataLakeSettings'],
  run: async (patient) => {
    const answer = await patient.aws.lakeformation.send(new GetDataLakeSettingsCommand({}));
    const settings = answer.DataLakeSettings ?? {};
    if (patient.lake.lakeFormation) return deployer(patient, settings);
    const { resources } = await patient.deployed();
    if (resources.some(({ type }) => type === GRANTS)) return [ok('the lake has grants of its own')];
    return orElse(closed(settings), 'access to new databases and tables is left to IAM');
  },
};

function closed(settings: DataLakeSettings): Finding[] {
  const defaults = {
    databases: settings.CreateDatabaseDefaultPermissions,
    tables: settings.CreateTableDefaultPermissions,
  };
  const guarded = Object.entries(defaults).filter(([, permissions]) => !isLeftToIam(permissions));
  return guarded.map(([what]) => failure(
    `access to new ${what} is not left to IAM: the jobs and the queries would be refused`,
    `write lakeFormation: true in the app and --lake-formation here, ${SEE}; or, in Lake Formation's Data Catalog `
    + `settings, use only IAM access control for new ${what}`));
}

function isLeftToIam(permissions: PrincipalPermissions[] = []): boolean {
  return permissions.some(({ Principal, Permissions }) => (
    Principal?.DataLakePrincipalIdentifier === EVERYBODY && Permissions?.includes('ALL')));
}

/** CloudFormation creates databases and grants on them, as the role of the CDK's bootstrap stack. */
function deployer({ account, partition, region, lake }: Patient, { DataLakeAdmins = [] }: DataLakeSettings): Finding[] {
  const role = `cdk-${lake.qualifier}-cfn-exec-role-${account}-${region}`;
  const arn = `arn:${partition}:iam::${account}:role/${role}`;
  if (DataLakeAdmins.some(({ DataLakePrincipalIdentifier: admin }) => admin === arn)) {
    return [ok('the role that deploys is a data lake administrator')];
  }
  return [failure(`${role} is no data lake administrator: the deployment would be refused`,
    `add ${arn} to the administrators, or the role with which you deploy; ${SEE}`)];
}
