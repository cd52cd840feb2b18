/* eslint-disable import/no-unresolved -- the packs are installed with the newest aws-cdk-lib, by `verify` */
/**
 * What public rule packs report to those who run them over an app with a lake. Why the lake is as it is stands in its
 * constructs (src/private/acknowledge.ts); the packs ask for a newer aws-cdk-lib than the oldest supported.
 */
import { mkdtempSync, readFileSync, rmSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { CfnGuardValidator } from '@cdklabs/cdk-validator-cfnguard';
import { App, CfnResource, Stack, Validations } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { FAIL_SYNTH_ON_VALIDATION_ERRORS_CONTEXT, VALIDATION_REPORT_FILE } from 'aws-cdk-lib/cx-api';
import { AwsSolutionsChecks, HIPAASecurityChecks, NagPack, NIST80053R5Checks, PCIDSS321Checks } from 'cdk-nag';
import { everything, newLake } from '../../lake';

jest.setTimeout(180_000);
const folder = mkdtempSync(join(tmpdir(), 'compliance-'));
afterAll(() => rmSync(folder, { recursive: true }));

const PACKS = [AwsSolutionsChecks, NIST80053R5Checks, HIPAASecurityChecks, PCIDSS321Checks];

/** What stays to be reported: by rule and construct, and why the lake cannot say it. */
const REPORTED: ReadonlyArray<[finding: RegExp, reason: string]> = [
  [/^kms_create_grant_aws_service_check $/, 'cfn-guard reports a key once more without the name of the resource'],
  [/^(AwsSolutions-IAM5\[.*\]|\S+-IAMNoInlinePolicy) Lake\/Analyst\//, 'the role is the user\'s, to whom it grants'],
];

// An app that fails would tell no more than the report does.
process.env.CDK_CONTEXT_JSON = JSON.stringify({ [FAIL_SYNTH_ON_VALIDATION_ERRORS_CONTEXT]: false });

/** Findings of a pack, as `rule construct`. */
interface Report { readonly pack: string; readonly before: string[]; readonly reported: string[] }

/** Runs the packs as users do, and those of cdk-nag again as if nothing were acknowledged. */
function reportsOf(app: App): Report[] {
  Validations.of(app).addPlugins(...PACKS.map((Pack) => new Pack(app)), new CfnGuardValidator());
  const { directory } = app.synth();
  const { pluginReports } = JSON.parse(readFileSync(join(directory, VALIDATION_REPORT_FILE), 'utf-8'));
  const ofPlugin = (name: string) => pluginReports.find(({ pluginName }: any) => pluginName === name) ?? {};
  const ofPacks = PACKS.map((Pack) => {
    const { name, violations } = withoutAcknowledgements(new Pack(app), app);
    return { pack: name, before: listed(violations), reported: listed(ofPlugin(name).violations) };
  });
  const { violations, suppressedViolations } = ofPlugin('cdk-validator-cfnguard');
  const reported = listed(violations);
  return [...ofPacks, { pack: 'cfn-guard', before: [...reported, ...listed(suppressedViolations)], reported }];
}

function withoutAcknowledgements(pack: NagPack, app: App) {
  const deaf = Object.assign(pack as any, { isAcknowledged: () => false }) as NagPack;
  return { name: pack.name, violations: deaf.validateScope(app).violations };
}

/** A finding of a rule is one for each resource. */
function listed(violations: any[] = []): string[] {
  return violations.flatMap(({ ruleName, violatingConstructs, violatingResources }) => (
    (violatingConstructs ?? violatingResources).map(({ constructPath }: any) => `${ruleName} ${constructPath}`)));
}

/** Rules that the app acknowledges. */
function acknowledged(app: App): string[] {
  const metadata = app.node.findAll().flatMap(({ node }) => node.metadata);
  const ids = metadata.filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
    .flatMap(({ data }) => Object.keys(data));
  return [...new Set(ids)].map((id) => id.replace('cdk-validator-cfnguard::', ''));
}

const env = { account: '111122223333', region: 'eu-west-1' };
const inFolder = (name: string) => ({ outdir: join(folder, name) });

function quickstart(): App {
  process.env.CDK_OUTDIR = join(folder, 'quickstart');
  const { lake } = jest.requireActual('../../../examples/quickstart/app');
  delete process.env.CDK_OUTDIR;
  return lake.node.root as App;
}

/** A lake with all that it can have, in an app that grants to a role of its own. */
function full(name: string): App {
  const { stack, lake } = newLake(everything(), { env }, inFolder(name));
  lake.customer('acme').grantQuery(new iam.Role(stack, 'Analyst', { assumedBy: new iam.AccountRootPrincipal() }));
  return stack.node.root as App;
}

test.each([
  ['the quickstart', quickstart],
  ['a lake with all that it can have', () => full('full')],
])('packs report nothing about %s without a listed reason', (what, makeApp) => {
  const app = makeApp();
  const reports = reportsOf(app);
  expect(reports.filter(({ before }) => !before.length)).toEqual([]);
  const isKnown = (finding: string) => REPORTED.some(([known]) => known.test(finding));
  expect(reports.flatMap(({ reported }) => reported).filter((finding) => !isKnown(finding))).toEqual([]);
  const rules = new Set(reports.flatMap(({ before }) => before).map((finding) => finding.split(' ')[0]));
  expect(acknowledged(app).filter((rule) => !rules.has(rule))).toEqual([]); // no reason outlives its finding
  console.log([what, ...reports.map(({ pack, before, reported }) => (
    `${pack}: ${before.length} findings, ${reported.length} reported after acknowledgement`))].join('\n'));
});

test('the validation of aws-cdk-lib itself finds one flaw in an app with a lake: that of the app', () => {
  process.env.CDK_VALIDATION = 'true'; // test/lake.ts turns it off
  const app = full('validated');
  const { directory } = withFlaw(app).synth();
  const { pluginReports } = JSON.parse(readFileSync(join(directory, VALIDATION_REPORT_FILE), 'utf-8'));
  expect(pluginReports.flatMap(({ violations }: any) => listed(violations))).toEqual(['F3012 Lake/Flaw']);
});

/** A timeout that is no number. */
function withFlaw(app: App): App {
  const properties = { VisibilityTimeout: 'long' };
  new CfnResource(app.node.findChild('Lake') as Stack, 'Flaw', { type: 'AWS::SQS::Queue', properties });
  return app;
}
