import { list, Synthesized } from './lake';

const lake = Synthesized.of();
const role = lake.one('AWS::IAM::Role', 'LakeDataRole');
const policy = lake.one('AWS::IAM::Policy', 'DataRoleDefaultPolicy').PolicyDocument.Statement;
const statement = (sid: string) => policy.find((found: any) => found.Sid === sid);
const BUCKET = 'arn:${AWS::Partition}:s3:::mycompany-${aws:PrincipalTag/customer}-prod-datalake';

test('the jobs alone open sessions, and none without customer and database', () => {
  expect(role.AssumeRolePolicyDocument.Statement).toEqual([{
    Effect: 'Allow',
    Action: ['sts:AssumeRole', 'sts:TagSession'],
    Principal: { AWS: 'arn:${AWS::Partition}:iam::${AWS::AccountId}:root' },
    Condition: {
      ArnEquals: { 'aws:PrincipalArn': ['${LakeProcessCsvJobRole.Arn}', '${LakeAnalyticsTransformJobRole.Arn}'] },
      Null: { 'aws:RequestTag/customer': 'false', 'aws:RequestTag/database': 'false' },
    },
  }]);
});

test('a session reads and tags the objects of its customer', () => {
  expect(statement('ReadAndTagObjects').Resource).toEqual(
    [`${BUCKET}/raw/*`, `${BUCKET}/processed/*`, `${BUCKET}/analytics-ready/*`]);
  expect(statement('ReadAndTagObjects').Action).not.toContain('s3:PutObject');
});

test('a session writes what the lake makes, and no raw object', () => {
  expect(statement('WriteObjects')).toMatchObject({
    Action: ['s3:PutObject', 's3:AbortMultipartUpload'],
    Resource: [`${BUCKET}/processed/*`, `${BUCKET}/analytics-ready/*`],
  });
});

test('a session is told that an object of its customer is missing', () => {
  expect(statement('TellMissingObjects')).toMatchObject({ Action: 's3:ListBucket', Resource: BUCKET });
  expect(statement('TellMissingObjects')).not.toHaveProperty('Condition');
});

test('a session asks S3 for the order of a key\'s versions', () => {
  expect(statement('OrderVersions')).toMatchObject({
    Action: 's3:ListBucketVersions',
    Resource: BUCKET,
    Condition: { StringLike: { 's3:prefix': ['raw/*', 'processed/*'] } },
  });
});

test('a session deletes nothing', () => {
  const actions: string[] = policy.flatMap(({ Action }: any) => list(Action));
  expect(actions.filter((action) => /delete/i.test(action))).toEqual([]);
});

test('a session uses the key for the bucket of its customer, and for the manifest', () => {
  expect(statement('Encryption')).toMatchObject({
    Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
    Resource: 'arn:${AWS::Partition}:kms:${AWS::Region}:*:key/*', // a customer may have its own
    Condition: {
      StringEquals: {
        'kms:ViaService': 's3.${AWS::Region}.${AWS::URLSuffix}', 'kms:EncryptionContext:aws:s3:arn': BUCKET,
      },
    },
  });
  expect(statement('ManifestEncryption')).toMatchObject({
    Action: 'kms:Decrypt',
    Resource: '${LakeEncryptionKey.Arn}',
    Condition: { StringEquals: { 'kms:ViaService': 'dynamodb.${AWS::Region}.${AWS::URLSuffix}' } },
  });
});

test('a session sees the items of its customer', () => {
  expect(statement('Manifest')).toMatchObject({
    Action: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
    Resource: '${LakeManifestTable.Arn}',
    Condition: {
      'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['${aws:PrincipalTag/customer}#*'] },
      'Null': { 'dynamodb:LeadingKeys': 'false' },
    },
  });
});

test('a session sees and changes the tables of its database', () => {
  const glue = 'arn:${AWS::Partition}:glue:${AWS::Region}:${AWS::AccountId}:';
  expect(statement('Catalog')).toMatchObject({
    Action: ['glue:GetDatabase', 'glue:GetTable', 'glue:CreateTable', 'glue:UpdateTable'],
    Resource: [`${glue}catalog`, `${glue}database/\${aws:PrincipalTag/database}`,
      `${glue}table/\${aws:PrincipalTag/database}/*`],
  });
});
