import { Template } from 'aws-cdk-lib/assertions';
import { newLake, Synthesized } from './lake';

const lake = Synthesized.of();
const trail = lake.one('AWS::CloudTrail::Trail');

test('changes of the account are recorded', () => {
  expect(trail.AdvancedEventSelectors).toContainEqual(
    { Name: 'Management events', FieldSelectors: [{ Field: 'eventCategory', Equals: ['Management'] }] });
});

test('what is done with the objects of the customers is recorded, and what the logs do is not', () => {
  expect(trail.AdvancedEventSelectors.slice(1)).toEqual([{
    Name: 'Objects of the customers',
    FieldSelectors: [
      { Field: 'eventCategory', Equals: ['Data'] },
      { Field: 'resources.type', Equals: ['AWS::S3::Object'] },
      {
        Field: 'resources.ARN',
        StartsWith: ['arn:${AWS::Partition}:s3:::mycompany-'],
        NotStartsWith: ['${LakeAuditLogs.Arn}/', '${LakeStorageAccessLogs.Arn}/'],
      },
    ],
  }]);
});

test('there are no selectors of the older kind, which CloudTrail does not take beside the others', () => {
  expect(trail).not.toHaveProperty('EventSelectors');
});

test('the trail is on, for IAM as well, whose events come from another Region; its files can be validated', () => {
  expect(trail).toMatchObject({
    IsLogging: true, IsMultiRegionTrail: true, IncludeGlobalServiceEvents: true, EnableLogFileValidation: true,
  });
});

test('the records are encrypted with the lake\'s key, in a bucket of their own, for a year', () => {
  expect(trail).toMatchObject({ KMSKeyId: '${LakeEncryptionKey.Arn}', S3BucketName: '${LakeAuditLogs}' });
  const logs = lake.one('AWS::S3::Bucket', 'AuditLogs');
  expect(logs.BucketEncryption.ServerSideEncryptionConfiguration).toEqual([{
    BucketKeyEnabled: true,
    ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: '${LakeEncryptionKey.Arn}' },
  }]);
  expect(logs.LifecycleConfiguration.Rules).toEqual([expect.objectContaining({ ExpirationInDays: 365 })]);
});

test('the trail is made when its bucket takes its records', () => {
  const [resource] = Object.values(Template.fromStack(newLake().stack).findResources('AWS::CloudTrail::Trail'));
  expect(resource.DependsOn).toEqual([expect.stringMatching(/^LakeAuditLogsPolicy/)]);
});
