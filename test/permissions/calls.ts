import { existsSync, readFileSync } from 'fs';
import { join } from 'path';
import { ACCOUNT, Call, ownerOf, Policies, REGION, roleOf } from './simulation';

const RECORDING = join(__dirname, '..', '..', 'reports', 'permissions');

function read(file: string): string {
  const path = join(RECORDING, file);
  if (existsSync(path)) return readFileSync(path, 'utf-8');
  throw new Error(`${path} is missing; write it with: .venv/local/bin/python -m pytest test/local`);
}

const deployed: Policies = JSON.parse(read('policies.json'));
/** The key of a source in another account, whose policy lets this account in. */
const THEIR_KEY = `arn:aws:kms:${REGION}:210987654321:key/theirs`;
const root = { AWS: `arn:aws:iam::${ACCOUNT}:root` };
const letsIn = { Effect: 'Allow', Action: 'kms:Decrypt', Resource: '*', Principal: root };
export const policies: Policies = {
  ...deployed, resources: { ...deployed.resources, [THEIR_KEY]: { Version: '2012-10-17', Statement: letsIn } },
};
const lines = read('calls.jsonl').trim().split('\n');
const isOfLake = ({ principal }: Call) => roleOf(principal) in policies.roles || !principal.startsWith('arn:');

const all: Call[] = [...new Set(lines)].map((line) => JSON.parse(line));
/** Calls of the lake's roles, and of services for it, in the end-to-end run, without duplicates. */
export const recorded: Call[] = all.filter(isOfLake);
/** The number of calls, with duplicates. */
export const recordedCount = lines.map((line) => JSON.parse(line)).filter(isOfLake).length;

function name(logicalId: string): string {
  return Object.entries(policies.names).find(([id]) => id.replace(/[0-9A-F]{8}$/, '') === logicalId)![1];
}

/** Grantees: the roles of test/local/app.ts. */
export const isOfGrantee = ({ principal }: Pick<Call, 'principal'>) => (
  /:role\/(loader|reader|analyst|eraser|(supplier|partner)-\w+)$/.test(roleOf(principal)));

/** The lake's key. */
const key = policies.bucket_keys[`arn:aws:s3:::${name('LakeAuditLogs')}`];
/** The key that encrypts a call's data: a customer may have its own. */
const keyOf = ({ resource }: Call) => policies.bucket_keys[ownerOf(resource)] ?? key;

/** How a service uses the key for a call, with the caller's permissions. */
const KEY_USES: ReadonlyArray<[action: RegExp, uses: string[], context: (call: Call) => Call['context']]> = [
  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html: the context is the bucket, not the object
  [/^s3:PutObject$/, ['GenerateDataKey', 'Decrypt'], inBucket],
  [/^s3:GetObject(Version)?$/, ['Decrypt'], inBucket],
  // https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
  [/^dynamodb:/, ['Decrypt'], ({ resource }) => ({
    'kms:ViaService': `dynamodb.${REGION}.amazonaws.com`,
    'kms:EncryptionContext:aws:dynamodb:tableName': resource.split('/')[1],
    'kms:EncryptionContext:aws:dynamodb:subscriberId': ACCOUNT,
  })],
  // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
  [/^sqs:SendMessage$/, ['GenerateDataKey', 'Decrypt'], via('sqs')],
  [/^sqs:ReceiveMessage$/, ['Decrypt'], via('sqs')],
  // https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
  [/^sns:Publish$/, ['GenerateDataKey', 'Decrypt'], via('sns')],
];

function inBucket({ resource }: Call): Call['context'] {
  return { 'kms:ViaService': `s3.${REGION}.amazonaws.com`, 'kms:EncryptionContext:aws:s3:arn': ownerOf(resource) };
}

/** A service that acts on its own uses the key directly. */
function via(service: string) {
  return ({ principal }: Call): Record<string, string> => (
    principal.startsWith('arn:') ? { 'kms:ViaService': `${service}.${REGION}.amazonaws.com` } : {});
}

/** Context keys about the caller and the resource it acts for. */
function ofPrincipal({ context }: Call): Call['context'] {
  const isAbout = ([condition]: [string, unknown]) => /^aws:(PrincipalTag|Source)/.test(condition);
  return Object.fromEntries(Object.entries(context).filter(isAbout));
}

function usesOfKey(call: Call): Call[] {
  // Not for the CDK's assets, nor for logs, whose services use the key on their own.
  const isWithKey = ownerOf(call.resource) in policies.bucket_keys && call.principal.startsWith('arn:');
  if (call.action.startsWith('s3:') && !isWithKey) return [];
  const owner = { 'aws:ResourceAccount': keyOf(call).split(':')[4] };
  return KEY_USES.filter(([action]) => action.test(call.action)).flatMap(([, uses, context]) => uses.map((use) => ({
    ...call, action: `kms:${use}`, resource: keyOf(call), context: { ...ofPrincipal(call), ...owner, ...context(call) },
  })));
}

const ofService = (service: string, action: string, resource: string, context: Call['context'] = {}): Call => (
  { principal: `${service}.amazonaws.com`, action, resource, context: { 'aws:SourceAccount': ACCOUNT, ...context } });

/** How CloudWatch Logs uses the key of an encrypted log group, whoever writes into it. */
function usesOfLogs(call: Call): Call[] {
  return call.action === 'logs:AssociateKmsKey' ? usesOfLogGroup(call.resource) : [];
}

function usesOfLogGroup(arn: string): Call[] {
  const context = { 'kms:EncryptionContext:aws:logs:arn': arn };
  return ['Encrypt', 'Decrypt', 'ReEncryptFrom', 'ReEncryptTo', 'GenerateDataKey', 'DescribeKey'].map((use) => (
    ofService(`logs.${REGION}`, `kms:${use}`, key, context)));
}

const bucket = (logicalId: string) => `arn:aws:s3:::${name(logicalId)}`;
const role = (logicalId: string) => `arn:aws:iam::${ACCOUNT}:role/${name(logicalId)}`;
const trail = { 'aws:SourceArn': `arn:aws:cloudtrail:${REGION}:${ACCOUNT}:trail/Lake-trail` };
const asCustomer = { 'aws:PrincipalTag/customer': 'acme', 'aws:PrincipalTag/database': 'mycompany_acme_dev' };
const ofSession = (action: string, layer: string): Call => ({
  principal: role('LakeDataRole'),
  action,
  resource: `${bucket('LakeStorageacmeBucket')}/${layer}/a`,
  context: asCustomer,
});
const ofAnalyst = (action: string, ...resources: string[]): Call[] => (
  resources.map((resource) => ({ principal: role('analyst'), action, resource, context: {} })));
const catalog = ['catalog', 'database/mycompany_acme_dev', 'table/mycompany_acme_dev/airports'].map((resource) => (
  `arn:aws:glue:${REGION}:${ACCOUNT}:${resource}`));
/**
 * Sources: https://docs.aws.amazon.com/athena/latest/ug/security-iam-athena.html and the pages that it lists, and
 * https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSQuicksightAthenaAccess.html for BI tools.
 */
const OF_QUERIES: Call[] = [
  ...['StartQueryExecution', 'GetQueryExecution', 'BatchGetQueryExecution', 'GetQueryResults', 'GetQueryResultsStream',
    'StopQueryExecution', 'GetWorkGroup'].flatMap((action) => (
    ofAnalyst(`athena:${action}`, `arn:aws:athena:${REGION}:${ACCOUNT}:workgroup/${name('LakeQueryWorkGroup')}`))),
  ...['GetDataCatalog', 'GetDatabase', 'GetTableMetadata', 'ListTableMetadata'].flatMap((action) => (
    ofAnalyst(`athena:${action}`, `arn:aws:athena:${REGION}:${ACCOUNT}:datacatalog/AwsDataCatalog`))),
  // For SHOW DATABASES, SELECT, SHOW TABLES and SHOW PARTITIONS.
  ...['GetDatabase', 'GetTable', 'GetTables', 'GetPartitions'].flatMap((action) => (
    ofAnalyst(`glue:${action}`, ...catalog.slice(0, action === 'GetDatabase' ? 2 : 3)))),
  ...ofAnalyst('glue:GetDatabase', `arn:aws:glue:${REGION}:${ACCOUNT}:database/default`),
  ...ofAnalyst('s3:GetBucketLocation', bucket('LakeQueryResults')),
  ...['PutObject', 'GetObject', 'AbortMultipartUpload', 'ListMultipartUploadParts'].flatMap((action) => (
    ofAnalyst(`s3:${action}`, `${bucket('LakeQueryResults')}/id.csv`))),
];
/** Calls of roles that customers.json names, made by roles of the same names in another account. */
const FROM_ABROAD = recorded.filter(({ principal }) => /\/(supplier|partner)-/.test(principal))
  .map((call) => ({ ...call, principal: call.principal.replace(ACCOUNT, '210987654321') }));
const STAGES = ['ProcessCsv', 'AnalyticsTransform'];
/** Constructs with a state machine. */
const MACHINES = ['LakeSweeper', 'LakeObserveFeeds', 'LakeImport'];
/** The role of a state machine. An import has its own, which buckets name. */
const roleOfMachine = (machine: string) => (
  role(machine === 'LakeImport' ? 'LakeImportRole' : `${machine}StateMachineRole`));
const ofJobs = (action: string, resource: (stage: string) => string, context: Call['context'] = {}): Call[] => (
  STAGES.map((stage) => ({ principal: role(`Lake${stage}JobRole`), action, resource: resource(stage), context })));
const queue = (stage: string, kind: string) => (
  `arn:aws:sqs:${REGION}:${ACCOUNT}:${name(`Lake${stage}${kind}`).split('/').pop()}`);

const ofImport = (action: string, resource: string, context: Call['context'] = {}): Call => (
  { principal: role('LakeImportRole'), action, resource, context });
const abroad = { 'aws:ResourceAccount': '210987654321' };
const machineOfImports = name('LakeImportStateMachine');
const ofMachine = (kind: string, id: string) => machineOfImports.replace(':stateMachine:', `:${kind}:`) + id;
/** Source: https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html */
const OF_IMPORTS: Call[] = [
  ...['PutObject', 'PutObjectTagging'].map((action) => (
    ofImport(`s3:${action}`, `${bucket('LakeStorageacmeBucket')}/raw/a.csv`))),
  ...['GetObject', 'GetObjectTagging'].map((action) => ofImport(`s3:${action}`, 'arn:aws:s3:::theirs/a.csv', abroad)),
  ofImport('kms:Decrypt', THEIR_KEY,
    { ...abroad, 'kms:ViaService': `s3.${REGION}.amazonaws.com` }),
  ...['GetObject', 'PutObject', 'ListMultipartUploadParts', 'AbortMultipartUpload'].map((action) => (
    ofImport(`s3:${action}`, `${bucket('LakeImportReports')}/id/results/a`, { 'aws:ResourceAccount': ACCOUNT }))),
  ofImport('states:StartExecution', machineOfImports),
  ...['DescribeExecution', 'StopExecution'].map((action) => (
    ofImport(`states:${action}`, ofMachine('execution', ':id')))),
  ofImport('states:DescribeMapRun', ofMachine('mapRun', '/Copies:id')),
];

/** Other calls of a lake, with the reason why an end-to-end run may not contain them. */
export const UNSEEN: ReadonlyArray<[reason: string, calls: Call[]]> = [
  ['the local AWS delivers no access logs', [ofService('logging.s3', 's3:PutObject',
    `${bucket('LakeStorageAccessLogs')}/acme/log`, { 'aws:SourceArn': bucket('LakeStorageacmeBucket') })]],
  ['the local AWS writes no trail', [
    ofService('cloudtrail', 's3:GetBucketAcl', bucket('LakeAuditLogs'), trail),
    ofService('cloudtrail', 's3:PutObject', `${bucket('LakeAuditLogs')}/AWSLogs/${ACCOUNT}/log.gz`,
      { ...trail, 's3:x-amz-acl': 'bucket-owner-full-control' }),
    ofService('cloudtrail', 'kms:GenerateDataKey', key,
      { ...trail, 'kms:EncryptionContext:aws:cloudtrail:arn': trail['aws:SourceArn'] }),
    // With a bucket key, the encryption context is the bucket's.
    ...['kms:Decrypt', 'kms:DescribeKey'].map((action) => ofService('cloudtrail', action, key, trail)),
  ]],
  ['the local Athena reads the catalog and the data without the caller\'s permissions', OF_QUERIES],
  ['the local AWS has one account', FROM_ABROAD],
  ['the metrics that Glue itself puts are none of the local AWS', ofJobs('cloudwatch:PutMetricData', () => '*',
    { 'cloudwatch:namespace': 'Glue' })],
  ['the schedule comes every minute, and the run may be over before', [{
    principal: role('LakeSweeperScheduleRole'),
    action: 'states:StartExecution',
    resource: name('LakeSweeperStateMachine'),
    context: {},
  }]],
  ['a run of a job seldom fails', [{
    principal: role('LakeSweeperStateMachineEventsRole'),
    action: 'states:StartExecution',
    resource: name('LakeSweeperStateMachine'),
    context: {},
  }]],
  // Source: https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
  ['the local AWS delivers no logs of state machines', [
    ...['CreateLogDelivery', 'GetLogDelivery', 'UpdateLogDelivery', 'DeleteLogDelivery', 'ListLogDeliveries',
      'PutResourcePolicy', 'DescribeResourcePolicies', 'DescribeLogGroups'].flatMap((action) => (
      MACHINES.map((machine) => (
        { principal: roleOfMachine(machine), action: `logs:${action}`, resource: '*', context: {} })))),
    ...MACHINES.flatMap((machine) => (
      usesOfLogGroup(`arn:aws:logs:${REGION}:${ACCOUNT}:log-group:${name(`${machine}Logs`)}`))),
  ]],
  ['a file is read by its version if it is large, or if a newer one is there already', [
    ofSession('s3:GetObjectVersion', 'raw'), ofSession('s3:GetObjectVersion', 'processed'),
  ]],
  ['the job of a stage for which work waits is often running already', STAGES.map((stage) => ({
    principal: role('LakeSweeperStateMachineRole'),
    action: 'glue:StartJobRun',
    resource: `arn:aws:glue:${REGION}:${ACCOUNT}:job/${name(`Lake${stage}Job`)}`,
    context: {},
  }))],
  ['a message is held for longer only by an object that takes long, and given back only by a run that is stopped',
    ofJobs('sqs:ChangeMessageVisibility', (stage) => queue(stage, 'WorkQueue'))],
  ['a stage gives up only what is broken', ofJobs('sqs:SendMessage', (stage) => queue(stage, 'DeadLetterQueue'))],
  ['an event goes to the dead-letter queue when the work queue does not take it', STAGES.map((stage) => (
    ofService('events', 'sqs:SendMessage', queue(stage, 'DeadLetterQueue'),
      { 'aws:SourceArn': `arn:aws:events:${REGION}:${ACCOUNT}:rule/${name(`Lake${stage}ObjectCreated`)}` })))],
  ['a file may be deleted before its event is worked on', [{
    principal: role('LakeDataRole'),
    action: 's3:ListBucket',
    resource: bucket('LakeStorageacmeBucket'),
    context: asCustomer,
  }]],
  ['the local AWS gives its services the roles\' credentials without asking', [
    ...STAGES.flatMap((stage) => [
      ['glue', `Lake${stage}JobRole`], ['events', `Lake${stage}WakeUpRole`], ['scheduler', `Lake${stage}ReconcileRole`],
    ]),
    ['scheduler', 'LakeSweeperScheduleRole'], ['scheduler', 'LakeObserveFeedsScheduleRole'],
    ['states', 'LakeObserveFeedsStateMachineRole'], ['states', 'LakeImportRole'],
    ['events', 'LakeSweeperStateMachineEventsRole'], ['states', 'LakeSweeperStateMachineRole'],
  ].map(([service, logicalId]) => ofService(service, 'sts:AssumeRole', role(logicalId)))],
  ['S3 sends sequencers of one length, here and so far', ['raw', 'processed'].map((layer) => ({
    principal: role('LakeDataRole'),
    action: 's3:ListBucketVersions',
    resource: bucket('LakeStorageacmeBucket'),
    context: { ...asCustomer, 's3:prefix': `${layer}/a` },
  }))],
  ['an upload in parts is given up when a part fails', [ofSession('s3:AbortMultipartUpload', 'processed'),
    ofSession('s3:AbortMultipartUpload', 'analytics-ready')]],
  // Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectTagging.html
  ['AWS asks for this action and the one on versions, where a call names a version; the local AWS asks for the latter',
    [ofSession('s3:GetObjectTagging', 'raw')]],
  ['the end-to-end run imports nothing: test/emulator/test_imports_of_objects.py does', OF_IMPORTS],
];

const direct = [...recorded, ...UNSEEN.flatMap(([, calls]) => calls)];
/** All calls of the lake, including the documented uses of the key. */
export const calls: Call[] = [...direct, ...direct.flatMap(usesOfKey), ...direct.flatMap(usesOfLogs)];

/** Calls of a command that test/local/test_operators.py has run, made by a role, with the uses of the key. */
export function callsOfOperator(command: string, principal: string): Call[] {
  const own = all.filter((call) => roleOf(call.principal).endsWith(`:role/operator-${command}`))
    .map((call) => ({ ...call, principal }));
  return [...own, ...own.flatMap(usesOfKey)];
}

/** Names that docs/operate.md leaves out of the ARNs of its resources. */
export const NAMES: Readonly<Record<string, string[]>> = {
  ACCOUNT: [ACCOUNT],
  REGION: [REGION],
  ORGANIZATION: ['mycompany'],
  ENVIRONMENT: ['dev'],
  KEY: [key],
  IMPORT: [name('LakeImportStateMachine').split(':').pop()!],
  MANIFEST: [name('LakeManifestTable')],
  REPORTS: [name('LakeImportReports')],
  SOURCE: ['old-exports'],
  JOB: STAGES.map((stage) => name(`Lake${stage}Job`)),
  QUEUE: STAGES.flatMap((stage) => (
    ['WorkQueue', 'DeadLetterQueue'].map((kind) => queue(stage, kind).split(':').pop()!))),
};
