import { statSync } from 'fs';
import { join } from 'path';
import {
  App, Aspects, DefaultStackSynthesizer, PermissionsBoundary, RemovalPolicy, Stack, StackProps, StackSynthesizer, Stage,
  Tags,
} from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct, IConstruct } from 'constructs';
import { addLake, newLake, Synthesized } from './lake';

const lake = Synthesized.of();
const bucket = lake.one('AWS::S3::Bucket', 'acmeBucket');
const customers = (...ids: string[]) => ids.map((customerId) => ({ customerId }));

describe.each(Object.entries(lake.ofType('AWS::S3::Bucket')))('%s', (id, properties) => {
  test('is never public and has no access control lists', () => {
    expect(properties.PublicAccessBlockConfiguration).toEqual(
      { BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true });
    expect(properties.OwnershipControls.Rules).toEqual([{ ObjectOwnership: 'BucketOwnerEnforced' }]);
  });

  test('takes TLS 1.2 and later only', () => {
    expect(lake.statements().filter(({ owner }) => owner === `${id}Policy`)).toContainEqual(expect.objectContaining({
      Effect: 'Deny',
      Principal: { AWS: '*' },
      Action: 's3:*',
      Resource: [`\${${id}.Arn}`, `\${${id}.Arn}/*`],
      Condition: { NumericLessThan: { 's3:TlsVersion': 1.2 } },
    }));
  });

  test('takes TLS only', () => {
    expect(lake.statements().filter(({ owner }) => owner === `${id}Policy`)).toContainEqual(expect.objectContaining({
      Effect: 'Deny',
      Principal: { AWS: '*' },
      Action: 's3:*',
      Resource: [`\${${id}.Arn}`, `\${${id}.Arn}/*`],
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    }));
  });

  test('forgets uploads that were not finished for a week', () => {
    const [rule] = properties.LifecycleConfiguration.Rules;
    expect(rule.AbortIncompleteMultipartUpload).toEqual({ DaysAfterInitiation: 7 });
  });
});

describe('the bucket of a customer', () => {
  test('is named after the customer', () => {
    expect(bucket.BucketName).toBe('mycompany-acme-prod-datalake');
  });

  test('tells EventBridge of every object', () => {
    expect(bucket.NotificationConfiguration).toEqual({ EventBridgeConfiguration: { EventBridgeEnabled: true } });
  });

  test('keeps every version, and replaced ones for 90 days', () => {
    expect(bucket.VersioningConfiguration).toEqual({ Status: 'Enabled' });
    expect(bucket.LifecycleConfiguration.Rules).toEqual([expect.objectContaining({
      Status: 'Enabled', NoncurrentVersionExpiration: { NoncurrentDays: 90 }, ExpiredObjectDeleteMarker: true,
    })]);
  });

  test('is encrypted with the lake\'s key, by a bucket key', () => {
    expect(bucket.BucketEncryption.ServerSideEncryptionConfiguration).toEqual([{
      BucketKeyEnabled: true,
      ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: '${LakeEncryptionKey.Arn}' },
    }]);
  });

  test('has its accesses logged, under the customer\'s name', () => {
    expect(bucket.LoggingConfiguration).toEqual(
      { DestinationBucketName: '${LakeStorageAccessLogs}', LogFilePrefix: 'acme/' });
  });
});

describe('the bucket of access logs', () => {
  const logs = lake.one('AWS::S3::Bucket', 'AccessLogs');

  test('takes the logs of all customers by one statement', () => {
    expect(lake.statements().filter(({ Sid }) => Sid === 'AccessLogs')).toEqual([expect.objectContaining({
      Effect: 'Allow',
      Principal: { Service: 'logging.s3.amazonaws.com' },
      Action: 's3:PutObject',
      Resource: '${LakeStorageAccessLogs.Arn}/*',
      Condition: {
        ArnLike: { 'aws:SourceArn': 'arn:${AWS::Partition}:s3:::mycompany-*-prod-datalake' },
        StringEquals: { 'aws:SourceAccount': '${AWS::AccountId}' },
      },
    })]);
  });

  test('is encrypted by S3, to whose log delivery a KMS key is unknown', () => {
    expect(logs.BucketEncryption.ServerSideEncryptionConfiguration).toEqual(
      [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }]);
  });

  test('keeps the logs for a year', () => {
    expect(logs.LifecycleConfiguration.Rules).toEqual([expect.objectContaining({ ExpirationInDays: 365 })]);
  });
});

describe('the database of a customer', () => {
  test('is there before its bucket, whose first events the jobs would drop without it', () => {
    Template.fromStack(newLake().stack).hasResource('AWS::S3::Bucket', {
      Properties: { BucketName: 'mycompany-acme-prod-datalake' },
      DependsOn: [Match.stringLikeRegexp('acmeDatabase')],
    });
  });

  test('is named after the customer', () => {
    const names = Object.values(Synthesized.of({ customers: customers('north-west') }).ofType('AWS::Glue::Database'));
    expect(names.map(({ DatabaseInput }) => DatabaseInput.Name)).toEqual(['mycompany_north_west_prod']);
  });

  test('says what is declared of the datasets', () => {
    const datasets = [{ name: 'orders', columns: [{ name: 'id', type: 'bigint' }], csv: { delimiter: ';' } }];
    const declared = Synthesized.of({ customers: [{ customerId: 'acme', datasets }] });
    const { DatabaseInput } = declared.one('AWS::Glue::Database');
    expect(JSON.parse(DatabaseInput.Parameters.datasets)).toEqual(
      { orders: { columns: [{ name: 'id', type: 'bigint' }], csv: { delimiter: ';' } } });
  });

  test('has no parameters where nothing is declared', () => {
    expect(lake.one('AWS::Glue::Database', 'acmeDatabase').DatabaseInput).not.toHaveProperty('Parameters');
  });
});

describe('data', () => {
  const types = ['AWS::S3::Bucket', 'AWS::S3::BucketPolicy', 'AWS::Glue::Database', 'AWS::DynamoDB::Table',
    'AWS::KMS::Key', 'AWS::Logs::LogGroup'];
  // A bucket without its policy would be open to the account.
  const withPolicies = (...ids: string[]) => ids.flatMap((id) => [id, `${id}Policy`]);
  const unnamed = ['LakeManifestTable', 'LakeSweeperLogs', 'LakeImportLogs',
    ...withPolicies('LakeAuditLogs', 'LakeStorageAccessLogs', 'LakeImportReports')];
  const named = ['LakeStorageacmeDatabase', 'LakeStorageglobexDatabase',
    ...['ProcessCsv', 'AnalyticsTransform'].flatMap((id) => [`Lake${id}LogsOutput`, `Lake${id}LogsError`]),
    ...withPolicies('LakeQueryResults', 'LakeStorageacmeBucket', 'LakeStorageglobexBucket')];
  const keys = ['LakeEncryptionKey', 'LakeStorageacmeEncryptionKey'];
  const policiesOf = (removalPolicy?: RemovalPolicy) => Synthesized.of({
    removalPolicy, customers: [{ customerId: 'acme', encryptionKey: 'own' }, { customerId: 'globex' }],
  }).deletionPolicies(...types);
  const all = (ids: string[], policy: string) => Object.fromEntries(ids.map((id) => [id, policy]));

  test('is kept, but for names and keys that a failed creation would leave taken or charged', () => {
    expect(policiesOf()).toEqual({ ...all(unnamed, 'Retain'), ...all([...named, ...keys], 'RetainExceptOnCreate') });
  });

  test('is kept where an update replaces it', () => {
    const { Resources } = Template.fromStack(newLake().stack).toJSON();
    const stateful = Object.values<any>(Resources).filter(({ Type }) => types.includes(Type));
    expect(new Set(stateful.map(({ UpdateReplacePolicy }) => UpdateReplacePolicy))).toEqual(new Set(['Retain']));
  });

  test('is deleted with the removal policy for tests', () => {
    expect(policiesOf(RemovalPolicy.DESTROY)).toEqual(all([...unnamed, ...named, ...keys], 'Delete'));
  });
});

describe('a customer with a shard', () => {
  const inShards = [{ customerId: 'acme' }, { customerId: 'globex', shard: 2 }, { customerId: 'initech', shard: 2 }];
  const sharded = (scope: Construct, options: object = {}) => addLake(scope, { ...options, customers: inShards });
  const shardOf = (stackProps: StackProps = {}, root: Construct = new App()) => {
    const lakeStack = new Stack(root, 'Lake', stackProps);
    return { lakeStack, shard: sharded(lakeStack).customer('globex').bucket.stack };
  };

  test('is in a stack of the lake\'s account and Region', () => {
    const { shard } = shardOf({ env: { account: '111122223333', region: 'eu-west-1' } });
    expect(shard.stackName).toBe('Lake-customers-2');
    expect(shard.environment).toBe('aws://111122223333/eu-west-1');
    const names = Object.values(new Synthesized(shard).ofType('AWS::S3::Bucket')).map(({ BucketName }) => BucketName);
    expect(names).toEqual(['mycompany-globex-prod-datalake', 'mycompany-initech-prod-datalake']);
  });

  test('has bucket, policy and database there, and nothing of its own in the lake\'s stack', () => {
    const { lakeStack, shard } = shardOf();
    expect(new Synthesized(shard).counts()).toEqual(
      { 'AWS::S3::Bucket': 2, 'AWS::S3::BucketPolicy': 2, 'AWS::Glue::Database': 2 });
    const { Resources } = Template.fromStack(lakeStack).toJSON();
    const naming = Object.keys(Resources).filter((id) => JSON.stringify(Resources[id]).includes('globex'));
    expect(naming).toEqual([expect.stringMatching(/^LakeAuditTrail/)]); // whose selectors name every bucket
  });

  test('has the logical ids that it would have in the lake\'s stack', () => {
    const ids = (stack: Stack) => Object.keys(Template.fromStack(stack).toJSON().Resources);
    expect(ids(newLake({ customers: customers('acme', 'globex', 'initech') }).stack)).toEqual(
      expect.arrayContaining(ids(shardOf().shard)));
  });

  test('is tagged as the lake', () => {
    const lakeStack = new Stack(new App(), 'Lake');
    const shard = sharded(lakeStack, { project: 'p', owner: 'o' }).customer('globex').bucket.stack;
    expect(new Synthesized(shard).one('AWS::S3::Bucket', 'globexBucket').Tags).toEqual([
      { Key: 'customer', Value: 'globex' }, { Key: 'environment', Value: 'prod' }, { Key: 'owner', Value: 'o' },
      { Key: 'project', Value: 'p' },
    ]);
  });

  test('has the tags of the lake\'s stack, given to it or to the app', () => {
    const app = new App();
    Tags.of(app).add('division', 'd');
    const { lakeStack, shard } = shardOf({ tags: { 'cost-centre': '4711' } }, app);
    Tags.of(lakeStack).add('later', 'l');
    app.synth();
    expect(shard.tags.tagValues()).toMatchObject({ 'cost-centre': '4711', 'division': 'd', 'later': 'l' });
  });

  test('is reached by the aspects of the lake\'s stack', () => {
    const { lakeStack, shard } = shardOf();
    const visited: IConstruct[] = [];
    Aspects.of(lakeStack).add({ visit: (construct) => visited.push(construct) });
    (lakeStack.node.root as App).synth();
    const buckets = visited.filter((construct) => construct instanceof s3.CfnBucket && construct.stack === shard);
    expect(buckets).toHaveLength(2);
  });

  test('is under the permissions boundary of the lake\'s stack', () => {
    const { shard } = shardOf({ permissionsBoundary: PermissionsBoundary.fromName('boundary') });
    new iam.Role(shard, 'Added', { assumedBy: new iam.AccountRootPrincipal() });
    expect(new Synthesized(shard).one('AWS::IAM::Role').PermissionsBoundary).toMatch(/:policy\/boundary$/);
  });

  test('is deployed with the synthesizer of the lake\'s stack', () => {
    const synthesizer = new DefaultStackSynthesizer({ qualifier: 'mine', fileAssetsBucketName: 'assets' });
    const { lakeStack, shard } = shardOf({ synthesizer });
    const assembly = (lakeStack.node.root as App).synth();
    expect(shard.synthesizer.bootstrapQualifier).toBe('mine');
    expect(assembly.getStackByName('Lake-customers-2').stackTemplateAssetObjectUrl).toMatch(/^s3:\/\/assets\//);
  });

  test('cannot be deployed with a synthesizer for one stack', () => {
    class OneStack extends StackSynthesizer {
      public addFileAsset = () => ({ bucketName: '', objectKey: '', httpUrl: '', s3ObjectUrl: '' });
      public addDockerImageAsset = () => ({ repositoryName: '', imageUri: '' });
      public synthesize() {}
    }
    expect(() => shardOf({ synthesizer: new OneStack() })).toThrow(
      '[Lake/Lake/Storage] the synthesizer of the lake\'s stack must be reusable, since the shards\' stacks use it '
      + 'too, got: OneStack; write new DefaultStackSynthesizer({ ... })');
  });

  test('is named after the stack, however that is named, and is in its stage', () => {
    const { shard } = shardOf({ stackName: 'my-lake', terminationProtection: true }, new Stage(new App(), 'Prod'));
    expect([shard.stackName, shard.terminationProtection]).toEqual(['my-lake-customers-2', true]);
    expect(Stage.of(shard)!.stageName).toBe('Prod');
  });

  test('cannot share the name of its stack with another lake\'s shard', () => {
    const stack = new Stack(new App(), 'Lakes');
    sharded(new Construct(stack, 'one'), { organization: 'one' });
    expect(() => sharded(new Construct(stack, 'two'), { organization: 'two' })).toThrow(
      '[Lakes/two/Lake/Storage] the stack of shard 2 must have a name of its own, got: \'Lakes-customers-2\', which '
      + 'another stack of the app has; write another "shard", or give each lake a stack of its own');
  });

  test('can be granted to as any other', () => {
    const added = sharded(new Stack(new App(), 'Lake'));
    expect(added.customer('globex').databaseName).toBe('mycompany_globex_prod');
    expect(added.customer('globex').bucket.stack.stackName).toBe('Lake-customers-2');
  });

  test('can be the last of its shard to leave: the lake exports the same without it', () => {
    const exportsOf = (options: object) => {
      const { stack } = newLake(options);
      (stack.node.root as App).synth();
      return Object.values<any>(Template.fromStack(stack).toJSON().Outputs).map(({ Export }) => Export.Name).sort();
    };
    const exported = exportsOf({ customers: inShards });
    expect(exported).toHaveLength(4);
    expect(exportsOf({ customers: [{ customerId: 'acme' }] })).toEqual(exported);
  });

  test('imports nothing but what the lake always exports', () => {
    const { shard } = shardOf();
    const template = JSON.stringify(Template.fromStack(shard).toJSON());
    const imported = new Set([...template.matchAll(/"Fn::ImportValue":"([^"]+)"/g)].map(([, name]) => name));
    const kept = Object.values<any>(Template.fromStack(newLake().stack).toJSON().Outputs)
      .map(({ Export }) => Export.Name);
    expect([...imported].sort()).toEqual(kept.sort());
  });
});

describe('a grant to a role of another stack', () => {
  const exportsOf = (grants: boolean, keeps: boolean) => {
    const app = new App();
    const team = new Stack(app, 'Team');
    const role = new iam.Role(team, 'Reader', { assumedBy: new iam.AccountRootPrincipal() });
    const lakeStack = new Stack(app, 'Lake');
    const added = addLake(lakeStack);
    if (grants) added.customer('acme').grantRead(role);
    if (keeps) team.exportValue(role.roleArn);
    app.synth();
    const imported = JSON.stringify(Template.fromStack(lakeStack).toJSON()).match(/"Fn::ImportValue":"[^"]+"/g) ?? [];
    const outputs = Object.values<any>(Template.fromStack(team).toJSON().Outputs ?? {});
    const exported = outputs.map(({ Export }) => Export.Name);
    return { exported, imported: [...new Set(imported)] };
  };

  test('makes the lake import what the other stack exports', () => {
    const { exported, imported } = exportsOf(true, false);
    expect(exported).toHaveLength(1);
    expect(imported).toEqual([`"Fn::ImportValue":"${exported[0]}"`]);
  });

  test('can be withdrawn if the other stack keeps the export, and the lake imports nothing any more', () => {
    expect(exportsOf(false, true)).toEqual({ exported: exportsOf(true, false).exported, imported: [] });
  });

  test('takes its export along otherwise, which CloudFormation refuses while the lake imports it', () => {
    expect(exportsOf(false, false)).toEqual({ exported: [], imported: [] });
  });
});

describe('more customers than a stack takes', () => {
  const ids = (count: number) => Array.from({ length: count }, (_, n) => `c${n}`);
  const synth = (options: object, stackProps: StackProps = { suppressTemplateIndentation: true }) => {
    const { stack } = newLake(options, stackProps);
    return () => (stack.node.root as App).synth();
  };
  const howToSee = (stack: string) => 'for customers that are not deployed yet; to see which are deployed, run: '
    + `aws cloudformation list-stack-resources --stack-name ${stack} --query `
    + '"StackResourceSummaries[?ResourceType==\'AWS::S3::Bucket\'].PhysicalResourceId"';

  test('are an error that says how many and what to write', () => {
    expect(synth({ customers: customers(...ids(200)) })).toThrow(new RegExp(
      '\\[Lake/Lake/Storage\\] stack \'Lake\' must have at most 500 resources, got: \\d+, with 200 customers; '
      + `write "shard": 1 ${howToSee('Lake').replace(/[?[\]]/g, '\\$&')}`));
  });

  test('fit as soon as some are in a shard', () => {
    const halves = ids(200).map((customerId, n) => ({ customerId, shard: n < 100 ? undefined : 1 }));
    expect(synth({ customers: halves })).not.toThrow();
  });

  test('are an error in a shard too, and belong into the next', () => {
    const nearlyAll = ids(201).map((customerId, n) => ({ customerId, shard: n ? 3 : undefined }));
    expect(synth({ customers: nearlyAll })).toThrow(
      'stack \'Lake-customers-3\' must have at most 500 resources, got: 600, with 200 customers; '
      + `write "shard": 4 ${howToSee('Lake-customers-3')}`);
  });

  test('belong into the last shard, where the lake\'s own stack is full', () => {
    const mostly = ids(201).map((customerId, n) => ({ customerId, shard: n ? undefined : 3 }));
    expect(synth({ customers: mostly })).toThrow(/stack 'Lake' must .+ with 200 customers; write "shard": 3 for/);
  });
});

describe('the template of a stack', () => {
  const COLUMNS = Array.from({ length: 200 }, (_, n) => ({ name: `column_${n}`, type: 'bigint' }));
  /** Few resources, many bytes: some 30,000 for each customer. An umlaut has two. */
  const wordy = (count: number) => Array.from({ length: count }, (_, n) => ({
    customerId: `c${n}`,
    shard: 1,
    tags: { umlauts: 'ü'.repeat(256) },
    datasets: ['a', 'b', 'c'].map((name) => ({ name, columns: COLUMNS })),
  }));
  /** Bytes of the file in the cloud assembly, which CDK uploads as it is. */
  const written = (count: number) => {
    const { stack, lake: added } = newLake({ customers: wordy(count) });
    const { directory } = (stack.node.root as App).synth();
    return statSync(join(directory, added.customer('c0').bucket.stack.templateFile)).size;
  };
  const [one, two] = [1, 2].map((count) => written(count));
  const fitting = Math.floor((1_000_000 - one) / (two - one));

  test('may have 1,000,000 bytes', () => {
    expect(written(fitting)).toBeLessThanOrEqual(1_000_000);
  });

  test('with more is an error that says how many it would have as CDK writes it', () => {
    const message = new RegExp('stack \'Lake-customers-1\' must have a template of at most 1000000 bytes, '
      + `got: (\\d+), with ${fitting + 2} customers; write "shard": 2 for customers that are not deployed yet; to see`);
    expect(() => written(fitting + 2)).toThrow(message);
    const reported = Number(message.exec(thrownBy(() => written(fitting + 2)))![1]);
    const expected = one + (fitting + 1) * (two - one);
    expect(Math.abs(reported - expected)).toBeLessThan(2_000); // the check of the bootstrap version, digits of ids
  });

  test('needs no shard yet where it fits without indentation', () => {
    const { stack } = newLake({ customers: customers(...Array.from({ length: 130 }, (_, n) => `c${n}`)) });
    expect(() => (stack.node.root as App).synth()).toThrow(new RegExp(
      'stack \'Lake\' must have a template of at most 1000000 bytes, got: 1\\d{6}, with 130 customers; '
      + 'write suppressTemplateIndentation: true in the props of the stack, which leaves [5-8]\\d{5} bytes, or '
      + 'write "shard": 1 for customers'));
  });
});

function thrownBy(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('nothing was thrown');
}
