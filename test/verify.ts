/**
 * Runs every check and every test of the project and ends with the line `N passed, N failed`.
 *
 * A step that runs tests counts each of them; any other step counts as one. Three lanes run side by side: each takes
 * the first step of the list that waits for nothing. The output of a step is in reports/{step}.log and is printed if it
 * fails. Reasons for skipped tests are printed, too: a lock file whose advisories could not be asked for, for example.
 *
 * Each step has a budget of seconds on a machine with two quiet cores. A step over its budget is named at the end, and
 * does not fail: other work on the machine would fail it as well.
 */
import { spawn } from 'child_process';
import { createWriteStream, existsSync, mkdirSync, readFileSync, rmSync } from 'fs';
import { join } from 'path';

const ROOT = join(__dirname, '..');
const REPORTS = join(ROOT, 'reports');
/** One more than cores: runs of the whole lake wait for queues and schedules for half of their time. */
const LANES = 3;

interface Step {
  readonly name: string;
  /** Seconds, while the other two lanes work. All budgets together are 65 minutes. */
  readonly budget: number;
  readonly command: string;
  /** The file in which the test runner of the step leaves its result. */
  readonly report?: string;
  /** Steps that end before this one starts; `environments` ends before all others. */
  readonly after?: readonly string[];
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

const check = (name: string, budget: number, command: string, after?: string[]): Step => (
  { name, budget, command, after });

function jest(name: string, budget: number, args: string, after?: string[]): Step {
  const report = join(REPORTS, `${name}.json`);
  return { name, budget, report, after, command: `jest --ci --json --outputFile=${report} ${args}` };
}

function pytest(name: string, budget: number, environment: string, args: string): Step {
  const report = join(REPORTS, `${name}.xml`);
  return { name, budget, report, command: `.venv/${environment}/bin/python -m pytest -q --junitxml=${report} ${args}` };
}

/** Glue 5.0's own wheels end at Python 3.12: with a newer Python alone, the jobs are tested as on Glue 6.0. */
const hasGlue = (name: string): boolean => existsSync(join(ROOT, '.venv', name));
/** All tests of the jobs with one Spark; with a second one, those whose subject may differ between the two. */
const glueTests = (): Step[] => ['glue5', 'glue6'].filter(hasGlue).map((name, index) => (
  index ? pytest(`jobs-${name}`, 460, name, 'test/glue -m "not one_spark"')
    : pytest(`jobs-${name}`, 640, name, 'test/glue')));

const LINT = 'ESLINT_USE_FLAT_CONFIG=false NODE_NO_WARNINGS=1 eslint --ext .ts --max-warnings 0';
const TSC = 'tsc --noEmit -p';
const ENVIRONMENTS = check('environments', 90, 'python3 integ/environments/make.py');
const FILES = '--testPathIgnorePatterns=/node_modules/'; // the configuration leaves these folders out
/**
 * What fails within seconds comes first, then the longest steps, then the shorter ones: so no lane is left with a
 * long step while the other has nothing to do.
 */
const steps = (): Step[] => [
  check('bundle', 10, 'projen bundle'),
  check('ruff', 5, '.venv/tools/bin/ruff check . && .venv/tools/bin/ruff format --check .'),
  check('imports', 5, 'PYTHONPATH=glue-assets .venv/tools/bin/lint-imports --no-cache'),
  pytest('end-to-end', 960, 'local', 'test/local'),
  ...glueTests(),
  check('newest-cdk', 40, 'npm ci --prefix test/newest-cdk --no-audit --no-fund'),
  jest('construct', 300, ''),
  jest('construct-newest-cdk', 270, '--config test/newest-cdk/jest.config.json', ['newest-cdk']),
  pytest('journeys', 90, 'local', 'test/journeys'),
  pytest('faults', 220, 'glue', 'test/faults'),
  pytest('local-aws', 330, 'local', 'test/emulator test/load test/cli'),
  check('compile', 30, 'jsii --silence-warnings=reserved-word'),
  check('package-npm', 15, 'jsii-pacmak --target js', ['compile', 'bundle']),
  check('package-pypi', 30, 'jsii-pacmak --target python', ['package-npm']),
  jest('packaging', 95, `test/packaging ${FILES}`, ['package-pypi']),
  check('mypy', 40, '.venv/tools/bin/mypy'),
  check('eslint', 45, `${LINT} src cli test integ examples .projenrc.ts`),
  check('types', 40, `${TSC} tsconfig.dev.json && ${TSC} test/newest-cdk/tsconfig.json`, ['newest-cdk']),
  pytest('advisories', 40, 'tools', 'test/advisories test/evidence'),
  pytest('differential', 25, 'glue6', 'test/fuzz'),
  pytest('model', 40, 'tools', 'test/model'),
  pytest('mutation-scores', 5, 'tools', 'test/mutants'),
  jest('permissions', 50, `test/permissions ${FILES}`, ['end-to-end']),
  check('api-reference', 10, 'jsii-docgen -o reports/API.md && diff -u API.md reports/API.md', ['compile']),
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
  const seconds = `${outcome.seconds.toFixed(1).padStart(6)} s of ${String(step.budget).padStart(3)}`;
  console.log(`${verdict} ${step.name.padEnd(22)} ${seconds}  ${figures}`);
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

/** Runs the steps in their order, three at a time; a step whose predecessors have not ended lets others pass. */
async function runAll(waiting: Step[]): Promise<Outcome[]> {
  const running = new Map<Step, Promise<Outcome>>();
  const outcomes: Outcome[] = [];
  const isReady = ({ after = [] }: Step) => (
    after.every((name) => ![...waiting, ...running.keys()].some((step) => step.name === name)));
  while (waiting.length || running.size) {
    const next = running.size < LANES ? waiting.findIndex(isReady) : -1;
    if (next >= 0) {
      const [step] = waiting.splice(next, 1);
      running.set(step, run(step));
      continue;
    }
    const outcome = await Promise.race(running.values());
    running.delete(outcome.step);
    outcomes.push(outcome);
  }
  return outcomes;
}

async function main(): Promise<void> {
  rmSync(REPORTS, { recursive: true, force: true });
  mkdirSync(REPORTS);
  const started = Date.now();
  const outcomes = [await run(ENVIRONMENTS), ...await runAll(steps())]; // which Pythons there are is known in between

  console.log(`\n${((Date.now() - started) / 1000).toFixed(0)} s`);
  for (const { step, seconds } of outcomes.filter((outcome) => outcome.seconds > outcome.step.budget)) {
    console.log(`over budget: ${step.name}, ${seconds.toFixed(0)} s of ${step.budget}`);
  }
  const sum = (name: 'passed' | 'failed' | 'skipped') => outcomes.reduce((total, outcome) => total + outcome[name], 0);
  console.log(`${sum('passed')} passed, ${sum('failed')} failed${sum('skipped') ? `, ${sum('skipped')} skipped` : ''}`);
  process.exitCode = sum('failed') || !sum('passed') ? 1 : 0;
}

void main();
