import { spawnSync } from 'child_process';
import { mkdtempSync, readdirSync, rmSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { App, Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { everything, newLake } from './lake';

const ROOT = join(__dirname, '..');
const CFN_LINT = join(ROOT, '.venv', 'tools', 'bin', 'cfn-lint');
const folder = mkdtempSync(join(tmpdir(), 'templates-'));
afterAll(() => rmSync(folder, { recursive: true }));
jest.setTimeout(60_000);

/** What cfn-lint says of the templates of an assembly. Those of programs are judged by test/integ.test.ts. */
function lint(assembly: string) {
  const templates = readdirSync(assembly).filter((name) => name.endsWith('.template.json'));
  // W3005: aws-cdk-lib itself lets a state machine depend on its role twice over.
  const { status, stdout, stderr } = spawnSync(CFN_LINT, ['--ignore-checks', 'W3005', '--', ...templates],
    { cwd: assembly, encoding: 'utf-8' });
  return { templates, status, output: stdout + stderr };
}

test('cfn-lint finds nothing in a lake that uses every option', () => {
  const outdir = join(folder, 'everything');
  const { stack, lake } = newLake({
    ...everything(),
    batchWindow: Duration.minutes(15),
    maxWorkers: 299,
    removalPolicy: RemovalPolicy.DESTROY,
  }, { env: { account: '111122223333', region: 'eu-west-1' } }, { outdir });
  const role = new iam.Role(stack, 'Analyst', { assumedBy: new iam.AccountRootPrincipal() });
  ['acme', 'globex'].map((id) => lake.customer(id)).forEach((customer) => (
    customer.grantQuery(role).combine(customer.grantUpload(role))));
  (stack.node.root as App).synth();
  expect(lint(outdir)).toEqual(
    { templates: ['Lake.template.json', 'LakeStoragecustomers13EDA2C34.template.json'], status: 0, output: '' });
});
