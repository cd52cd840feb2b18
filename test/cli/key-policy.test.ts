import { KeyPolicy, Use } from '../../cli/doctor/checks/key-policy';

const USE: Use = {
  kind: 'AWS',
  principals: ['arn:aws:iam::1:root', '1'],
  context: { 'kms:calleraccount': ['1'], 'kms:viaservice': ['s3.eu-west-1.amazonaws.com'], 'aws:sourceaccount': [] },
};
const ALLOW = { Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::1:root' }, Action: 'kms:*', Resource: '*' };

function judge(...statements: object[]): Record<string, string[]> {
  const policy = new KeyPolicy(JSON.stringify({ Statement: statements }));
  const { conditions, ...actions } = policy.judge(USE, ['kms:Decrypt']);
  const found = { ...actions, conditions: [...conditions] };
  return Object.fromEntries(Object.entries(found).filter(([, names]) => names.length));
}

const [DENIED, MISSING] = [{ denied: ['kms:Decrypt'] }, { missing: ['kms:Decrypt'] }];
const unclear = (...conditions: string[]) => ({ unclear: ['kms:Decrypt'], conditions });

test.each([
  [{ StringEquals: { 'kms:ViaService': ['sqs.eu-west-1.amazonaws.com', 's3.eu-west-1.amazonaws.com'] } }, true],
  [{ StringEquals: { 'KMS:viaservice': 'sqs.eu-west-1.amazonaws.com' } }, false],
  [{ StringEquals: { 'kms:ViaService': 's3.*.amazonaws.com' } }, false],
  [{ StringLike: { 'kms:ViaService': 's3.*.amazonaws.com' } }, true],
  [{ StringNotLike: { 'kms:ViaService': 's3.*' } }, false],
  [{ StringNotEquals: { 'kms:CallerAccount': '2' } }, true],
  [{ StringEquals: { 'kms:CallerAccount': '2' } }, false],
  [{ StringEquals: { 'aws:SourceAccount': '1' } }, false],
  [{ StringEqualsIfExists: { 'aws:SourceAccount': '2' } }, true],
  [{ StringNotEquals: { 'aws:SourceAccount': '1' } }, true],
  [{ StringEquals: { 'kms:CallerAccount': '1', 'kms:ViaService': 'x' } }, false],
  [{ StringEquals: { 'kms:CallerAccount': '2', 'aws:SourceOrgID': 'o-1' } }, false],
  [{ ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::1:role/x' } }, 'aws:PrincipalArn'],
  [{ StringEquals: { 'kms:CallerAccount': '${aws:PrincipalAccount}' } }, 'kms:CallerAccount'],
  [{ IpAddress: { 'kms:CallerAccount': '1' } }, 'kms:CallerAccount'],
])('with the condition %j, a statement holds: %s', (Condition, holds) => {
  const perhaps = typeof holds === 'string' ? unclear(holds) : undefined;

  expect(judge({ ...ALLOW, Condition })).toEqual(perhaps ?? (holds ? {} : MISSING));
  expect(judge(ALLOW, { ...ALLOW, Effect: 'Deny', Condition })).toEqual(perhaps ?? (holds ? DENIED : {}));
});

test('an action that is allowed for certain is allowed, whatever else depends on conditions', () => {
  expect(judge({ ...ALLOW, Condition: { Bool: { 'aws:SecureTransport': 'true' } } }, ALLOW)).toEqual({});
});

test.each([
  [{ Principal: '*' }, DENIED],
  [{ Principal: { AWS: '2' } }, {}],
  [{ Principal: { Service: 's3.amazonaws.com' } }, {}],
  [{ Action: undefined, NotAction: 'kms:D*' }, {}],
  [{ Action: undefined, NotAction: 'kms:Encrypt' }, DENIED],
  [{ Action: ['kms:Encrypt'] }, {}],
])('a denial with %j', (rest, judgement) => {
  expect(judge(ALLOW, { ...ALLOW, Effect: 'Deny', ...rest })).toEqual(judgement);
});

test.each([
  [{ NotPrincipal: { AWS: '1' } }, {}],
  [{ NotPrincipal: { AWS: '2' } }, DENIED],
])('a denial for all but %j', (rest, judgement) => {
  expect(judge(ALLOW, { ...ALLOW, Principal: undefined, Effect: 'Deny', ...rest })).toEqual(judgement);
});
