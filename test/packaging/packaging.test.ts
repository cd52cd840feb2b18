/**
 * What users get: the published packages, installed into empty apps. Needs dist/ as `projen package-all` leaves it.
 */
import { execFileSync } from 'child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';

const ROOT = join(__dirname, '..', '..');
const QUICKSTART = join(ROOT, 'examples', 'quickstart');
const PYTHON_APP = join(ROOT, 'examples', 'python-app');
const folder = mkdtempSync(join(tmpdir(), 'packaging-'));

jest.setTimeout(300_000);
afterAll(() => rmSync(folder, { recursive: true }));

function run(cwd: string, env: Record<string, string>, command: string, ...args: string[]): string {
  return execFileSync(command, args, { cwd, env: { ...process.env, ...env }, encoding: 'utf-8' });
}

function distribution(language: string, ending: string): string {
  const found = readdirSync(join(ROOT, 'dist', language)).filter((name) => name.endsWith(ending));
  expect(found).toHaveLength(1);
  return join(ROOT, 'dist', language, found[0]);
}

/** The templates of an app by stack, as its program writes them. */
function synthesize(name: string, cwd: string, command: string, ...args: string[]): Record<string, unknown> {
  const out = join(folder, name);
  run(cwd, { CDK_OUTDIR: out }, command, ...args);
  const templates = readdirSync(out).filter((file) => file.endsWith('.template.json'));
  return Object.fromEntries(templates.map((file) => [file, JSON.parse(readFileSync(join(out, file), 'utf-8'))]));
}

const fromSource = () => synthesize('source', QUICKSTART, join(ROOT, 'node_modules', '.bin', 'tsx'), 'app.ts');

describe('npm package', () => {
  const files = () => run(ROOT, {}, 'tar', '-tzf', distribution('js', '.tgz')).trim().split('\n')
    .map((path) => path.replace(/^package\//, ''));

  test('contains the library, the jobs and the schema of the customers file', () => {
    expect(files()).toEqual(expect.arrayContaining([
      '.jsii', 'API.md', 'LICENSE', 'README.md', 'package.json', 'lib/index.js', 'lib/index.d.ts',
      'glue-assets/process_csv.py', 'glue-assets/analytics_transform.py', 'glue-assets/datalake/drain.py',
      'schemas/customers.schema.json',
    ]));
  });

  test('contains nothing else', () => {
    const expected = /^(lib|glue-assets|schemas|node_modules)\/|^(\.jsii|API\.md|LICENSE|README\.md|package\.json)$/;
    expect(files().filter((file) => !expected.test(file))).toEqual([]);
    expect(files().filter((file) => /__pycache__|\.pyc$|\.test\.|\.map$|_cache\//.test(file))).toEqual([]);
  });

  test('an empty app with the tarball compiles and synthesizes the quickstart as from source', () => {
    const app = join(folder, 'app');
    cpSync(QUICKSTART, app, { recursive: true, filter: (path) => !path.includes('cdk.out') });
    const peers = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf-8')).devDependencies;
    writeFileSync(join(app, 'package.json'), JSON.stringify({ private: true }));
    run(app, {}, 'npm', 'install', '--prefer-offline', '--no-audit', '--no-fund', '--no-package-lock',
      distribution('js', '.tgz'), `aws-cdk-lib@${peers['aws-cdk-lib']}`, `constructs@${peers.constructs}`);
    run(app, {}, join(ROOT, 'node_modules', '.bin', 'tsc'), '--strict', '--target', 'es2022', '--module', 'node16',
      '--skipLibCheck', 'false', '--typeRoots', join(ROOT, 'node_modules', '@types'), '--types', 'node', 'app.ts');
    expect(synthesize('tarball', app, 'node', 'app.js')).toEqual(fromSource());
  });
});

describe('Python package', () => {
  const python = join(ROOT, '.venv', 'app', 'bin', 'python');

  test('an empty app with the wheel synthesizes the same lake', () => {
    const uv = join(ROOT, '.venv', 'uv', 'bin', 'uv');
    run(ROOT, {}, uv, 'pip', 'install', '--quiet', '--python', python, '--no-deps', '--reinstall',
      distribution('python', '.whl'));
    run(ROOT, {}, uv, 'pip', 'check', '--quiet', '--python', python); // what the wheel asks for is what the app has
    expect(synthesize('wheel', PYTHON_APP, python, 'app.py')).toEqual(fromSource());
  });
});
