import { App, RemovalPolicy, Stack, Stage } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Construct } from 'constructs';
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
    'AWS::KMS::Key'];
  const buckets = ['LakeAuditLogs', 'LakeQueryResults', 'LakeStorageAccessLogs', 'LakeStorageacmeBucket',
    'LakeStorageglobexBucket'];
  const stateful = ['LakeEncryptionKey', 'LakeManifestTable', 'LakeStorageacmeDatabase', 'LakeStorageglobexDatabase',
    ...buckets, ...buckets.map((id) => `${id}Policy`)]; // without which a kept bucket would be open to the account

  test.each([
    [undefined, 'Retain'], [RemovalPolicy.DESTROY, 'Delete'],
  ])('with the removal policy %s has the deletion policy %s', (removalPolicy, policy) => {
    const policies = Synthesized.of({ removalPolicy }).deletionPolicies(...types);
    expect(policies).toEqual(Object.fromEntries(stateful.map((id) => [id, policy])));
  });

  test.each([
    [undefined, 'Retain'], [RemovalPolicy.DESTROY, 'Delete'],
  ])('with the removal policy %s, so has a customer\'s own key', (removalPolicy, policy) => {
    const own = Synthesized.of({ removalPolicy, customers: [{ customerId: 'acme', encryptionKey: 'own' }] });
    expect(own.deletionPolicies('AWS::KMS::Key')).toEqual(
      { LakeEncryptionKey: policy, LakeStorageacmeEncryptionKey: policy });
  });
});

describe('a customer with a shard', () => {
  const sharded = (scope: Construct, options: object = {}) => addLake(scope, {
    ...options,
    customers: [{ customerId: 'acme' }, { customerId: 'globex', shard: 2 }, { customerId: 'initech', shard: 2 }],
  });
  const stacksOf = (root: App | Stage) => root.node.findAll().filter(Stack.isStack);

  test('is in a stack beside that of the lake', () => {
    const app = new App();
    sharded(new Stack(app, 'Lake', { env: { account: '111122223333', region: 'eu-west-1' } }));
    const [, shard] = stacksOf(app);
    expect(shard.stackName).toBe('Lake-customers-2');
    expect(shard.environment).toBe('aws://111122223333/eu-west-1');
    const names = Object.values(new Synthesized(shard).ofType('AWS::S3::Bucket')).map(({ BucketName }) => BucketName);
    expect(names).toEqual(['mycompany-globex-prod-datalake', 'mycompany-initech-prod-datalake']);
  });

  test('has bucket, policy and database there, and nothing of its own in the lake\'s stack', () => {
    const app = new App();
    const stack = new Stack(app, 'Lake');
    sharded(stack);
    const [, shard] = stacksOf(app);
    expect(new Synthesized(shard).counts()).toEqual(
      { 'AWS::S3::Bucket': 2, 'AWS::S3::BucketPolicy': 2, 'AWS::Glue::Database': 2 });
    expect(JSON.stringify(Template.fromStack(stack).toJSON())).not.toContain('globex');
  });

  test('is tagged as the lake', () => {
    const app = new App();
    sharded(new Stack(app, 'Lake'), { project: 'p', owner: 'o' });
    const [, shard] = stacksOf(app);
    expect(Template.fromStack(shard).findResources('AWS::S3::Bucket', {
      Properties: {
        Tags: Match.arrayEquals([
          { Key: 'customer', Value: 'globex' }, { Key: 'environment', Value: 'prod' }, { Key: 'owner', Value: 'o' },
          { Key: 'project', Value: 'p' },
        ]),
      },
    })).toEqual(expect.anything());
  });

  test('is named after the stack, however that is named, and is in its stage', () => {
    const stage = new Stage(new App(), 'Prod');
    sharded(new Stack(stage, 'Lake', { stackName: 'my-lake', terminationProtection: true }));
    const [, shard] = stacksOf(stage);
    expect([shard.stackName, shard.terminationProtection]).toEqual(['my-lake-customers-2', true]);
  });

  test('may be of one of several lakes in the stack', () => {
    const app = new App();
    const stack = new Stack(app, 'Lakes');
    ['one', 'two'].forEach((organization) => sharded(new Construct(stack, organization), { organization }));
    const [, shard, ...others] = stacksOf(app);
    expect(others).toEqual([]);
    expect(Object.keys(new Synthesized(shard).ofType('AWS::S3::Bucket'))).toEqual([
      'oneLakeStorageglobexBucket', 'oneLakeStorageinitechBucket',
      'twoLakeStorageglobexBucket', 'twoLakeStorageinitechBucket',
    ]);
  });

  test('can be granted to as any other', () => {
    const app = new App();
    const added = sharded(new Stack(app, 'Lake'));
    expect(added.databaseName('globex')).toBe('mycompany_globex_prod');
    expect(added.bucket('globex').stack.stackName).toBe('Lake-customers-2');
  });
});

describe('more customers than a stack takes', () => {
  const ids = (count: number) => Array.from({ length: count }, (_, n) => `c${n}`);

  test('are an error that says how many and what to write', () => {
    const { stack } = newLake({ customers: customers(...ids(200)) });
    expect(() => (stack.node.root as App).synth()).toThrow(
      'stack \'Lake\' must have at most 500 resources, got: 658, with 200 customers; '
      + 'write "shard": 1 for those that are not deployed yet, such as \'c199\'');
  });

  test('fit as soon as some are in a shard', () => {
    const halves = ids(200).map((customerId, n) => ({ customerId, shard: n < 100 ? undefined : 1 }));
    const { stack } = newLake({ customers: halves });
    expect(() => (stack.node.root as App).synth()).not.toThrow();
  });

  test('are an error in a shard too', () => {
    const nearlyAll = ids(201).map((customerId, n) => ({ customerId, shard: n ? 3 : undefined }));
    const { stack } = newLake({ customers: nearlyAll });
    expect(() => (stack.node.root as App).synth()).toThrow(
      'stack \'Lake-customers-3\' must have at most 500 resources, got: 600, with 200 customers; write "shard": 4');
  });
});
