import { RemovalPolicy } from 'aws-cdk-lib';
import { Synthesized } from './lake';

const TABLE = 'AWS::DynamoDB::Table';
const table = Synthesized.of().one(TABLE);
const keys = (schema: any[]) => schema.map(({ AttributeName, KeyType }) => [AttributeName, KeyType]);

test('an item is found by object and version', () => {
  expect(keys(table.KeySchema)).toEqual([['object', 'HASH'], ['version', 'RANGE']]);
});

test('items are found by the status of a customer\'s objects, by their source, and uploads by dataset', () => {
  const indexes = table.GlobalSecondaryIndexes.map((index: any) => [index.IndexName, keys(index.KeySchema)]);
  expect(Object.fromEntries(indexes)).toEqual({
    'by-status': [['customer_status', 'HASH'], ['updated_at', 'RANGE']],
    'by-source': [['source', 'HASH'], ['object', 'RANGE']],
    'by-dataset': [['customer_dataset', 'HASH'], ['uploaded_at', 'RANGE']],
  });
});

test('an index contains all attributes of an item, but for that of uploads, which is written once', () => {
  const projections = table.GlobalSecondaryIndexes.map((index: any) => index.Projection.ProjectionType);
  expect(projections).toEqual(['ALL', 'ALL', 'KEYS_ONLY']);
});

test('capacity is on demand', () => {
  expect(table.BillingMode).toBe('PAY_PER_REQUEST');
});

test('items are encrypted with the lake\'s key', () => {
  expect(table.SSESpecification).toEqual(
    { SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: '${LakeEncryptionKey.Arn}' });
});

test('any second of the last 35 days can be restored', () => {
  expect(table.PointInTimeRecoverySpecification).toEqual({ PointInTimeRecoveryEnabled: true });
});

test('the table is protected from deletion, unless the lake has the removal policy DESTROY', () => {
  expect(table.DeletionProtectionEnabled).toBe(true);
  expect(Synthesized.of({ removalPolicy: RemovalPolicy.DESTROY }).one(TABLE).DeletionProtectionEnabled).toBe(false);
});
