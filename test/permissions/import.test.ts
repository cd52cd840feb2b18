/** Simulates the role of imports: the policies of a lake, and of a source that lets it in as the command says. */
import { sourcePolicy } from '../../cli/operate/import-source';
import { newLake, Synthesized } from '../lake';
import { ACCOUNT, Call, isAllowed, Policies, REGION } from './simulation';

const env = { account: ACCOUNT, region: REGION };
const role = (name: string) => `arn:aws:iam::${ACCOUNT}:role/${name}`;
const [IMPORT, STRANGER] = [role('import'), role('stranger')];
const [ACME, SOURCE, KEY] = ['arn:aws:s3:::mycompany-acme-prod-datalake', 'arn:aws:s3:::exports',
  `arn:aws:kms:${REGION}:${ACCOUNT}:key/lake`];

function policies(): Policies {
  const template = new Synthesized(newLake({}, { env }).stack);
  const resolved = (value: object) => JSON.parse(JSON.stringify(value)
    .replaceAll('${AWS::Partition}', 'aws').replaceAll('${AWS::URLSuffix}', 'amazonaws.com')
    .replaceAll('${LakeImportRole.Arn}', IMPORT).replaceAll('${LakeDataRole.Arn}', role('data'))
    .replaceAll('${LakeImportReports.Arn}', 'arn:aws:s3:::reports')
    .replaceAll('${LakeEncryptionKey.Arn}', KEY).replaceAll('${LakeStorageacmeBucket.Arn}', ACME));
  const everything = { Version: '2012-10-17', Statement: { Effect: 'Allow', Action: '*', Resource: '*' } };
  const root = { AWS: `arn:aws:iam::${ACCOUNT}:root` };
  return {
    names: {},
    bucket_keys: {},
    roles: {
      [IMPORT]: {
        trust: {}, policies: [resolved(template.one('AWS::IAM::Policy', 'ImportRoleDefaultPolicy').PolicyDocument)],
      },
      [STRANGER]: { trust: {}, policies: [everything] },
    },
    resources: {
      [ACME]: resolved(template.one('AWS::S3::BucketPolicy', 'acmeBucketPolicy').PolicyDocument),
      [SOURCE]: sourcePolicy({ bucket: 'exports', prefix: 'a/' }, 'aws', IMPORT),
      [KEY]: { Version: '2012-10-17', Statement: { Effect: 'Allow', Action: 'kms:*', Resource: '*', Principal: root } },
    },
  };
}

const all = policies();
const call = (action: string, resource: string, context: Call['context'] = {}, principal = IMPORT): Call => (
  { principal, action, resource, context });
const use = (of: string): Call['context'] => (
  { 'kms:ViaService': `s3.${REGION}.amazonaws.com`, 'kms:EncryptionContext:aws:s3:arn': of });
const own = { 'aws:ResourceAccount': ACCOUNT };

test.each<[string, Call]>([
  ['a raw object', call('s3:PutObject', `${ACME}/raw/a.csv`)],
  ['the tags of a raw object', call('s3:PutObjectTagging', `${ACME}/raw/a.csv`)],
  ['a key of the data of a customer', call('kms:GenerateDataKey', KEY, use(ACME))],
  ['an object of the source that lets it in', call('s3:GetObject', `${SOURCE}/a/b.csv`, own)],
  ['the tags of such an object', call('s3:GetObjectTagging', `${SOURCE}/a/b.csv`, own)],
  ['an object of another account', call('s3:GetObject', 'arn:aws:s3:::theirs/a.csv',
    { 'aws:ResourceAccount': '210987654321' })],
  ['its list', call('s3:GetObject', 'arn:aws:s3:::reports/id/list.jsonl', own)],
  ['its results', call('s3:PutObject', 'arn:aws:s3:::reports/id/results/a')],
])('the import may use %s', async (_, wanted) => {
  expect(await isAllowed(wanted, all)).toBe(true);
});

test.each<[string, Call]>([
  ['write what the jobs write', call('s3:PutObject', `${ACME}/processed/a.json`)],
  ['write into another lake', call('s3:PutObject', 'arn:aws:s3:::mycompany-acme-dev-datalake/raw/a.csv')],
  ['read a raw object', call('s3:GetObject', `${ACME}/raw/a.csv`, own)],
  ['list a customer\'s bucket', call('s3:ListBucket', ACME)],
  ['delete a raw object', call('s3:DeleteObject', `${ACME}/raw/a.csv`)],
  ['read another folder of the source', call('s3:GetObject', `${SOURCE}/b/c.csv`, own)],
  ['read a bucket of this account that has not let it in', call('s3:GetObject', 'arn:aws:s3:::private/a.csv', own)],
  ['use a key for another bucket', call('kms:Decrypt', KEY, { ...use('arn:aws:s3:::private'), ...own })],
])('the import may not %s', async (_, unwanted) => {
  expect(await isAllowed(unwanted, all)).toBe(false);
});

test('another role of the account writes no raw object, whatever its own policy says', async () => {
  expect(await isAllowed(call('s3:PutObject', `${ACME}/raw/a.csv`, {}, STRANGER), all)).toBe(false);
});
