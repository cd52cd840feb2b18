import { App, Stack } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import { addLake, list, Statement, Synthesized } from './lake';

const ofAccount = { StringEquals: { 'aws:SourceAccount': '${AWS::AccountId}' } };
const services = (key: any) => key.KeyPolicy.Statement.filter(({ Principal }: Statement) => Principal.Service)
  .map(({ Principal, Action, Condition }: Statement) => [Principal.Service, list(Action), Condition]);

test('the key is rotated', () => {
  expect(Synthesized.of().one('AWS::KMS::Key').EnableKeyRotation).toBe(true);
});

test('the services that carry events, alarms, logs and records may use the key', () => {
  expect(services(Synthesized.of().one('AWS::KMS::Key'))).toEqual([
    ['events.amazonaws.com', ['kms:Decrypt', 'kms:GenerateDataKey'], ofAccount],
    ['cloudwatch.amazonaws.com', ['kms:Decrypt', 'kms:GenerateDataKey'], ofAccount],
    [
      'logs.${AWS::Region}.${AWS::URLSuffix}',
      ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey', 'kms:ReEncryptFrom', 'kms:ReEncryptTo'],
      {
        ArnLike: {
          'kms:EncryptionContext:aws:logs:arn': ['/aws-glue/jobs/*', 'Lake-*'].map((group) => (
            `arn:\${AWS::Partition}:logs:\${AWS::Region}:\${AWS::AccountId}:log-group:${group}`)),
        },
      },
    ],
    ['cloudtrail.amazonaws.com', ['kms:GenerateDataKey'], {
      ...ofAccount,
      ArnLike: {
        'kms:EncryptionContext:aws:cloudtrail:arn':
        'arn:${AWS::Partition}:cloudtrail:${AWS::Region}:${AWS::AccountId}:trail/*',
      },
    }],
    // With a bucket key, the encryption context is the bucket's.
    ['cloudtrail.amazonaws.com', ['kms:Decrypt', 'kms:DescribeKey'], ofAccount],
  ]);
});

test('every statement is about the key itself, the only resource that KMS takes', () => {
  const { Statement: statements } = Synthesized.of().one('AWS::KMS::Key').KeyPolicy;
  expect(statements.map(({ Resource }: Statement) => Resource)).toEqual(statements.map(() => '*'));
});

test('a key of the app takes the place of the lake\'s, and gets the same statements', () => {
  const stack = new Stack(new App(), 'Lake');
  addLake(stack, { encryptionKey: new kms.Key(stack, 'OwnKey') });
  const template = new Synthesized(stack);
  expect(Object.keys(template.ofType('AWS::KMS::Key'))).toEqual(['OwnKey']);
  expect(services(template.one('AWS::KMS::Key'))).toEqual(services(Synthesized.of().one('AWS::KMS::Key')));
});

test('a key of another stack does not tie that stack to the lake\'s', () => {
  const app = new App();
  const keys = new Stack(app, 'Keys');
  addLake(new Stack(app, 'Lake'), { encryptionKey: new kms.Key(keys, 'OwnKey') });
  app.synth();
  expect(keys.dependencies).toEqual([]);
});

test('a key that is imported encrypts everything', () => {
  const keyArn = 'arn:aws:kms:eu-west-1:444455556666:key/11111111-2222-3333-4444-555555555555';
  const stack = new Stack();
  addLake(stack, { encryptionKey: kms.Key.fromKeyArn(stack, 'Imported', keyArn) });
  const template = new Synthesized(stack);
  expect(template.ofType('AWS::KMS::Key')).toEqual({});
  expect(template.one('AWS::SQS::Queue', 'ProcessCsvWorkQueue').KmsMasterKeyId).toBe(keyArn);
  expect(template.one('AWS::CloudTrail::Trail').KMSKeyId).toBe(keyArn);
});

describe('a key that cannot be used', () => {
  const ABROAD = 'arn:aws:kms:us-east-1:444455556666:key/11111111-2222-3333-4444-555555555555';
  const stackIn = (region?: string) => new Stack(new App(), 'Lake', { env: { account: '444455556666', region } });
  const reason = 'since AWS services use keys of their own Region only, '
    + `got: ${ABROAD} in 'us-east-1'; write a key in 'eu-west-1'`;

  test('of another Region is an error', () => {
    const stack = stackIn('eu-west-1');
    expect(() => addLake(stack, { encryptionKey: kms.Key.fromKeyArn(stack, 'Key', ABROAD) })).toThrow(
      `[Lake/Lake] 'encryptionKey' must be in the Region of the lake, 'eu-west-1', ${reason}`);
  });

  test('of a customer in another Region is an error', () => {
    expect(() => addLake(stackIn('eu-west-1'), { customers: [{ customerId: 'acme', encryptionKey: ABROAD }] })).toThrow(
      '[Lake/Lake/Storage/acme] \'encryptionKey\' of the customer \'acme\' must be in the Region of the lake, '
      + `'eu-west-1', ${reason}`);
  });

  test.each(['us-east-1', undefined])('is none of a stack in %s', (region) => {
    const stack = stackIn(region);
    expect(() => addLake(stack, { encryptionKey: kms.Key.fromKeyArn(stack, 'Key', ABROAD) })).not.toThrow();
  });

  test.each<[string, string, (stack: Stack) => kms.IKey]>([
    ['imported', 'Lake/Key', (stack) => kms.Alias.fromAliasName(stack, 'Key', 'alias/lake')],
    ['of the app', 'Lake/Target/Alias', (stack) => new kms.Key(stack, 'Target').addAlias('alias/lake')],
  ])('is an alias, %s', (_, path, keyOf) => {
    const stack = stackIn('eu-west-1');
    expect(() => addLake(stack, { encryptionKey: keyOf(stack) })).toThrow(
      '[Lake/Lake] \'encryptionKey\' must be a key, since policies compare the ARN of the key, got: the alias at '
      + `${path}; write kms.Key.fromKeyArn(this, 'Key', keyArn) with the key that the alias stands for`);
  });
});
