import * as iam from 'aws-cdk-lib/aws-iam';
import { list, newLake, Statement, Synthesized } from './lake';

/** Why a resource with a wildcard is right, by what it looks like. Each must be in use. */
const WILDCARDS: ReadonlyArray<[reason: string, applies: (statement: Statement, resource: string) => unknown]> = [
  ['in the policy of a key, * is the key', ({ type }) => type === 'AWS::KMS::Key'],
  ['CloudWatch has no resource for a metric; the namespace is a condition', ({ Action, Condition }) =>
    Action === 'cloudwatch:PutMetricData' && Condition.StringEquals['cloudwatch:namespace'].length === 2],
  ['S3 has no resource for the list of buckets', ({ Action }) => Action === 's3:ListAllMyBuckets'],
  ['actions that deliver logs take no resource', ({ Action }) => list(Action).includes('logs:CreateLogDelivery')],
  ['Glue names its log groups', (_, resource) => resource.endsWith(':log-group:/aws-glue/jobs/*')],
  ['all objects of a layer, in one bucket', (_, resource) =>
    /:s3:::[^*]+-datalake\/(raw|processed|analytics-ready)\/\*$/.test(resource)],
  ['all objects of a bucket for logs, for a service that writes them', ({ Principal }, resource) =>
    Principal?.Service && /^\$\{Lake(AuditLogs|StorageAccessLogs)\.Arn\}(\/AWSLogs\/[^*]+)?\/\*$/.test(resource)],
  ['an import writes raw objects of any customer, whose bucket is part of its input', ({ owner }, resource) =>
    isOfImport(owner) && resource.endsWith(':s3:::mycompany-*-prod-datalake/raw/*')],
  ['an import reads what policies of other accounts let it in to', ({ owner, Condition }, resource) =>
    isOfImport(owner) && resource === '*' && 'aws:ResourceAccount' in (Condition?.StringNotEquals ?? {})],
  ['an import uses the keys of customers, for the buckets of this lake only', ({ owner, Condition }, resource) =>
    isOfImport(owner) && resource.endsWith(':key/*') && bucketsOf(Condition).every((each) => each.includes('-prod-'))],
  ['lists and reports of all imports', ({ owner }, resource) =>
    isOfImport(owner) && resource === '${LakeImportReports.Arn}/*'],
  ['executions and map runs get their names when they start', ({ owner }, resource) =>
    owner === 'LakeImportChildren' && /:(execution|mapRun):.+:\*$/.test(resource)],
  ['all tables of one database', (_, resource) => /:table\/[^*]+\/\*$/.test(resource)],
  ['results of queries, found by the ids of one\'s own', (_, resource) => resource.endsWith('-query-results/*')],
  ['any key, for one bucket only by the encryption context', ({ Condition }, resource) =>
    resource.endsWith(':key/*') && bucketsOf(Condition).length === 1 && !bucketsOf(Condition)[0].includes('*')],
];

const isOfImport = (owner: string) => owner === 'LakeImportRoleDefaultPolicy';

function bucketsOf(condition: any): string[] {
  const operators = Object.values<any>(condition ?? {});
  return operators.flatMap((operator) => list(operator['kms:EncryptionContext:aws:s3:arn']));
}

const { stack, lake } = newLake();
const user = new iam.Role(stack, 'User', { assumedBy: new iam.AccountRootPrincipal() });
lake.customer('acme').grantUpload(user);
lake.customer('acme').grantQuery(user);
const allowing = new Synthesized(stack).statements().filter(({ Effect }) => Effect === 'Allow');
const wild = allowing.flatMap((statement) => list(statement.Resource)
  .filter((resource) => resource.includes('*')).map((resource) => ({ statement, resource })));

test('a resource with a wildcard is allowed for a reason', () => {
  const isUnfounded = ({ statement, resource }: typeof wild[number]) => (
    !WILDCARDS.some(([, applies]) => applies(statement, resource)));
  expect(wild.filter(isUnfounded)).toEqual([]);
});

test.each(WILDCARDS)('there is a use for: %s', (_, applies) => {
  expect(wild.some(({ statement, resource }) => applies(statement, resource))).toBe(true);
});

test('no action with a wildcard is allowed, but for the account\'s own power over its key', () => {
  const actions = allowing.flatMap(({ owner, Action }) => list(Action).map((action) => [owner, action]));
  expect(actions.filter(([, action]) => action.includes('*'))).toEqual([['LakeEncryptionKey', 'kms:*']]);
});

test('nothing is allowed by exception', () => {
  expect(allowing.filter((statement) => 'NotAction' in statement || statement.NotResource)).toEqual([]);
});

test('nothing is allowed to everybody', () => {
  const principals = allowing.map(({ Principal }) => JSON.stringify(Principal) ?? '');
  expect(principals.filter((principal) => principal.includes('*'))).toEqual([]);
});

test('what a service may do, it may do for this account only, or for one resource', () => {
  const ofServices = allowing.filter(({ type, Principal }) => Principal?.Service && type !== 'AWS::IAM::Role');
  const limit = /aws:Source(Account|Arn)|:logs:arn/;
  const open = ofServices.filter(({ Condition = {} }) => !limit.test(JSON.stringify(Condition)));
  // aws-cdk-lib's own for the trail's bucket: the path of the records has the account.
  expect(open.map(({ owner, Principal }) => [owner, Principal.Service])).toEqual(
    Array(2).fill(['LakeAuditLogsPolicy', 'cloudtrail.amazonaws.com']));
});
