import { App, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { newLake, Synthesized } from './lake';
import { AuditTrail } from '../src';
import { Audit } from '../src/audit';

const lake = Synthesized.of();
const trail = lake.one('AWS::CloudTrail::Trail');

/** The audit alone, since a lake with so many customers takes long to synthesize. */
function auditOf(buckets: number): Stack {
  const stack = new Stack(new App({ analyticsReporting: false }), 'Stack');
  new Audit(stack, 'Audit', {
    organization: 'mycompany',
    environment: 'prod',
    encryptionKey: new kms.Key(stack, 'Key'),
    removalPolicy: RemovalPolicy.RETAIN,
    trail: AuditTrail.OBJECTS,
    buckets: Array.from({ length: buckets }, (_, n) => `mycompany-c${n}-prod-datalake`),
    accessLogs: new s3.Bucket(stack, 'AccessLogs'),
  });
  return stack;
}

const objectsOf = (stack: Stack) => (
  new Synthesized(stack).one('AWS::CloudTrail::Trail').AdvancedEventSelectors[0].FieldSelectors[2]);

test('what is done with the objects of this lake\'s customers is recorded, and nothing else', () => {
  expect(trail.AdvancedEventSelectors).toEqual([{
    Name: 'Objects of the customers',
    FieldSelectors: [
      { Field: 'eventCategory', Equals: ['Data'] },
      { Field: 'resources.type', Equals: ['AWS::S3::Object'] },
      {
        Field: 'resources.ARN',
        StartsWith: ['acme', 'globex'].map((id) => `arn:\${AWS::Partition}:s3:::mycompany-${id}-prod-datalake/`),
      },
    ],
  }]);
});

test('the trail records one Region, the one that the buckets are in', () => {
  expect(trail).toMatchObject({ IsLogging: true, IsMultiRegionTrail: false, IncludeGlobalServiceEvents: false });
});

test('the records can be validated', () => {
  expect(trail.EnableLogFileValidation).toBe(true);
});

test('there are no selectors of the older kind, which CloudTrail does not take beside the others', () => {
  expect(trail).not.toHaveProperty('EventSelectors');
});

test('a trail has a selector value for each bucket as long as it takes that many', () => {
  const stack = auditOf(498);
  expect(objectsOf(stack).StartsWith).toHaveLength(498);
  expect(objectsOf(stack)).not.toHaveProperty('NotStartsWith');
  Annotations.fromStack(stack).hasNoInfo('*', Match.stringLikeRegexp('auditTrailByPrefix'));
});

test('with more buckets it has the prefix of their names, without the logs, and synthesis says so', () => {
  const stack = auditOf(499);
  expect(objectsOf(stack)).toEqual({
    Field: 'resources.ARN',
    StartsWith: ['arn:${AWS::Partition}:s3:::mycompany-'],
    NotStartsWith: ['${AuditLogs.Arn}/', '${AccessLogs.Arn}/'],
  });
  const [info] = Annotations.fromStack(stack).findInfo('/Stack/Audit', Match.stringLikeRegexp('auditTrailByPrefix'));
  expect(info.entry.data).toContain('begins with \'mycompany-\': a trail takes 500 selector values, fewer than this '
    + 'lake\'s 499 buckets');
});

test('an account without a trail gets one for its management events, of all Regions', () => {
  const trails = Synthesized.of({ auditTrail: AuditTrail.OBJECTS_AND_MANAGEMENT }).ofType('AWS::CloudTrail::Trail');
  expect(Object.keys(trails)).toEqual(['LakeAuditTrail', 'LakeAuditManagementTrail']);
  expect(trails.LakeAuditTrail.IsMultiRegionTrail).toBe(false);
  expect(trails.LakeAuditManagementTrail).toMatchObject({
    IsLogging: true, IsMultiRegionTrail: true, IncludeGlobalServiceEvents: true, EnableLogFileValidation: true,
  });
  expect(trails.LakeAuditManagementTrail).not.toHaveProperty('AdvancedEventSelectors'); // records management events
});

test('an account with a trail of its own needs none', () => {
  const none = Synthesized.of({ auditTrail: AuditTrail.NONE });
  expect(none.ofType('AWS::CloudTrail::Trail')).toEqual({});
  expect(Object.keys(none.ofType('AWS::S3::Bucket')).filter((id) => id.includes('Audit'))).toEqual([]);
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
