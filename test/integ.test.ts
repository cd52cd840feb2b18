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

describe('integ.default', () => {
  const { 'modern-data-lake-integ-default': lake, ...others } = integs[programs.indexOf('integ.default.ts')];

  test('expects every row of the file in Athena', () => {
    const asserting = Object.values(others).flatMap(resources).filter(({ Properties }) => Properties?.expected);
    expect(asserting.map(({ Properties }) => JSON.parse(Properties.expected))).toEqual([
      { $ObjectLike: { status: 'SUCCEEDED', output: '42049' } },
    ]);
  });

  test('has a journey whose every state leads to the end', () => {
    const { Properties } = resources(lake).find(({ Type, Properties: { RoleArn } }) =>
      Type === 'AWS::StepFunctions::StateMachine' && /^JourneyRole/.test(RoleArn['Fn::GetAtt'][0]));
    const parts: unknown[] = Properties.DefinitionString['Fn::Join'][1];
    const { StartAt, States } = JSON.parse(parts.map((part) => typeof part === 'string' ? part : 'token').join(''));
    const path = (name: string): string[] => {
      const { Next, Choices } = States[name];
      const next = Choices?.[0].Next ?? Next;
      return next ? [name, ...path(next)] : [name];
    };
    expect(path(StartAt)).toEqual(['WaitForEvents', 'Upload', 'Look', 'HasArrived', 'Query', 'Count']);
    expect(path('Wait').slice(1)).toEqual(path('Look'));
    expect(States.WaitForEvents.Seconds).toBeGreaterThan(5 * 60); // S3: "around five minutes"
  });
});
