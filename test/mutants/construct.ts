/**
 * Mutates the construct's sources with StrykerJS, and runs the tests of its module against each mutant.
 *
 * construct.py starts it and reads the outcomes from reports/mutants/construct.jsonl. A module's tests are the test
 * file of its name and those that import it; without a file of its name, also those of the modules that import it.
 * acknowledge.test.ts belongs to every module that gives rule packs a reason. All tests would take hours: a lake is
 * made of all modules, so nearly every test runs nearly every mutant. The rule packs on the newest
 * aws-cdk-lib are left out.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'fs';
import { basename, dirname, join, relative } from 'path';
import { parseArgs } from 'util';

type Core = typeof import('@stryker-mutator/core', { with: { 'resolution-mode': 'import' } });
type PartialStrykerOptions = ConstructorParameters<Core['Stryker']>[0];
type MutantResult = Awaited<ReturnType<Core['Stryker']['prototype']['runMutationTest']>>[number];

const ROOT = join(__dirname, '..', '..');
const OUTCOMES = join(ROOT, 'reports', 'mutants');
const ACKNOWLEDGE = 'src/private/acknowledge.ts';
/** These start programs, which would not find the mutants. */
const PROGRAMS = ['docs', 'examples', 'integ', 'template'];

const allModules = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf-8' })
  .filter((name) => name.endsWith('.ts') && name !== 'index.ts').map((name) => join('src', name)).sort();
/** As it was when the run began: whoever edits a file meanwhile does not move the lines of the report. */
const texts = new Map(allModules.map((module) => [module, readFileSync(join(ROOT, module), 'utf-8')]));
const text = (module: string) => texts.get(module) ?? '';

function importers(module: string): string[] {
  return allModules.filter((other) => [...text(other).matchAll(/from '(\.[^']+)'/g)]
    .some(([, path]) => `${join(dirname(other), path)}.ts` === module));
}

const allTests = readdirSync(join(ROOT, 'test')).filter((name) => name.endsWith('.test.ts'))
  .map((name) => basename(name, '.test.ts')).filter((name) => !PROGRAMS.includes(name)).sort();

function ownTests(module: string): string[] {
  const line = `from '../${module.replace(/\.ts$/, '')}';`;
  return allTests.filter((name) => (
    name === basename(module, '.ts') || readFileSync(join(ROOT, 'test', `${name}.test.ts`), 'utf-8').includes(line)));
}

function testsOf(module: string, seen: string[] = []): string[] {
  const own = ownTests(module);
  if (own.includes(basename(module, '.ts'))) return own;
  const next = importers(module).filter((other) => !seen.includes(other));
  return [...new Set([...own, ...next.flatMap((other) => testsOf(other, [...seen, module]))])].sort();
}

function allTestsOf(module: string): string[] {
  const reasons = importers(ACKNOWLEDGE).includes(module) ? ['acknowledge'] : [];
  return [...new Set([...testsOf(module), ...reasons])].sort();
}

function options(modules: string[], tests: string[], sample: object): PartialStrykerOptions {
  return {
    mutate: modules,
    testRunner: 'jest',
    coverageAnalysis: 'perTest',
    concurrency: 1,
    timeoutMS: 900_000, // a busy machine is no endless loop
    dryRunTimeoutMinutes: 30,
    checkers: ['sample'],
    plugins: ['@stryker-mutator/jest-runner', join(__dirname, 'sample.mjs')],
    ignorePatterns: ['/.venv', '/dist', '/lib', '/reports', '**/cdk.out', '**/node_modules'],
    buildCommand: `ln -s ${join(ROOT, '.venv')} .venv`, // tests compare the construct with the jobs, in Python
    tempDirName: 'reports/stryker', // below the project, whose node_modules its files find
    reporters: ['progress-append-only'],
    logLevel: 'warn' as PartialStrykerOptions['logLevel'],
    warnings: { unknownOptions: false, slow: false, preprocessorErrors: true, unserializableOptions: true },
    jest: {
      projectType: 'custom',
      enableFindRelatedTests: false,
      config: {
        testMatch: tests.map((name) => `<rootDir>/test/${name}.test.ts`),
        moduleNameMapper: { '^modern-data-lake$': '<rootDir>/src/index.ts' },
        clearMocks: true,
        transform: {
          '^.+\\.ts$': ['ts-jest', { tsconfig: 'tsconfig.dev.json', diagnostics: false, isolatedModules: true }],
        },
      },
    },
    ...{ sample },
  };
}

/** A mutant as accepted.jsonl and the report know it: the lines that differ, without indentation. */
function outcome({ fileName, location, replacement, status }: MutantResult): object {
  const file = relative(ROOT, fileName).replace(/^reports\/stryker\/[^/]+\//, '');
  const lines = text(file).split('\n').slice(location.start.line - 1, location.end.line);
  const trim = (all: string) => all.split('\n').map((line) => line.trim()).join(' ');
  const before = trim(lines.join('\n'));
  const after = lines[0].slice(0, location.start.column - 1) + replacement
    + lines[lines.length - 1].slice(location.end.column - 1);
  return { file, before, after: trim(after), status: status.toLowerCase() };
}

async function main(): Promise<void> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { share: { type: 'string', default: '1' }, seed: { type: 'string', default: '1' } },
  });
  const { Stryker } = await import('@stryker-mutator/core');
  const chosen = allModules.filter((module) => (
    !positionals.length || positionals.includes(dirname(module)) || positionals.includes(module)));
  const groups = new Map<string, string[]>();
  chosen.forEach((module) => {
    const tests = allTestsOf(module).join(' ');
    groups.set(tests, [...groups.get(tests) ?? [], module]);
  });
  mkdirSync(OUTCOMES, { recursive: true });
  const file = join(OUTCOMES, 'construct.jsonl');
  writeFileSync(file, '');
  for (const [tests, modules] of groups) {
    console.log(`${modules.join(' ')}: ${tests}`);
    const sample = { share: Number(values.share), seed: values.seed };
    const results = await new Stryker(options(modules, tests.split(' '), sample)).runMutationTest();
    const run = results.filter(({ status }) => status !== 'CompileError').map(outcome);
    writeFileSync(file, run.map((line) => `${JSON.stringify(line)}\n`).join(''), { flag: 'a' });
  }
}

void main();
