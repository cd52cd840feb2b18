import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { list, newLake, Statement, Synthesized } from './lake';

const TYPE = 'AWS::LakeFormation::PrincipalPermissions';
const newRole = (scope: Stack, id = 'Analyst') => (
  new iam.Role(scope, id, { assumedBy: new iam.AccountRootPrincipal() }));

describe('lakeFormation', () => {
  const { stack, lake } = newLake({ lakeFormation: true });
  const analyst = newRole(stack);
  lake.customer('acme').grantQuery(analyst);
  lake.customer('acme').grantQuery(analyst);
  const template = new Synthesized(stack);
  const granted = (principal: string, database: string) => Object.values(template.ofType(TYPE))
    .filter(({ Principal }) => Principal.DataLakePrincipalIdentifier === principal)
    .filter(({ Resource }) => [Resource.Database?.Name, Resource.Table?.DatabaseName].includes(database))
    .map(({ Permissions, Resource, PermissionsWithGrantOption }) => ({
      on: Object.keys(Resource)[0], Permissions, PermissionsWithGrantOption,
    }));

  test('is off unless asked for', () => {
    const { stack: plain, lake: other } = newLake();
    other.customer('acme').grantQuery(newRole(plain));
    expect(new Synthesized(plain).ofType(TYPE)).toEqual({});
  });

  test.each(['acme', 'globex'])('lets the jobs make and change the tables of %s', (customer) => {
    expect(granted('${LakeDataRole.Arn}', `\${LakeStorage${customer}Database}`)).toEqual([
      { on: 'Database', Permissions: ['CREATE_TABLE', 'DESCRIBE'], PermissionsWithGrantOption: [] },
      { on: 'Table', Permissions: ['ALTER', 'DESCRIBE'], PermissionsWithGrantOption: [] },
    ]);
  });

  test('lets a grantee of grantQuery see and select the tables of its customer, once, and no others', () => {
    expect(granted('${Analyst.Arn}', '${LakeStorageacmeDatabase}')).toEqual([
      { on: 'Database', Permissions: ['DESCRIBE'], PermissionsWithGrantOption: [] },
      { on: 'Table', Permissions: ['DESCRIBE', 'SELECT'], PermissionsWithGrantOption: [] },
    ]);
    expect(granted('${Analyst.Arn}', '${LakeStorageglobexDatabase}')).toEqual([]);
  });

  test('is about all tables of the account\'s own catalog, those to come as well', () => {
    expect(template.one(TYPE, 'acmeTablesDataRoleTables').Resource.Table).toEqual(
      { CatalogId: '${AWS::AccountId}', DatabaseName: '${LakeStorageacmeDatabase}', TableWildcard: {} });
  });

  test('comes before the bucket, whose first event the jobs could not answer otherwise', () => {
    const buckets = Template.fromStack(stack).findResources('AWS::S3::Bucket', {
      Properties: { BucketName: 'mycompany-acme-prod-datalake' },
    });
    expect(Object.values(buckets)[0].DependsOn).toEqual(expect.arrayContaining([
      expect.stringMatching(/^LakeStorageacmeTablesDataRoleDatabase/),
      expect.stringMatching(/^LakeStorageacmeTablesDataRoleTables/),
    ]));
  });

  test('takes roles of other stacks, for customers in shards too', () => {
    const customers = [{ customerId: 'acme', shard: 1 }];
    const { stack: lakes, lake: sharded } = newLake({ lakeFormation: true, customers });
    const app = lakes.node.root as App;
    sharded.customer('acme').grantQuery(newRole(new Stack(app, 'People')));
    const names = app.synth().stacks.map(({ template: { Resources } }) => (
      Object.values<any>(Resources).filter(({ Type }) => Type === TYPE).length));
    expect(names.filter(Boolean)).toEqual([4]);
  });

  test('is refused for a role that is wrapped, since its permissions need a stable id', () => {
    const { stack: other, lake: refusing } = newLake({ lakeFormation: true });
    const wrapped = new iam.PrincipalWithConditions(newRole(other), { Bool: { 'aws:SecureTransport': 'true' } });
    expect(() => refusing.customer('acme').grantQuery(wrapped)).toThrow(
      /^\[Lake\/Lake\/Storage\/acme\/Tables\] grantQuery needs the role or user itself with 'lakeFormation', got: /);
  });
});

describe('catalogKey', () => {
  const KEY = 'arn:aws:kms:us-east-1:111122223333:key/catalog';
  const env = { account: '111122223333', region: 'us-east-1' };
  const newEncrypted = () => {
    const stack = new Stack(new App({ analyticsReporting: false }), 'Keys', { env });
    return kms.Key.fromKeyArn(stack, 'Key', KEY);
  };
  const USE = {
    Effect: 'Allow',
    Action: ['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey'],
    Resource: KEY,
    Condition: { StringEquals: { 'kms:ViaService': 'glue.us-east-1.${AWS::URLSuffix}' } },
  };
  const { stack, lake } = newLake({ catalogKey: newEncrypted() }, { env });
  lake.customer('acme').grantQuery(newRole(stack));
  lake.customer('acme').grantRead(newRole(stack, 'Reader'));
  const template = new Synthesized(stack);
  const uses = (policy: string): Statement[] => template.one('AWS::IAM::Policy', policy).PolicyDocument.Statement
    .filter(({ Resource }: Statement) => list(Resource).includes(KEY));

  test('lets the sessions of the data role use the key through Glue', () => {
    expect(uses('DataRoleDefaultPolicy')).toEqual([{ Sid: 'CatalogEncryption', ...USE }]);
  });

  test('lets grantees of grantQuery use the key through Glue, and no others', () => {
    expect(uses('AnalystDefaultPolicy')).toEqual([USE]);
    expect(uses('ReaderDefaultPolicy')).toEqual([]);
  });

  test('must be in the Region of the lake', () => {
    expect(() => newLake({ catalogKey: newEncrypted() }, { env: { ...env, region: 'eu-west-1' } })).toThrow(
      '[Lake/Lake] \'catalogKey\' must be in the Region of the lake, \'eu-west-1\'');
  });
});
