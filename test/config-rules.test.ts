import { Annotations as Notes, App } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { newLake, Synthesized } from './lake';
import { ConfigAudit } from '../src';

const rulesOf = (configAudit: ConfigAudit) => (
  Synthesized.of({ configAudit, project: 'p' }).ofType('AWS::Config::ConfigRule'));
const configTypes = (configAudit?: ConfigAudit) => Object.entries(Synthesized.of({ configAudit }).counts())
  .filter(([type]) => type.startsWith('AWS::Config::'));

test('there is nothing of AWS Config unless it is asked for', () => {
  expect(configTypes()).toEqual([]);
});

test('rules alone leave the recorder to the account', () => {
  expect(configTypes(ConfigAudit.RULES)).toEqual([['AWS::Config::ConfigRule', 8]]);
});

test('rules are about what the lake is, found by its tags', () => {
  const rules = Object.values(rulesOf(ConfigAudit.RULES)).map(({ Source, Scope }) => [Source.SourceIdentifier, Scope]);
  const lake = { TagKey: 'project', TagValue: 'p' };
  expect(Object.fromEntries(rules)).toEqual({
    S3_BUCKET_LEVEL_PUBLIC_ACCESS_PROHIBITED: lake,
    S3_BUCKET_SSL_REQUESTS_ONLY: lake,
    S3_BUCKET_SERVER_SIDE_ENCRYPTION_ENABLED: lake,
    S3_BUCKET_VERSIONING_ENABLED: { TagKey: 'customer' },
    S3_BUCKET_LOGGING_ENABLED: { TagKey: 'customer' },
    DYNAMODB_PITR_ENABLED: lake,
    DYNAMODB_TABLE_ENCRYPTED_KMS: lake,
    SNS_ENCRYPTED_KMS: lake,
  });
});

test('with the recorder, rules wait for it and its channel', () => {
  const template = Template.fromStack(newLake({ configAudit: ConfigAudit.RULES_AND_RECORDER }).stack);
  template.resourceCountIs('AWS::Config::ConfigurationRecorder', 1);
  template.resourceCountIs('AWS::Config::DeliveryChannel', 1);
  for (const rule of Object.values(template.findResources('AWS::Config::ConfigRule'))) {
    expect(rule.DependsOn).toEqual(expect.arrayContaining(
      [expect.stringMatching(/Recorder/), expect.stringMatching(/DeliveryChannel/)]));
  }
});

test('the recorder may read what it records, by the policy that AWS keeps for it', () => {
  const role = Synthesized.of({ configAudit: ConfigAudit.RULES_AND_RECORDER }).one('AWS::IAM::Role', 'RecorderRole');
  expect(role.ManagedPolicyArns).toEqual(['arn:${AWS::Partition}:iam::aws:policy/service-role/AWS_ConfigRole']);
});

test('the records are encrypted with the lake\'s key, which the recorder may use', () => {
  const lake = Synthesized.of({ configAudit: ConfigAudit.RULES_AND_RECORDER });
  expect(lake.one('AWS::S3::Bucket', 'Records').BucketEncryption.ServerSideEncryptionConfiguration[0]).toMatchObject(
    { ServerSideEncryptionByDefault: { KMSMasterKeyID: '${LakeEncryptionKey.Arn}' } });
  expect(lake.one('AWS::IAM::Policy', 'RecorderRoleDefaultPolicy').PolicyDocument.Statement).toContainEqual({
    Effect: 'Allow', Action: ['kms:Decrypt', 'kms:GenerateDataKey'], Resource: '${LakeEncryptionKey.Arn}',
  });
});

test.each([
  [undefined, 'no rules, no recorder'], [ConfigAudit.RULES, 'rules, for the recorder that the account must have'],
  [ConfigAudit.RULES_AND_RECORDER, 'rules and recorder'],
])('synthesis says what is on and what is off: %s', (configAudit, note) => {
  const { stack } = newLake({ configAudit });
  (stack.node.root as App).synth();
  const [info] = Annotations.fromStack(stack).findInfo('/Lake/Lake/ConfigRules', Match.stringLikeRegexp('AWS Config'));
  expect(info?.entry.data ?? '').toContain(note);
});

test('an app can acknowledge what synthesis says', () => {
  const { stack, lake } = newLake();
  Notes.of(lake).acknowledgeInfo('modern-data-lake:configAudit');
  (stack.node.root as App).synth();
  Annotations.fromStack(stack).hasNoInfo('/Lake/Lake/ConfigRules', Match.stringLikeRegexp('AWS Config'));
});
