// @ts-nocheck The compiler sees two aws-cdk-lib, the oldest through src and the newest beside this file; Jest one.
/* eslint-disable import/no-unresolved -- the packs are installed with the newest aws-cdk-lib, by `verify` */
/**
 * What public rule packs say of a lake: no finding without the reason why it stays. The packs ask for a newer
 * aws-cdk-lib than the oldest supported, so the acknowledgements are here and not in the constructs, which must run
 * with both.
 */
import { mkdtempSync, rmSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { CfnGuardValidator } from '@cdklabs/cdk-validator-cfnguard';
import { App } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { AwsSolutionsChecks, HIPAASecurityChecks, NIST80053R5Checks, PCIDSS321Checks } from 'cdk-nag';
import { ConfigAudit } from '../../../src';
import { LakeOptions, newLake } from '../../lake';

jest.setTimeout(180_000);
const folder = mkdtempSync(join(tmpdir(), 'compliance-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** By the end of a rule's name, and the construct if it is right there only: why the finding stays. */
const ACKNOWLEDGED: ReadonlyArray<[rule: RegExp, where: RegExp, reason: string]> = [
  [/IAM5\[Resource::arn:.*:s3:::/, /DataRole|Analyst|ConfigRules/, 'objects of one layer of one bucket'],
  [/IAM5\[Resource::arn:.*:kms:.*key\/\*/, /DataRole|Analyst/, 'any key, for one bucket by the encryption context'],
  [/IAM5\[Resource::arn:.*:glue:.*table\//, /DataRole|Analyst/, 'all tables of one database'],
  [/IAM5\[Resource::arn:.*:logs:/, /JobRole/, 'Glue names its log groups'],
  [/IAM5\[Resource::\*\]/, /JobRole/, 'CloudWatch has no resource for a metric; the namespace is a condition'],
  [/IAM5\[Resource::.*Records/, /RecorderRole/, 'the path that Config writes below, in its own bucket'],
  [/IAM4\[/, /RecorderRole/, 'AWS keeps what Config must read of each type of resource in its managed policy'],
  [/SF1|state_machine_logging/, /Sweeper/, 'it handles no data; its executions keep their history for 90 days'],
  [/SF2|state_machine_tracing/, /Sweeper/, 'a sweep has three states and calls nobody who traces'],
  [/S1$|BucketLogging|bucket_logging/, /AccessLogs|Audit.?Logs|Query.?Results|Records/,
    'a log of logs would be logged again; results are reached by Athena, whose calls the trail has'],
  [/BucketVersioning|bucket_versioning/, /AccessLogs|Audit.?Logs|Query.?Results|Records/,
    'records are written once, and the trail proves them by its validation; results are made again by the query'],
  [/DefaultEncryptionKMS|encryption_kms/, /AccessLogs|Records/, 'S3 delivers access logs to no bucket with a KMS key'],
  [/BucketReplication/, /./, 'a second Region doubles the cost: for the user to decide, not for a default'],
  [/DynamoDBInBackupPlan/, /Manifest/, 'point-in-time recovery restores to any second of 35 days'],
  [/IAMNoInlinePolicy/, /./, 'a policy that is one role\'s alone can be attached to no other, nor outlive it'],
  [/CloudTrailCloudWatchLogs|cloud_watch_logs_enabled/, /Audit/,
    'a second copy at 0.50 USD a GB; the records are in S3, validated, for whatever watches the account'],
  [/kms_create_grant/, /EncryptionKey/, 'the account\'s root delegates to IAM; no statement of the lake allows grants'],
  [/s3_event_notifications/, /AccessLogs|Audit.?Logs|Query.?Results|Records/, 'nobody waits for these objects'],
  [/object_lock/, /./, 'data that nobody can delete cannot be erased for a customer who asks; versions protect it'],
  [/sqs_dlq/, /DeadLetterQueue/, 'it is the dead-letter queue'],
  [/LogsRetention|CloudWatchLogGroup/, /./, 'Glue makes its log groups itself'],
];

interface Finding { readonly pack: string; readonly rule: string; readonly where: string }

function findingsOf(app: App): Finding[] {
  const assembly = app.synth();
  const ofPacks = [AwsSolutionsChecks, NIST80053R5Checks, HIPAASecurityChecks, PCIDSS321Checks].flatMap((Pack) => {
    const pack = new Pack(app);
    return reported(pack.name, pack.validateScope(app));
  });
  const templatePaths = assembly.stacks.map((stack) => stack.templateFullPath);
  return [...ofPacks, ...reported('cfn-guard', new CfnGuardValidator().validate({ templatePaths } as any))];
}

function reported(pack: string, report: any): Finding[] {
  const places = (violation: any): any[] => violation.violatingConstructs ?? violation.violatingResources;
  return report.violations.flatMap((violation: any) => places(violation).map((place) => (
    { pack, rule: violation.ruleName, where: place.constructPath ?? place.resourceLogicalId ?? '' })));
}

function lakeOf(options: LakeOptions, name: string) {
  const env = { account: '111122223333', region: 'eu-west-1' };
  return newLake(options, { env }, { outdir: join(folder, name) });
}

function fullLake(): App {
  const roles = ['arn:aws:iam::111122223333:role/loader', 'arn:aws:iam::444455556666:role/analyst'];
  const { stack, lake } = lakeOf({
    customers: [
      { customerId: 'acme', uploaderRoleArns: roles, readerRoleArns: roles, encryptionKey: 'own' },
      { customerId: 'globex' },
    ],
    configAudit: ConfigAudit.RULES_AND_RECORDER,
  }, 'full');
  const analyst = new iam.Role(stack, 'Analyst', { assumedBy: new iam.AccountRootPrincipal() });
  lake.grantQuery('acme', analyst);
  return stack.node.root as App;
}

const isAcknowledged = ({ rule, where }: Finding) => ACKNOWLEDGED.some(([name, place]) => (
  name.test(rule) && (place.test(where) || where === '')));

test.each([
  ['of a default lake', () => lakeOf({}, 'default').stack.node.root as App],
  ['of a lake with all that it can have', fullLake],
])('%s, no finding is without a reason', (_, makeApp) => {
  const findings = findingsOf(makeApp());
  const open = findings.filter((finding) => !isAcknowledged(finding));
  expect(open).toEqual([]);
  const packs = [...new Set(findings.map(({ pack }) => pack))];
  console.log(packs.map((pack) => `${pack}: ${findings.filter((found) => found.pack === pack).length} findings, `
    + `${open.filter((found) => found.pack === pack).length} without a reason`).join('\n'));
});
