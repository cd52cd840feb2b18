import { list, Synthesized } from './lake';

const lake = Synthesized.of();
const machine = lake.one('AWS::StepFunctions::StateMachine', 'ImportStateMachine');
const definition = JSON.parse(machine.DefinitionString);
const { Copies } = definition.States;
const { States } = Copies.ItemProcessor.States.EachObject.ItemProcessor;
const policy = lake.one('AWS::IAM::Policy', 'ImportRoleDefaultPolicy').PolicyDocument.Statement;
const statement = (sid: string) => policy.find((found: any) => found.Sid === sid);
const BUCKETS = 'arn:${AWS::Partition}:s3:::mycompany-*-prod-datalake';

test('nothing starts it but the command, and it keeps its history', () => {
  expect(machine.StateMachineType ?? 'STANDARD').toBe('STANDARD');
  const targets = Object.values(lake.ofType('AWS::Scheduler::Schedule')).map(({ Target }) => Target.Arn);
  expect(targets).not.toContain('${LakeImportStateMachine}');
});

test('children are Express, which costs by the request, and few at once', () => {
  expect(Copies.ItemProcessor.ProcessorConfig).toEqual({ Mode: 'DISTRIBUTED', ExecutionType: 'EXPRESS' });
  expect(Copies.MaxConcurrency * Copies.ItemBatcher.MaxItemsPerBatch).toBe(200);
});

test('list and results are in the bucket of reports', () => {
  expect(Copies.ItemReader.Arguments.Bucket).toBe('${LakeImportReports}');
  expect(Copies.ResultWriter.Arguments.Bucket).toBe('${LakeImportReports}');
});

test('a copy replaces nothing, and takes only what was listed', () => {
  expect(States.Copy.Arguments).toMatchObject({
    IfNoneMatch: '*',
    CopySourceIfMatch: '{% $states.input.object.etag %}',
    MetadataDirective: 'REPLACE',
    Metadata: { 'uploaded-at': '{% $states.input.object.uploadedAt %}' },
    TaggingDirective: 'COPY',
  });
});

test('the role writes raw objects of this lake and nothing else of a customer', () => {
  expect(statement('WriteRaw')).toMatchObject({
    Action: ['s3:PutObject', 's3:PutObjectTagging'], Resource: `${BUCKETS}/raw/*`,
  });
  const writing = policy.filter(({ Action }: any) => list(Action).some((action) => action.startsWith('s3:Put')));
  expect(writing.map(({ Sid }: any) => Sid)).toEqual(['WriteRaw', 'Reports']);
});

test('the role reads no bucket of this account by itself', () => {
  const reading = policy.filter(({ Action }: any) => list(Action).includes('s3:GetObject'));
  expect(reading.map(({ Sid }: any) => Sid)).toEqual(['ReadAbroad', 'Reports']);
  expect(statement('ReadAbroad').Condition).toEqual(
    { StringNotEquals: { 'aws:ResourceAccount': '${AWS::AccountId}' } });
  expect(statement('Reports').Resource).toBe('${LakeImportReports.Arn}/*');
});

test('it uses a key for objects of this lake and of its reports only', () => {
  expect(statement('EncryptRaw').Condition.StringLike).toEqual({ 'kms:EncryptionContext:aws:s3:arn': BUCKETS });
  expect(statement('ReportsEncryption').Condition.StringEquals['kms:EncryptionContext:aws:s3:arn'])
    .toBe('${LakeImportReports.Arn}');
  expect(statement('DecryptAbroad').Condition).toMatchObject(
    { StringNotEquals: { 'aws:ResourceAccount': '${AWS::AccountId}' } });
});

test('customers\' buckets let the role write raw objects, and deny it the rest', () => {
  const { Statement } = lake.one('AWS::S3::BucketPolicy', 'acmeBucketPolicy').PolicyDocument;
  const passing = (sid: string) => Statement.find((each: any) => each.Sid === sid)
    .Condition.ArnNotEquals['aws:PrincipalArn'];
  const denials = ['DenyUploads', 'DenyOtherWrites', 'DenyReads', 'DenyOtherReads', 'DenyErasing'];
  expect(denials.filter((sid) => list(passing(sid)).includes('${LakeImportRole.Arn}'))).toEqual(['DenyUploads']);
});
