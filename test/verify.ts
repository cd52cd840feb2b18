/**
 * Runs every check and every test of the project and ends with the line `N passed, N failed`.
 *
 * A step that runs tests counts each of them; any other step counts as one. The steps of a lane follow one another, the
 * lanes of a phase run side by side. The output of a step is in reports/{step}.log and is printed where it fails. The
 * reason of what is skipped is printed, too: lock files whose advisories could not be asked for, for example.
 */
import { spawn } from 'child_process';
import { createWriteStream, existsSync, mkdirSync, readFileSync, rmSync } from 'fs';
import { join } from 'path';

const ROOT = join(__dirname, '..');
const REPORTS = join(ROOT, 'reports');

interface Step {
  readonly name: string;
  readonly command: string;
  /** The file in which the test runner of the step leaves its result. */
  readonly report?: string;
}
interface Outcome {
  readonly step: Step;
  readonly seconds: number;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Why tests were skipped, where the test runner says it. */
  readonly reasons: readonly string[];
}
type Counts = Omit<Outcome, 'step' | 'seconds'>;
type Lane = readonly Step[];

const check = (name: string, command: string): Step => ({ name, command });

function jest(name: string, args: string): Step {
  const report = join(REPORTS, `${name}.json`);
  return { name, report, command: `jest --ci --json --outputFile=${report} ${args}` };
}

function pytest(name: string, environment: string, args: string): Step {
  const report = join(REPORTS, `${name}.xml`);
  return { name, report, command: `.venv/${environment}/bin/python -m pytest -q --junitxml=${report} ${args}` };
}

/** Glue 5.0's own wheels end at Python 3.12: with a newer Python alone, the jobs are tested as on Glue 6.0. */
const glueTests = (name: string): Lane =>
  existsSync(join(ROOT, '.venv', name)) ? [pytest(`jobs-${name}`, name, 'test/glue')] : [];

const LINT = 'ESLINT_USE_FLAT_CONFIG=false NODE_NO_WARNINGS=1 eslint --ext .ts --max-warnings 0';
const PHASES: ReadonlyArray<() => readonly Lane[]> = [
  () => [[check('environments', 'python3 integ/environments/make.py')]],
  () => [
    [
      check('newest-cdk', 'npm ci --prefix test/newest-cdk --no-audit --no-fund'),
      check('compile', 'jsii --silence-warnings=reserved-word'),
      check('api-reference', 'jsii-docgen -o reports/API.md && diff -u API.md reports/API.md'),
      check('eslint', `${LINT} src test integ examples .projenrc.ts`),
      check('types', 'tsc --noEmit -p tsconfig.dev.json && tsc --noEmit -p test/newest-cdk/tsconfig.json'),
      jest('construct', ''),
      jest('construct-newest-cdk', '--config test/newest-cdk/jest.config.json'),
      check('package-npm', 'jsii-pacmak --target js'),
      check('package-pypi', 'jsii-pacmak --target python'),
      jest('packaging', 'test/packaging --testPathIgnorePatterns=/node_modules/'),
    ],
    [
      check('ruff', '.venv/tools/bin/ruff check . && .venv/tools/bin/ruff format --check .'),
      check('mypy', '.venv/tools/bin/mypy'),
      check('imports', 'PYTHONPATH=glue-assets .venv/tools/bin/lint-imports --no-cache'),
      pytest('advisories', 'tools', 'test/advisories'),
      ...glueTests('glue5'),
      ...glueTests('glue6'),
      pytest('local-aws', 'local', 'test/emulator test/load'),
      pytest('faults', 'glue', 'test/faults'),
    ],
  ],
  () => [[
    pytest('end-to-end', 'local', 'test/local'),
    jest('permissions', 'test/permissions --testPathIgnorePatterns=/node_modules/'),
  ]],
];

async function run(step: Step): Promise<Outcome> {
  const started = Date.now();
  const log = join(REPORTS, `${step.name}.log`);
  const code = await new Promise<number>((resolve) => {
    const child = spawn(step.command, {
      cwd: ROOT,
      shell: '/bin/bash',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, PATH: `${join(ROOT, 'node_modules', '.bin')}:${process.env.PATH}`, FORCE_COLOR: '0' },
    });
    const out = createWriteStream(log);
    child.stdout.pipe(out, { end: false });
    child.stderr.pipe(out, { end: false });
    child.on('close', (status) => out.end(() => resolve(status ?? 1)));
  });
  const outcome = { step, seconds: (Date.now() - started) / 1000, ...count(step, code) };
  const skipped = outcome.skipped ? `, ${outcome.skipped} skipped` : '';
  const figures = `${outcome.passed} passed, ${outcome.failed} failed${skipped}`;
  const verdict = outcome.failed ? 'FAILED' : 'ok    ';
  console.log(`${verdict} ${step.name.padEnd(22)} ${outcome.seconds.toFixed(1).padStart(6)} s  ${figures}`);
  outcome.reasons.forEach((reason) => console.log(`       ${reason}`));
  if (outcome.failed) {
    console.log(readFileSync(log, 'utf-8').split('\n').slice(-150).map((line) => `    ${line}`).join('\n'));
  }
  return outcome;
}

/** A runner that fails without a failed test (a file that does not compile, say) counts as one failure. */
function count(step: Step, code: number): Counts {
  const found = step.report && existsSync(step.report) ? read(step.report) : undefined;
  const none = { passed: 0, failed: 0, skipped: 0, reasons: [] };
  if (!step.report) return { ...none, ...code ? { failed: 1 } : { passed: 1 } };
  if (!found) return { ...none, failed: 1 };
  return { ...found, failed: code && !found.failed ? 1 : found.failed };
}

function read(report: string): Counts {
  const text = readFileSync(report, 'utf-8');
  if (report.endsWith('.json')) {
    const { numPassedTests: passed, numFailedTests: failed, numPendingTests: skipped } = JSON.parse(text);
    return { passed, failed, skipped, reasons: [] };
  }
  const number = (name: string) => Number(new RegExp(`<testsuite [^>]*\\b${name}="(\\d+)"`).exec(text)?.[1] ?? 0);
  const [failed, skipped] = [number('failures') + number('errors'), number('skipped')];
  const reasons = [...text.matchAll(/<skipped [^>]*\bmessage="([^"]*)"/g)].map(([, message]) => message);
  return { passed: number('tests') - failed - skipped, failed, skipped, reasons };
}

async function main(): Promise<void> {
  rmSync(REPORTS, { recursive: true, force: true });
  mkdirSync(REPORTS);
  const started = Date.now();
  const outcomes: Outcome[] = [];
  const lane = async (steps: Lane) => {
    for (const step of steps) outcomes.push(await run(step));
  };
  for (const phase of PHASES) await Promise.all(phase().map(lane));

  const longest = [...outcomes].sort((a, b) => b.seconds - a.seconds).slice(0, 5);
  const slow = longest.map((outcome) => `${outcome.step.name} ${outcome.seconds.toFixed(0)} s`).join(', ');
  console.log(`\n${((Date.now() - started) / 1000).toFixed(0)} s; longest: ${slow}`);
  const sum = (name: 'passed' | 'failed' | 'skipped') => outcomes.reduce((total, outcome) => total + outcome[name], 0);
  console.log(`${sum('passed')} passed, ${sum('failed')} failed${sum('skipped') ? `, ${sum('skipped')} skipped` : ''}`);
  process.exitCode = sum('failed') || !sum('passed') ? 1 : 0;
}

void main();
