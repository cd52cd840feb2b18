import { App, Size, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { list, newLake, Statement, Synthesized } from './lake';

const lake = Synthesized.of();
const workGroup = lake.one('AWS::Athena::WorkGroup');
const configuration = workGroup.WorkGroupConfiguration;
const results = lake.one('AWS::S3::Bucket', 'QueryResults');
const RESULTS = 'arn:${AWS::Partition}:s3:::mycompany-prod-query-results';

test('the workgroup is named after the lake', () => {
  expect(workGroup.Name).toBe('mycompany-prod-datalake');
  expect(newLake().lake.workGroupName).toBe('mycompany-prod-datalake');
});

test('a query runs on engine version 3, and clients cannot change how', () => {
  expect(configuration).toMatchObject({
    EnforceWorkGroupConfiguration: true, EngineVersion: { SelectedEngineVersion: 'Athena engine version 3' },
  });
});

test('a query is cancelled at 100 GiB, or where the lake says', () => {
  expect(configuration.BytesScannedCutoffPerQuery).toBe(100 * 2 ** 30);
  const cutoff = Synthesized.of({ bytesScannedCutoff: Size.mebibytes(10) }).one('AWS::Athena::WorkGroup');
  expect(cutoff.WorkGroupConfiguration.BytesScannedCutoffPerQuery).toBe(10 * 2 ** 20);
});

test('results are encrypted with the lake\'s key, by Athena and by the bucket', () => {
  expect(configuration.ResultConfiguration).toEqual({
    OutputLocation: 's3://${LakeQueryResults}/',
    EncryptionConfiguration: { EncryptionOption: 'SSE_KMS', KmsKey: '${LakeEncryptionKey.Arn}' },
  });
  expect(results.BucketEncryption.ServerSideEncryptionConfiguration[0].ServerSideEncryptionByDefault).toEqual(
    { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: '${LakeEncryptionKey.Arn}' });
});

test('results are kept for a week', () => {
  expect(results.LifecycleConfiguration.Rules).toEqual([expect.objectContaining({ ExpirationInDays: 7 })]);
});

describe('saved queries', () => {
  const queries = Object.values(lake.ofType('AWS::Athena::NamedQuery'));
  const sql = (name: string): string => lake.one('AWS::Athena::NamedQuery', name).QueryString;

  test('cover what people ask first', () => {
    expect(queries.map(({ Name }) => Name)).toEqual(
      ['RowsByMonth', 'RescuedValues', 'RowsByFile', 'NewestFiles', 'SchemaVersions', 'ShortRows'].map((name) => (
        `mycompany-prod-datalake-${name}`)));
  });

  test('read the table of any customer, whose name stands once in the statement', () => {
    for (const { QueryString } of queries) {
      const statement = QueryString.replace(/^--.*\n/gm, '');
      expect(statement.match(/\nFROM mycompany_CUSTOMER_prod\.DATASET\n/g)).toHaveLength(1);
      expect(QueryString).toContain('\n-- Write the customer (- as _) for CUSTOMER, ');
    }
  });

  test('belong to a database that every account has and no customer', () => {
    expect(queries.map(({ Database }) => Database)).toEqual(queries.map(() => 'default'));
    expect(queries.map(({ WorkGroup }) => WorkGroup)).toEqual(queries.map(() => '${LakeQueryWorkGroup}'));
  });

  test('end after a number of lines where they would list every row or file', () => {
    expect(sql('RescuedValues')).toMatch(/\nLIMIT 100$/);
    expect(sql('NewestFiles')).toMatch(/\nLIMIT 20$/);
  });
});

describe('grantQuery', () => {
  const { stack, lake: granting } = newLake();
  const role = new iam.Role(stack, 'Analyst', { assumedBy: new iam.AccountRootPrincipal() });
  const grant = granting.customer('acme').grantQuery(role);
  const template = new Synthesized(stack);
  const statements: Statement[] = template.one('AWS::IAM::Policy', 'AnalystDefaultPolicy').PolicyDocument.Statement;
  const resourcesOf = (action: string) => statements
    .filter(({ Action }) => list(Action).includes(action)).flatMap(({ Resource }) => list(Resource));

  test('lets the grantee query in the workgroup', () => {
    expect(grant.success).toBe(true);
    expect(resourcesOf('athena:StartQueryExecution')).toEqual(
      ['arn:${AWS::Partition}:athena:${AWS::Region}:${AWS::AccountId}:workgroup/mycompany-prod-datalake']);
  });

  test('opens the catalog of the customer and of no other', () => {
    const glue = 'arn:${AWS::Partition}:glue:${AWS::Region}:${AWS::AccountId}:';
    expect(resourcesOf('glue:GetTable')).toEqual(
      [`${glue}catalog`, `${glue}database/mycompany_acme_prod`, `${glue}table/mycompany_acme_prod/*`]);
  });

  test('lets the grantee see the database default, as Athena requires of every caller', () => {
    const glue = 'arn:${AWS::Partition}:glue:${AWS::Region}:${AWS::AccountId}:';
    expect(resourcesOf('glue:GetDatabase')).toContain(`${glue}database/default`);
    expect(statements.filter(({ Resource }) => list(Resource).includes(`${glue}database/default`))
      .flatMap(({ Action }) => list(Action))).toEqual(['glue:GetDatabase']);
  });

  test('opens the data of the customer and the results', () => {
    expect(resourcesOf('s3:GetObject')).toEqual(
      ['arn:${AWS::Partition}:s3:::mycompany-acme-prod-datalake/analytics-ready/*', `${RESULTS}/*`]);
    expect(resourcesOf('s3:PutObject')).toEqual([`${RESULTS}/*`]);
  });

  test('lets the grantee past the policy of the customer\'s bucket', () => {
    const policy = template.one('AWS::S3::BucketPolicy', 'acmeBucketPolicy').PolicyDocument.Statement;
    const passing = policy.find(({ Sid }: Statement) => Sid === 'DenyReads').Condition.ArnNotEquals['aws:PrincipalArn'];
    expect(passing).toContain('${Analyst.Arn}');
  });

  test('lets nobody else read or write results, but the root user', () => {
    const policy = template.one('AWS::S3::BucketPolicy', 'QueryResultsPolicy').PolicyDocument.Statement;
    expect(policy.find(({ Sid }: Statement) => Sid === 'DenyOtherPrincipals')).toEqual({
      Sid: 'DenyOtherPrincipals',
      Effect: 'Deny',
      Principal: { AWS: '*' },
      Action: ['s3:GetObject*', 's3:PutObject*'],
      Resource: '${LakeQueryResults.Arn}/*',
      Condition: {
        ArnNotEquals: {
          'aws:PrincipalArn': [
            'arn:${AWS::Partition}:iam::${AWS::AccountId}:root', '${Analyst.Arn}',
          ],
        },
      },
    });
  });

  test('lets BI tools read the columns of tables in the account\'s catalog', () => {
    const actions = ['GetDataCatalog', 'GetDatabase', 'GetTableMetadata', 'ListTableMetadata'];
    expect(actions.map((action) => resourcesOf(`athena:${action}`))).toEqual(actions.map(() => (
      ['arn:${AWS::Partition}:athena:${AWS::Region}:${AWS::AccountId}:datacatalog/AwsDataCatalog'])));
  });

  test('lets nobody list queries or results, with whose ids go the results of others, nor databases', () => {
    const actions = statements.flatMap(({ Action }) => list(Action));
    expect(actions.filter((action) => /^athena:.*List|^glue:GetDatabases/.test(action))).toEqual(
      ['athena:ListTableMetadata']);
    expect(resourcesOf('s3:ListBucket')).toEqual(['arn:${AWS::Partition}:s3:::mycompany-acme-prod-datalake']);
  });

  test('fails the synthesis when the policy of the results\' bucket has no room for more roles', () => {
    const customers = Array.from({ length: 200 }, (_, n) => ({ customerId: `customer${n}`, shard: 1 + n % 2 }));
    const { stack: full, lake: many } = newLake({ customers });
    const people = new Stack(full.node.root as App, 'People');
    const newRole = (id: string) => new iam.Role(people, id, { assumedBy: new iam.AccountRootPrincipal() });
    customers.forEach(({ customerId }) => many.customer(customerId).grantQuery(newRole(customerId)));
    expect(() => (full.node.root as App).synth()).toThrow(
      /the policy must be at most 20480 characters, got: 2\d{4}; grant queries to fewer: let people and programs/);
  });

  test('is refused for a role whose policy the app cannot change', () => {
    const { lake: other } = newLake();
    const foreign = new iam.ArnPrincipal('arn:aws:iam::111122223333:role/analyst');
    expect(() => other.customer('acme').grantQuery(foreign)).toThrow(
      '[Lake/Lake/Query] grantQuery must add to the grantee\'s policy, which this app cannot: the grantee is not '
      + 'its own, got: ArnPrincipal(arn:aws:iam::111122223333:role/analyst); write a role that this app defines');
  });

  test('opens tables to the role of a QuickSight account, which the app does not define', () => {
    const { stack: importing, lake: granted } = newLake();
    const name = 'service-role/aws-quicksight-service-role-v0';
    granted.customer('acme').grantQuery(iam.Role.fromRoleName(importing, 'QuickSight', name));
    const synthesized = new Synthesized(importing);
    expect(synthesized.one('AWS::IAM::Policy', 'QuickSightPolicy').Roles).toEqual(['aws-quicksight-service-role-v0']);
    const policy = synthesized.one('AWS::S3::BucketPolicy', 'acmeBucketPolicy').PolicyDocument.Statement;
    const passing = policy.find(({ Sid }: Statement) => Sid === 'DenyReads').Condition.ArnNotEquals['aws:PrincipalArn'];
    expect(passing).toContain(`arn:\${AWS::Partition}:iam::\${AWS::AccountId}:role/${name}`);
  });

  test('names buckets and workgroup, so that the grantee may be in any stack', () => {
    const added = newLake();
    const other = new Stack(added.stack.node.root as App, 'Other');
    const analyst = new iam.Role(other, 'Analyst', { assumedBy: new iam.AccountRootPrincipal() });
    added.lake.customer('acme').grantQuery(analyst);
    expect(JSON.stringify(new Synthesized(other).ofType('AWS::IAM::Policy'))).not.toContain('ExportsOutput');
  });
});

describe('a role in queryRoleArns', () => {
  const ROLE = 'arn:aws:iam::444455556666:role/analyst';
  const lakeOf = (account?: string, lakeFormation = false) => newLake(
    { customers: [{ customerId: 'acme', queryRoleArns: [ROLE] }, { customerId: 'globex' }], lakeFormation },
    { env: { account, region: 'eu-west-1' } });
  const passing = (template: Synthesized, policy: string, sid: string): string[] => (
    template.one('AWS::S3::BucketPolicy', policy).PolicyDocument.Statement
      .find(({ Sid }: Statement) => Sid === sid).Condition.ArnNotEquals['aws:PrincipalArn']);

  test('passes the policies of the customer\'s bucket and of the results, and of no other bucket', () => {
    const template = new Synthesized(lakeOf().stack);
    expect(passing(template, 'acmeBucketPolicy', 'DenyReads')).toContain(ROLE);
    expect(passing(template, 'QueryResultsPolicy', 'DenyOtherPrincipals')).toContain(ROLE);
    expect(passing(template, 'globexBucketPolicy', 'DenyReads')).not.toContain(ROLE);
    expect(passing(template, 'acmeBucketPolicy', 'DenyUploads')).not.toContain(ROLE);
  });

  test('is permitted by Lake Formation where it guards the catalog', () => {
    const permitted = Object.values(new Synthesized(lakeOf(undefined, true).stack)
      .ofType('AWS::LakeFormation::PrincipalPermissions'))
      .filter(({ Principal }) => Principal.DataLakePrincipalIdentifier === ROLE);
    expect(permitted.map(({ Permissions }) => Permissions)).toEqual([['DESCRIBE'], ['DESCRIBE', 'SELECT']]);
  });

  test('of another account is an error, as far as the account of the lake is known', () => {
    expect(() => lakeOf('444455556666')).not.toThrow();
    expect(() => lakeOf('111122223333')).toThrow('[Lake/Lake/Query] \'queryRoleArns\' of the customer \'acme\' must be '
      + `roles of the lake's account 111122223333, whose workgroup serves no other, got: '${ROLE}'; write it under `
      + '\'readerRoleArns\', or a role of 111122223333');
  });
});
