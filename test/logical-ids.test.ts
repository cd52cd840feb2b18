import { Template } from 'aws-cdk-lib/assertions';
import { newLake } from './lake';
import { ConfigAudit } from '../src';

/**
 * Logical ids of what holds something. Under another id CloudFormation makes a new resource beside the old one, which
 * then is nobody's, or refuses because the name is taken. An id changes with the id of a construct on the path to it.
 */
const CONTRACT: Record<string, string[]> = {
  'AWS::DynamoDB::Table': [
    'LakeManifestTableFA62C075',
  ],
  'AWS::Glue::Database': [
    'LakeStorageacmeDatabase83074706',
    'LakeStorageglobexDatabaseB536666C',
  ],
  'AWS::KMS::Key': [
    'LakeEncryptionKey111CEA5C',
    'LakeStorageacmeEncryptionKey4264DE44',
  ],
  'AWS::S3::Bucket': [
    'LakeAuditLogsF4B982D8',
    'LakeConfigRulesRecords6C849716',
    'LakeImportReports3F8F0073',
    'LakeQueryResults4B9812A8',
    'LakeStorageAccessLogsF867BCAD',
    'LakeStorageacmeBucket8B5F1727',
    'LakeStorageglobexBucket54350C5F',
  ],
  'AWS::SNS::Topic': [
    'LakeObserveAlarmTopicFA06D5BC',
  ],
  'AWS::SQS::Queue': [
    'LakeAnalyticsTransformDeadLetterQueue2AFBABB8',
    'LakeAnalyticsTransformWorkQueue3CE5FA8B',
    'LakeObserveAccessCalls74052D39',
    'LakeProcessCsvDeadLetterQueueB8CA3C96',
    'LakeProcessCsvWorkQueue70F0CF68',
  ],
};
/** Properties whose change replaces the resource, as far as the lake sets them. */
const REPLACING: Record<string, string[]> = {
  'AWS::DynamoDB::Table': ['TableName', 'KeySchema'],
  'AWS::Glue::Database': ['CatalogId'],
  'AWS::KMS::Key': ['KeySpec', 'KeyUsage', 'MultiRegion'],
  'AWS::S3::Bucket': ['BucketName'],
  'AWS::SNS::Topic': ['TopicName', 'FifoTopic'],
  'AWS::SQS::Queue': ['QueueName', 'FifoQueue'],
};
const FIXED = [
  ['LakeManifestTableFA62C075', 'KeySchema', [
    { AttributeName: 'object', KeyType: 'HASH' }, { AttributeName: 'version', KeyType: 'RANGE' },
  ]],
  ['LakeQueryResults4B9812A8', 'BucketName', 'mycompany-prod-query-results'],
  ['LakeStorageacmeBucket8B5F1727', 'BucketName', 'mycompany-acme-prod-datalake'],
  ['LakeStorageacmeDatabase83074706', 'CatalogId', { Ref: 'AWS::AccountId' }],
  ['LakeStorageglobexBucket54350C5F', 'BucketName', 'mycompany-globex-prod-datalake'],
  ['LakeStorageglobexDatabaseB536666C', 'CatalogId', { Ref: 'AWS::AccountId' }],
];

const customers = [{ customerId: 'acme', encryptionKey: 'own' }, { customerId: 'globex' }];
const template = Template.fromStack(newLake({ customers, configAudit: ConfigAudit.RULES_AND_RECORDER }).stack);

test.each(Object.entries(CONTRACT))('an upgrade keeps the logical id of every %s', (type, ids) => {
  const found = Object.keys(template.findResources(type));
  const lost = ids.filter((id) => !found.includes(id));
  const advice = lost.map((id) => `${id}: an upgrade would replace it and leave users' data behind; give its `
    + 'construct, and those above it, their old ids back, or overrideLogicalId()');
  expect(advice).toEqual([]);
  expect(found.filter((id) => !ids.includes(id))).toEqual([]); // a new one belongs into the contract
});

test('an upgrade changes no property whose change would replace such a resource', () => {
  const found = Object.entries(REPLACING).flatMap(([type, properties]) => (
    Object.entries(template.findResources(type)).flatMap(([id, { Properties }]) => (
      properties.filter((name) => Properties[name] !== undefined).map((name) => [id, name, Properties[name]])))));
  expect(found.sort()).toEqual(FIXED);
});
