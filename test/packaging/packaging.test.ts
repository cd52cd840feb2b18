/**
 * What users get: the published packages, installed into empty apps. Needs dist/ as `projen package-all` leaves it.
 */
import { execFileSync, execSync } from 'child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';

const ROOT = join(__dirname, '..', '..');
const BIN = join(ROOT, 'node_modules', '.bin');
const QUICKSTART = join(ROOT, 'examples', 'quickstart');
const PYTHON_APP = join(ROOT, 'examples', 'python-app');
const NAME = 'modern-data-lake';
const BUNDLED = ['fastest-levenshtein', 'jsonc-parser', 'jsonschema'];
const folder = mkdtempSync(join(tmpdir(), 'packaging-'));

jest.setTimeout(300_000);
afterAll(() => rmSync(folder, { recursive: true }));

function run(cwd: string, command: string, ...args: string[]): string {
  return execFileSync(command, args, { cwd, encoding: 'utf-8', stdio: 'pipe' });
}

function distribution(language: string, ending: string): string {
  const found = readdirSync(join(ROOT, 'dist', language)).filter((name) => name.endsWith(ending));
  expect(found).toHaveLength(1);
  return join(ROOT, 'dist', language, found[0]);
}

/** The text of the templates of an app by file, as the command in its cdk.json writes them. */
function synthesize(cwd: string, path = process.env.PATH): Record<string, string> {
  const out = mkdtempSync(join(folder, 'out-'));
  const { app } = JSON.parse(readFileSync(join(cwd, 'cdk.json'), 'utf-8'));
  execSync(app, { cwd, env: { ...process.env, PATH: path, CDK_OUTDIR: out }, stdio: 'pipe' });
  const templates = readdirSync(out).filter((file) => file.endsWith('.template.json'));
  return Object.fromEntries(templates.map((file) => [file, readFileSync(join(out, file), 'utf-8')]));
}

const fromSource = synthesize(QUICKSTART);

describe('npm package', () => {
  const files = run(ROOT, 'tar', '-tzf', distribution('js', '.tgz')).trim().split('\n')
    .map((path) => path.replace(/^package\//, ''));
  const dependencies = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf-8')).devDependencies;

  test('contains the library, the jobs and the schema of the customers file', () => {
    expect(files).toEqual(expect.arrayContaining([
      '.jsii', 'API.md', 'LICENSE', 'README.md', 'package.json', 'lib/index.js', 'lib/index.d.ts',
      'lib/cli/index.js', 'lib/cli/LICENSES.txt',
      'glue-assets/process_csv.py', 'glue-assets/analytics_transform.py', 'glue-assets/datalake/driver/drain.py',
      'schemas/customers.schema.json', ...BUNDLED.map((name) => `node_modules/${name}/package.json`),
    ]));
  });

  test('contains nothing else', () => {
    const own = /^(lib|glue-assets|schemas|docs|tools)\/|^(\.jsii|API\.md|LICENSE|README\.md|package\.json)$/;
    const bundled = new RegExp(`^node_modules/(${BUNDLED.join('|')})/`);
    expect(files.filter((file) => !own.test(file) && !bundled.test(file))).toEqual([]);
    const byproduct = /__pycache__|\.pyc$|\.test\.|\.map$|_cache\/|\.tsbuildinfo$/;
    expect(files.filter((file) => own.test(file) && byproduct.test(file))).toEqual([]);
  });

  test('in an empty app, the quickstart compiles and defines the lake that it defines from source', () => {
    const app = join(folder, 'app');
    cpSync(QUICKSTART, app, { recursive: true, filter: (path) => !path.includes('cdk.out') });
    writeFileSync(join(app, 'package.json'), JSON.stringify({ private: true }));
    const versions = ['aws-cdk-lib', 'constructs', 'tsx', '@types/node'].map((name) => `${name}@${dependencies[name]}`);
    run(app, 'npm', 'install', '--prefer-offline', '--no-audit', '--no-fund', '--no-package-lock',
      distribution('js', '.tgz'), ...versions);
    run(app, join(BIN, 'tsc'), '--noEmit', '--skipLibCheck', 'false', '--types', 'node');
    expect(synthesize(app)).toEqual(fromSource);
  });

  test('brings its commands along, without dependencies of their own', () => {
    const app = join(folder, 'operator');
    mkdirSync(app);
    writeFileSync(join(app, 'package.json'), JSON.stringify({ private: true }));
    run(app, 'npm', 'install', '--prefer-offline', '--no-audit', '--no-fund', '--no-package-lock',
      '--legacy-peer-deps', distribution('js', '.tgz'));
    expect(readdirSync(join(app, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual([NAME]);
    expect(run(app, 'npx', '--no-install', NAME, '--help')).toContain('doctor');
    expect(run(app, 'npx', '--no-install', NAME, 'doctor', '--help')).toContain('glue:GetDatabases');
  });
});

describe('Python package', () => {
  const bin = join(ROOT, '.venv', 'app', 'bin');
  const python = join(bin, 'python');

  test('contains the library and its types', () => {
    const files = run(ROOT, python, '-m', 'zipfile', '--list', distribution('python', '.whl')).split('\n').slice(1, -1)
      .map((line) => line.split(' ')[0]);
    expect(files).toEqual([
      'modern_data_lake/__init__.py', 'modern_data_lake/py.typed', 'modern_data_lake/_jsii/__init__.py',
      'modern_data_lake/_jsii/modern-data-lake@0.0.0.jsii.tgz',
      'modern_data_lake-0.0.0.data/scripts/modern-data-lake',
      ...['LICENSE', 'METADATA', 'WHEEL', 'top_level.txt', 'RECORD'].map((file) => expect.stringMatching(`/${file}$`)),
    ]);
  });

  test('in an empty app, the Python app defines the lake of the quickstart, to the byte', () => {
    const uv = join(ROOT, '.venv', 'uv', 'bin', 'uv');
    run(ROOT, uv, 'pip', 'install', '--quiet', '--python', python, '--no-deps', '--reinstall',
      distribution('python', '.whl'));
    run(ROOT, uv, 'pip', 'check', '--quiet', '--python', python); // what the wheel asks for is what the app has
    expect(synthesize(PYTHON_APP, `${bin}:${process.env.PATH}`)).toEqual(fromSource);
  });
});
