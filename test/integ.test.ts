import { execFileSync, spawnSync } from 'child_process';
import { mkdtempSync, readdirSync, rmSync, readFileSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';

const ROOT = join(__dirname, '..');
/** A dependency that a reference makes superfluous: the CDK writes it for every role with its policies. */
const IGNORED_CHECK = 'W3005';

const folder = mkdtempSync(join(tmpdir(), 'integ-'));
afterAll(() => rmSync(folder, { recursive: true }));
jest.setTimeout(120_000);

/** Runs an app and returns the files of its templates by stack. */
function synthesize(cwd: string, program: string, context = '{}'): Record<string, string> {
  const out = mkdtempSync(join(folder, 'out-'));
  const env = { ...process.env, CDK_OUTDIR: out, CDK_CONTEXT_JSON: context };
  execFileSync('node', ['--import', 'tsx', program], { cwd, env, stdio: 'pipe' });
  const files = readdirSync(out).filter((name) => name.endsWith('.template.json'));
  return Object.fromEntries(files.map((name) => [name.replace('.template.json', ''), join(out, name)]));
}

const programs = readdirSync(join(ROOT, 'integ')).filter((name) => /^integ\..*\.ts$/.test(name));
const integs = programs.map((program) => synthesize(join(ROOT, 'integ'), program));
const resources = (file: string) => Object.values<any>(JSON.parse(readFileSync(file, 'utf-8')).Resources);

test('cfn-lint finds nothing in the templates of the integration tests and of the quickstart', () => {
  const flags = readFileSync(require.resolve('aws-cdk-lib/recommended-feature-flags.json'), 'utf-8'); // of `cdk init`
  const quickstarts = ['{}', flags].map((context) => synthesize(join(ROOT, 'examples/quickstart'), 'app.ts', context));
  const files = [...integs, ...quickstarts].flatMap((templates) => Object.values(templates));
  const args = ['--ignore-checks', IGNORED_CHECK, '--', ...files];
  const { stdout, stderr } = spawnSync(join(ROOT, '.venv/tools/bin/cfn-lint'), args, { encoding: 'utf-8' });
  expect(files.length).toBeGreaterThan(1);
  expect(stdout + stderr).toBe('');
});

test('no integration test retains a resource', () => {
  const all = integs.flatMap((templates) => Object.values(templates)).flatMap(resources);
  expect(all.filter(({ DeletionPolicy }) => /^Retain/.test(DeletionPolicy)).map(({ Type }) => Type)).toEqual([]);
});

/** Each integration test: its lake, and the states of its journey from the first to the last. */
const JOURNEY = ['WaitForEvents', 'Upload', 'Look', 'LookChoice', 'Query', 'Count'];
const LATER = ['UploadBroken', 'DeadLetters', 'DeadLettersChoice', 'FailRun', 'Mail', 'MailChoice', 'Rows'];
describe.each([
  ['integ.default', 'modern-data-lake-integ-default', JOURNEY],
  ['integ.everything', 'modern-data-lake-integ-everything', [...JOURNEY, ...LATER]],
])('%s', (program, stack, states) => {
  const { [stack]: lake, ...others } = integs[programs.indexOf(`${program}.ts`)];
  const machines = resources(lake).filter(({ Type }) => Type === 'AWS::StepFunctions::StateMachine');
  const { Properties } = machines.find((machine) => /^JourneyRole/.test(machine.Properties.RoleArn['Fn::GetAtt'][0]));
  const parts: unknown[] = Properties.DefinitionString['Fn::Join'][1];
  const { StartAt, States } = JSON.parse(parts.map((part) => typeof part === 'string' ? part : 'token').join(''));
  const path = (name: string): string[] => {
    const next = States[name].Choices?.[0].Next ?? States[name].Next;
    return next ? [name, ...path(next)] : [name];
  };

  test('expects every row of the file in Athena', () => {
    const asserting = Object.values(others).flatMap(resources).filter((resource) => resource.Properties?.expected);
    expect(asserting.map((resource) => JSON.parse(resource.Properties.expected))).toEqual([
      { $ObjectLike: { status: 'SUCCEEDED', output: '42049' } },
    ]);
  });

  test('has a journey whose every state leads to the end', () => {
    expect(path(StartAt)).toEqual(states);
    const waits = Object.keys(States).filter((name) => !states.includes(name));
    const choices = states.filter((name) => name.endsWith('Choice'));
    expect(waits).toEqual(choices.map((name) => name.replace('Choice', 'Wait')));
    for (const wait of waits) expect(path(wait).slice(1)).toEqual(path(wait.replace('Wait', '')));
    expect(States.WaitForEvents.Seconds).toBeGreaterThan(5 * 60); // S3: "around five minutes"
  });
});

test('the lake with everything has a shard, a key of the app, a customer with a key of its own, and no trail', () => {
  const templates = integs[programs.indexOf('integ.everything.ts')];
  const shard = Object.keys(templates).find((name) => /customers/.test(name))!;
  const types = (file: string) => resources(file).map(({ Type }) => Type);
  expect(types(templates[shard])).toContain('AWS::S3::Bucket');
  const lake = types(templates['modern-data-lake-integ-everything']);
  expect(lake.filter((type) => type === 'AWS::KMS::Key')).toHaveLength(2);
  expect(lake).not.toContain('AWS::CloudTrail::Trail');
});
