import { spawnSync } from 'child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { Customer } from '../src';

const ROOT = join(__dirname, '..');
const EXAMPLES = join(ROOT, 'examples');
const folder = mkdtempSync(join(tmpdir(), 'examples-'));
afterAll(() => rmSync(folder, { recursive: true }));
jest.setTimeout(60_000);

/** Runs an example as its cdk.json tells the CDK CLI to. */
function run(example: string, context: Record<string, string> = {}) {
  const cwd = join(EXAMPLES, example);
  const { app } = JSON.parse(readFileSync(join(cwd, 'cdk.json'), 'utf-8'));
  const out = mkdtempSync(join(folder, example));
  const env = { ...process.env, CDK_OUTDIR: out, CDK_CONTEXT_JSON: JSON.stringify(context) };
  const { status, stderr } = spawnSync(app, { cwd, env, shell: true, encoding: 'utf-8' });
  const template = () => JSON.parse(readFileSync(join(out, 'Lake.template.json'), 'utf-8'));
  return { status, stderr, template };
}

const bucketNames = (template: any) => Object.values<any>(template.Resources)
  .map(({ Type, Properties }) => Type === 'AWS::S3::Bucket' && Properties.BucketName)
  .filter((name) => /-datalake$/.test(name));

test.each(readdirSync(EXAMPLES).filter((name) => name !== 'python-app'))('%s defines a lake', (example) => {
  const { status, template } = run(example);
  expect(status).toBe(0);
  expect(bucketNames(template())).toEqual([
    expect.stringMatching(/^mycompany-acme-\w+-datalake$/), expect.stringMatching(/^mycompany-globex-\w+-datalake$/),
  ]);
});

test('the first program in the README is examples/minimal', () => {
  const [, program] = /```ts\n(.*?)```/s.exec(readFileSync(join(ROOT, 'README.md'), 'utf-8'))!;
  expect(program).toBe(readFileSync(join(EXAMPLES, 'minimal', 'app.ts'), 'utf-8'));
});

test('the data source of QuickSight runs queries as its role, once that may', () => {
  const resources = Object.entries<any>(run('quicksight').template().Resources);
  const [[roleId]] = resources.filter(([, { Type, Properties }]) => Type === 'AWS::IAM::Role'
    && JSON.stringify(Properties.AssumeRolePolicyDocument).includes('quicksight.amazonaws.com'));
  const [[policyId]] = resources.filter(([, { Type, Properties }]) => (
    Type === 'AWS::IAM::Policy' && Properties.Roles[0].Ref === roleId));
  const [[, source]] = resources.filter(([, { Type }]) => Type === 'AWS::QuickSight::DataSource');
  expect(source.Properties.DataSourceParameters.AthenaParameters).toEqual(
    { RoleArn: { 'Fn::GetAtt': [roleId, 'Arn'] }, WorkGroup: 'mycompany-prod-datalake' });
  expect(source.DependsOn).toEqual([policyId]);
});

describe('the quickstart', () => {
  const customers: Customer[] = JSON.parse(readFileSync(join(EXAMPLES, 'quickstart', 'customers.json'), 'utf-8'));

  test('has the outputs that the demo reads', () => {
    const outputs = Object.keys(run('quickstart').template().Outputs);
    expect(outputs.filter((name) => !name.startsWith('ExportsOutput'))).toEqual([
      'ManifestTableName', 'AlarmTopicArn', 'SweeperArn',
      'ProcessCsvJobName', 'ProcessCsvWorkQueueUrl', 'ProcessCsvDeadLetterQueueUrl',
      'AnalyticsTransformJobName', 'AnalyticsTransformWorkQueueUrl', 'AnalyticsTransformDeadLetterQueueUrl',
    ]);
  });

  test('keeps data, manifest and key when the stack is deleted', () => {
    const resources = Object.values<any>(run('quickstart').template().Resources);
    const stateful = /^AWS::(S3::Bucket|DynamoDB::(Global)?Table|KMS::Key|Glue::Database)$/;
    const kept = resources.filter(({ Type, DeletionPolicy }) => stateful.test(Type) && /^Retain/.test(DeletionPolicy));
    expect(kept).toEqual(resources.filter(({ Type }) => stateful.test(Type)));
    expect(new Set(kept.map(({ Type }) => Type)).size).toBe(4);
  });

  test('reads another customers file if the context names one', () => {
    const { template } = run('quickstart', { customers: join(EXAMPLES, 'minimal', 'customers.json') });
    expect(JSON.stringify(template())).toContain('\\"orders\\"');
  });

  test('ends with one message and without a template if that file is missing', () => {
    const { status, stderr, template } = run('quickstart', { customers: 'nowhere.json' });
    expect(status).not.toBe(0);
    expect(stderr).toContain('Error: \'nowhere.json\' does not exist, looked for: ');
    expect(template).toThrow('ENOENT');
  });

  test('declares only columns that the files of vega-datasets have', () => {
    const data = join(ROOT, 'node_modules', 'vega-datasets', 'data');
    const declared = customers.flatMap(({ datasets = [] }) => datasets);
    expect(declared.map(({ name }) => name)).toEqual(['zipcodes', 'stocks']);
    for (const { name, columns = [] } of declared) {
      const [header] = readFileSync(join(data, `${name}.csv`), 'utf-8').split('\n', 1);
      expect(header.split(',')).toEqual(expect.arrayContaining(columns.map((column) => column.name)));
    }
  });
});

test('the Python app has the customers of the quickstart', () => {
  const customers = (example: string) => readFileSync(join(EXAMPLES, example, 'customers.json'), 'utf-8');
  expect(customers('python-app')).toBe(customers('quickstart'));
});
