import { App, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { addLake, LakeOptions, list, newLake, Statement, Synthesized } from './lake';

const ROLE = 'arn:aws:iam::111122223333:role/team/loader';
const OTHER = 'arn:aws:iam::111122223333:role/other';
const ABROAD = 'arn:aws:iam::222233334444:role/other';
const DATA_ROLE = '${LakeDataRole.Arn}';
const BUCKET = 'arn:${AWS::Partition}:s3:::mycompany-acme-prod-datalake';
const RAW = `${BUCKET}/raw/a.csv`;
const PROCESSED = `${BUCKET}/processed/year=2026/month=01/a.json`;
const READY = `${BUCKET}/analytics-ready/year=2026/month=01/a.parquet`;
const OBJECTS = [RAW, PROCESSED, READY];
const ACCOUNT_OF_ROLE = 'arn:${AWS::Partition}:iam::111122223333:root';
// With the ACL that other accounts' clients send: bucket-owner-full-control.
const UPLOAD = ['s3:PutObject', 's3:PutObjectAcl', 's3:PutObjectTagging', 's3:AbortMultipartUpload',
  's3:ListMultipartUploadParts'];

const bucketPolicy = (lake: Synthesized): Statement[] => (
  lake.one('AWS::S3::BucketPolicy', 'acmeBucketPolicy').PolicyDocument.Statement
);
const matches = (patterns: string | string[] | undefined, text: string) => list(patterns).some((pattern) => (
  new RegExp(`^${pattern.replace(/[.$^{}()|[\]\\+?]/g, '\\$&').replaceAll('*', '.*')}$`).test(text)
));

/** Whether the policy keeps a principal out that any other policy lets in. */
function isDenied(policy: Statement[], principal: string, action: string, resource: string): boolean {
  return policy.some(({ Effect, Action, Resource, NotResource, Condition }) => (
    Effect === 'Deny' && matches(Action, action)
    && (NotResource ? !matches(NotResource, resource) : matches(Resource, resource))
    && Condition.ArnNotEquals && !Condition.ArnNotEquals['aws:PrincipalArn'].includes(principal)
  ));
}

/** What the statements allow to ROLE, by the condition on its ARN. */
const ofRole = (statements: Statement[]) => statements
  .filter(({ Condition }) => list(Condition?.ArnEquals?.['aws:PrincipalArn']).includes(ROLE))
  .flatMap(({ Action }) => Action);
const granted = (options: LakeOptions) => Synthesized.of(options);
const customers = (declared: object) => [{ customerId: 'acme', ...declared }, { customerId: 'globex' }];

describe('without a grant', () => {
  const policy = bucketPolicy(Synthesized.of());

  test.each(['s3:GetObject', 's3:GetObjectVersion', 's3:PutObject', 's3:DeleteObject', 's3:DeleteObjectVersion',
    's3:PutObjectAcl', 's3:RestoreObject', 's3:AbortMultipartUpload'])('nobody has %s on any object', (action) => {
    expect(OBJECTS.map((object) => isDenied(policy, ROLE, action, object))).toEqual([true, true, true]);
  });

  test('nobody lists the objects', () => {
    expect(isDenied(policy, ROLE, 's3:ListBucket', BUCKET)).toBe(true);
    expect(isDenied(policy, ROLE, 's3:ListBucketVersions', BUCKET)).toBe(true);
  });

  test('the jobs\' role passes', () => {
    const actions = ['s3:GetObject', 's3:GetObjectTagging', 's3:PutObject', 's3:PutObjectTagging'];
    const denied = actions.filter((action) => OBJECTS.some((object) => isDenied(policy, DATA_ROLE, action, object)));
    expect(denied).toEqual([]);
  });

  test('the root user of the account passes, when all else fails', () => {
    const root = 'arn:${AWS::Partition}:iam::${AWS::AccountId}:root';
    const actions = ['s3:GetObject', 's3:ListBucket', 's3:PutObject', 's3:DeleteObjectVersion'];
    expect(actions.filter((action) => isDenied(policy, root, action, RAW))).toEqual([]);
  });

  test('the bucket itself can be administered', () => {
    const actions = ['s3:GetBucketPolicy', 's3:PutBucketPolicy', 's3:GetLifecycleConfiguration', 's3:PutBucketTagging'];
    expect(actions.filter((action) => isDenied(policy, ROLE, action, BUCKET))).toEqual([]);
  });

  test('there is no Allow statement', () => {
    expect(policy.map(({ Effect }) => Effect)).not.toContain('Allow');
  });
});

describe('grantErase', () => {
  const { stack, lake } = newLake({}, { env: { account: '999999999999', region: 'eu-west-1' } });
  const role = new iam.Role(stack, 'Eraser', { assumedBy: new iam.AccountRootPrincipal() });
  lake.customer('acme').grantErase(role);
  lake.customer('acme').grantErase(iam.Role.fromRoleArn(stack, 'Foreign', ROLE));
  const template = new Synthesized(stack);
  const policy = bucketPolicy(template);

  test.each(['${Eraser.Arn}', ROLE])('lets %s delete objects of every layer, and nothing else', (principal) => {
    expect(OBJECTS.filter((object) => isDenied(policy, principal, 's3:DeleteObject', object))).toEqual([]);
    expect(isDenied(policy, principal, 's3:GetObject', READY)).toBe(true);
    expect(isDenied(policy, principal, 's3:PutObject', RAW)).toBe(true);
    expect(isDenied(policy, principal, 's3:ListBucket', BUCKET)).toBe(true);
  });

  test('adds to the policy of a role of the app, and to the bucket\'s for one of another account', () => {
    const resources = ['raw', 'processed', 'analytics-ready'].map((layer) => `${BUCKET}/${layer}/*`);
    expect(template.one('AWS::IAM::Policy', 'EraserDefaultPolicy').PolicyDocument.Statement).toEqual(
      [{ Effect: 'Allow', Action: 's3:DeleteObject', Resource: resources }]);
    expect(ofRole(policy)).toEqual(['s3:DeleteObject']);
  });

  test('lets nobody else, nor with another customer', () => {
    expect(isDenied(policy, OTHER, 's3:DeleteObject', RAW)).toBe(true);
    const globex = template.one('AWS::S3::BucketPolicy', 'globexBucketPolicy').PolicyDocument.Statement;
    expect(isDenied(globex, '${Eraser.Arn}', 's3:DeleteObject', RAW.replace('acme', 'globex'))).toBe(true);
  });
});

test('the objects of a lake that is there to be destroyed can be listed and deleted, not read', () => {
  const policy = bucketPolicy(Synthesized.of({ removalPolicy: RemovalPolicy.DESTROY }));
  expect(isDenied(policy, ROLE, 's3:ListBucketVersions', BUCKET)).toBe(false);
  expect(isDenied(policy, ROLE, 's3:DeleteObjectVersion', RAW)).toBe(false);
  expect(isDenied(policy, ROLE, 's3:GetObject', READY)).toBe(true);
  expect(isDenied(policy, ROLE, 's3:PutObject', RAW)).toBe(true);
});

test('an upload names the lake\'s key or nothing', () => {
  const header = 's3:x-amz-server-side-encryption';
  const conditions = bucketPolicy(Synthesized.of()).filter(({ Action }) => Action === 's3:PutObject')
    .map(({ Condition }) => Condition);
  expect(conditions).toEqual([
    { Null: { [header]: 'false' }, StringNotEquals: { [`${header}-aws-kms-key-id`]: '${LakeEncryptionKey.Arn}' } },
    { Null: { [`${header}-customer-algorithm`]: 'false' } },
  ]);
});

describe('a role in uploaderRoleArns', () => {
  const lake = granted({ customers: customers({ uploaderRoleArns: [ROLE] }) });
  const policy = bucketPolicy(lake);

  test('passes with uploads, and with nothing else', () => {
    expect(UPLOAD.filter((action) => isDenied(policy, ROLE, action, RAW))).toEqual([]);
    expect(isDenied(policy, ROLE, 's3:PutObject', READY)).toBe(true);
    expect(isDenied(policy, ROLE, 's3:DeleteObject', RAW)).toBe(true);
    expect(OBJECTS.map((object) => isDenied(policy, ROLE, 's3:GetObject', object))).toEqual([true, true, true]);
    expect(isDenied(policy, ROLE, 's3:ListBucket', BUCKET)).toBe(true);
  });

  test('opens nothing for others, nor with another customer', () => {
    expect(isDenied(policy, OTHER, 's3:PutObject', RAW)).toBe(true);
    const globex = lake.one('AWS::S3::BucketPolicy', 'globexBucketPolicy').PolicyDocument.Statement;
    expect(isDenied(globex, ROLE, 's3:PutObject', RAW.replace('acme', 'globex'))).toBe(true);
  });

  // As a principal it would block every change of both policies once it is deleted.
  test('is allowed by the bucket and by the key, as a condition', () => {
    expect(policy.filter(({ Effect }) => Effect === 'Allow')).toEqual([{
      Effect: 'Allow',
      Principal: { AWS: ACCOUNT_OF_ROLE },
      Action: UPLOAD,
      Resource: `${BUCKET}/raw/*`,
      Condition: { ArnEquals: { 'aws:PrincipalArn': [ROLE] } },
    }]);
    expect(lake.one('AWS::KMS::Key').KeyPolicy.Statement).toContainEqual({
      Effect: 'Allow',
      Principal: { AWS: ACCOUNT_OF_ROLE },
      Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
      Resource: '*',
      Condition: {
        StringEquals: { 'kms:ViaService': 's3.${AWS::Region}.${AWS::URLSuffix}' },
        StringLike: {
          'kms:EncryptionContext:aws:s3:arn': 'arn:${AWS::Partition}:s3:::mycompany-*-prod-datalake',
        },
        ArnEquals: { 'aws:PrincipalArn': [ROLE] },
      },
    });
  });

  test('is no principal of any policy', () => {
    const principals = lake.statements().map(({ Principal }) => JSON.stringify(Principal) ?? '');
    expect(principals.filter((principal) => principal.includes(ROLE))).toEqual([]);
  });
});

describe('a role in readerRoleArns', () => {
  const policy = bucketPolicy(granted({ customers: customers({ readerRoleArns: [ROLE] }) }));

  test('passes with reads of what is ready, and with nothing else', () => {
    expect(isDenied(policy, ROLE, 's3:GetObject', READY)).toBe(false);
    expect(isDenied(policy, ROLE, 's3:ListBucket', BUCKET)).toBe(false);
    expect(isDenied(policy, ROLE, 's3:GetObject', RAW)).toBe(true);
    expect(isDenied(policy, ROLE, 's3:GetObject', PROCESSED)).toBe(true);
    expect(OBJECTS.map((object) => isDenied(policy, ROLE, 's3:PutObject', object))).toEqual([true, true, true]);
  });

  test('lists what is ready only', () => {
    expect(policy).toContainEqual(expect.objectContaining({
      Action: 's3:ListBucket',
      Resource: BUCKET,
      Condition: {
        StringLike: { 's3:prefix': 'analytics-ready/*' }, ArnEquals: { 'aws:PrincipalArn': [ROLE] },
      },
    }));
  });
});

test('many roles share the statements of a policy', () => {
  const lakeOf = (...roles: string[]) => (
    granted({ customers: customers({ uploaderRoleArns: roles, readerRoleArns: roles }) }));
  const statements = (lake: Synthesized): Statement[] => (
    [...bucketPolicy(lake), ...lake.one('AWS::KMS::Key').KeyPolicy.Statement]);
  const shared = statements(lakeOf(ROLE, OTHER, ABROAD));
  expect(shared).toHaveLength(statements(lakeOf(ROLE)).length);
  const allowing = shared.filter(({ Condition }) => Condition?.ArnEquals);
  expect(allowing).not.toEqual([]);
  for (const { Principal, Condition } of allowing) {
    expect(Principal.AWS).toEqual([ACCOUNT_OF_ROLE, 'arn:${AWS::Partition}:iam::222233334444:root']);
    expect(Condition.ArnEquals['aws:PrincipalArn']).toEqual([ROLE, OTHER, ABROAD]);
  }
});

describe('grantUpload to a role of the app', () => {
  const { stack, lake } = newLake();
  const role = new iam.Role(stack, 'Loader', { assumedBy: new iam.AccountRootPrincipal() });
  const grant = lake.customer('acme').grantUpload(role);
  const template = new Synthesized(stack);

  test('adds to the role\'s policy alone', () => {
    expect(template.one('AWS::IAM::Policy', 'LoaderDefaultPolicy').PolicyDocument.Statement).toEqual([
      {
        Effect: 'Allow',
        Action: UPLOAD,
        Resource: `${BUCKET}/raw/*`,
      },
      {
        Effect: 'Allow',
        Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
        Resource: 'arn:${AWS::Partition}:kms:${AWS::Region}:${AWS::AccountId}:key/*',
        Condition: {
          StringEquals: { 'kms:ViaService': 's3.${AWS::Region}.${AWS::URLSuffix}' },
          StringLike: { 'kms:EncryptionContext:aws:s3:arn': BUCKET },
        },
      },
    ]);
    expect(bucketPolicy(template).map(({ Effect }) => Effect)).not.toContain('Allow');
  });

  test('lets the role pass', () => {
    expect(isDenied(bucketPolicy(template), '${Loader.Arn}', 's3:PutObject', RAW)).toBe(false);
    expect(grant.success).toBe(true);
  });
});

test('a key that is imported is named in the grantee\'s policy', () => {
  const keyArn = 'arn:aws:kms:eu-west-1:444455556666:key/11111111-2222-3333-4444-555555555555';
  const stack = new Stack();
  const lake = addLake(stack, { encryptionKey: kms.Key.fromKeyArn(stack, 'Imported', keyArn) });
  lake.customer('acme').grantRead(new iam.Role(stack, 'Reader', { assumedBy: new iam.AccountRootPrincipal() }));
  const statements = new Synthesized(stack).one('AWS::IAM::Policy', 'ReaderDefaultPolicy').PolicyDocument.Statement;
  const ofKey = statements.filter(({ Action }: Statement) => list(Action).includes('kms:Decrypt'));
  expect(ofKey.map(({ Resource }: Statement) => Resource)).toEqual([keyArn]);
});

describe('a customer with a key of its own', () => {
  const ARN = 'arn:aws:kms:eu-west-1:444455556666:key/11111111-2222-3333-4444-555555555555';
  const lake = granted({
    customers: [
      { customerId: 'acme', encryptionKey: 'own', readerRoleArns: [ROLE] },
      { customerId: 'globex', encryptionKey: ARN },
    ],
  });
  const keyOf = (customer: string) => lake.one('AWS::S3::Bucket', `${customer}Bucket`).BucketEncryption
    .ServerSideEncryptionConfiguration[0].ServerSideEncryptionByDefault.KMSMasterKeyID;
  const requiredKey = (customer: string) => lake.one('AWS::S3::BucketPolicy', `${customer}BucketPolicy`).PolicyDocument
    .Statement.find(({ Sid }: Statement) => Sid === 'DenyOtherKeys').Condition.StringNotEquals;
  const header = 's3:x-amz-server-side-encryption-aws-kms-key-id';

  test('has its objects encrypted with it, and with no other', () => {
    expect(keyOf('acme')).toBe('${LakeStorageacmeEncryptionKey.Arn}');
    expect(requiredKey('acme')).toEqual({ [header]: '${LakeStorageacmeEncryptionKey.Arn}' });
    expect(keyOf('globex')).toBe(ARN);
    expect(requiredKey('globex')).toEqual({ [header]: ARN });
  });

  test('has it made, rotated and kept by the lake, or brings it', () => {
    expect(Object.keys(lake.ofType('AWS::KMS::Key'))).toEqual(['LakeEncryptionKey', 'LakeStorageacmeEncryptionKey']);
    expect(lake.one('AWS::KMS::Key', 'acmeEncryptionKey').EnableKeyRotation).toBe(true);
    expect(lake.deletionPolicies('AWS::KMS::Key').LakeStorageacmeEncryptionKey).toBe('RetainExceptOnCreate');
  });

  test('has it opened, and not the lake\'s, to those who may read', () => {
    const opened = (id: string) => ofRole(lake.one('AWS::KMS::Key', id).KeyPolicy.Statement);
    expect(opened('acmeEncryptionKey')).toEqual(['kms:Decrypt']);
    expect(opened('LakeEncryptionKey')).toEqual([]);
  });
});

test('a role of another stack can be granted to without tying the stacks to each other', () => {
  const { stack, lake } = newLake();
  const other = new Stack(stack.node.root as App, 'Other');
  const role = new iam.Role(other, 'Analyst', { assumedBy: new iam.AccountRootPrincipal() });
  lake.customer('acme').grantUpload(role);
  lake.customer('globex').grantQuery(role);
  (stack.node.root as App).synth();
  expect(stack.dependencies).toEqual([other]);
  expect(other.dependencies).toEqual([]);
});

describe('grantRead to an imported role', () => {
  const allowed = (account?: string) => {
    const { stack, lake } = newLake({}, { env: { account, region: 'eu-west-1' } });
    lake.customer('acme').grantRead(iam.Role.fromRoleArn(stack, 'Imported', ROLE));
    const template = new Synthesized(stack);
    return ofRole([...bucketPolicy(template), ...template.one('AWS::KMS::Key').KeyPolicy.Statement]);
  };
  const bucketAndKey = ['s3:GetObject', 's3:GetObjectTagging', 's3:GetObjectVersion', 's3:GetBucketLocation',
    's3:ListBucket', 'kms:Decrypt'];

  test('of another account allows it in bucket and key', () => {
    expect(allowed('999999999999')).toEqual(bucketAndKey);
  });

  test('allows it in bucket and key where the lake\'s account is not known, which may be another', () => {
    expect(allowed(undefined)).toEqual(bucketAndKey);
  });

  test('of the lake\'s account adds to the role\'s own policy alone', () => {
    expect(allowed('111122223333')).toEqual([]);
  });
});

const REFUSED: Record<string, (stack: Stack) => iam.IGrantable> = {
  'a service': () => new iam.ServicePrincipal('lambda.amazonaws.com'),
  'an account': () => new iam.AccountPrincipal('111122223333'),
  'the lake\'s own account': () => new iam.AccountRootPrincipal(),
  'everybody': () => new iam.AnyPrincipal(),
  'a group': (stack) => new iam.Group(stack, 'Group'),
  'a pattern': () => new iam.ArnPrincipal('arn:aws:iam::111122223333:role/*'),
};
const METHODS = ['grantUpload', 'grantRead', 'grantErase', 'grantQuery'] as const;

test.each(Object.keys(REFUSED).flatMap((who) => METHODS.map((method) => [method, who] as const)))(
  '%s to %s is refused', (method, who) => {
    const { stack, lake } = newLake();
    expect(() => lake.customer('acme')[method](REFUSED[who](stack))).toThrow(new RegExp(
      `^\\[Lake/Lake/Storage/acme/Bucket\\] ${method} needs one IAM role or user, since the bucket's policy names who `
      + 'may pass, got: .+; write a role, for example iam\\.Role\\.fromRoleArn'));
  });

test('more roles than the policy of a bucket can name are an error', () => {
  const readerRoleArns = Array.from({ length: 150 }, (_, n) => `${ROLE}-${'x'.repeat(40)}-${n}`);
  expect(() => granted({ customers: customers({ readerRoleArns }) })).toThrow(
    /Storage\/acme\/Bucket\/Policy\/Resource\] the policy must be at most 20480 characters, got: \d{5}; write fewer/);
});

test('more roles than the policy of the key can name are an error', () => {
  const readers = (n: number) => Array.from({ length: 40 }, (_, m) => `${ROLE}-${'x'.repeat(40)}-${n}-${m}`);
  const many = Array.from({ length: 10 }, (_, n) => ({ customerId: `c${n}`, readerRoleArns: readers(n) }));
  expect(() => granted({ customers: many })).toThrow(
    /\[Lake\/Lake\/EncryptionKey\/Resource\] the policy must be at most 32768 characters, got: \d{5}; write fewer/);
});
