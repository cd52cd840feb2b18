import { CfnResource, Stack } from 'aws-cdk-lib';
import { limitPolicySize } from '../src/private/policy-size';

function errorsOf(document: unknown, limit: number): string[] {
  const resource = new CfnResource(new Stack(), 'Resource', { type: 'Some::Resource::Type' });
  limitPolicySize(resource, document, limit, 'write less');
  return resource.node.validate();
}

/** Characters of the policy, as the error says. */
const sizeOf = (document: unknown) => Number(/got: (\d+);/.exec(errorsOf(document, 0)[0])![1]);
/** Characters of a value in `{"A":"..."}`. */
const lengthOf = (value: unknown) => sizeOf({ A: value }) - '{"A":""}'.length;

test('a policy may be as long as AWS allows, and one character more is an error with advice', () => {
  const document = { Statement: [{ Effect: 'Allow' }] };
  const size = JSON.stringify(document).length;
  expect(errorsOf(document, size)).toEqual([]);
  expect(errorsOf(document, size - 1)).toEqual(
    [`the policy must be at most ${size - 1} characters, got: ${size}; write less`]);
});

test('account, partition and Region have their usual length, before they are known', () => {
  expect(lengthOf({ Ref: 'AWS::AccountId' })).toBe(12);
  expect(lengthOf({ Ref: 'AWS::Partition' })).toBe('aws'.length);
  expect(lengthOf({ Ref: 'AWS::Region' })).toBe('ap-southeast-1'.length);
});

test('other values that are not known have the length of a long ARN', () => {
  expect(lengthOf({ Ref: 'Bucket' })).toBe(100);
  expect(lengthOf({ 'Fn::GetAtt': ['Bucket', 'Arn'] })).toBe(100);
  expect(lengthOf({ 'Fn::ImportValue': 'Other:Output' })).toBe(100);
});

test('a text is as long as its parts', () => {
  expect(lengthOf({ 'Fn::Join': ['--', ['ab', { Ref: 'AWS::AccountId' }, 'c']] })).toBe(2 + 2 + 12 + 2 + 1);
});

test('values count wherever they are', () => {
  const known = { Statement: [{ Resource: ['a', ['b']], Condition: { Bool: {} } }], Version: 1, Nothing: null };
  expect(sizeOf(known)).toBe(JSON.stringify(known).length);
  expect(sizeOf({ A: [{ B: { Ref: 'Bucket' } }] })).toBe('{"A":[{"B":""}]}'.length + 100);
});
