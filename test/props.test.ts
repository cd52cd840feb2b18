import { Duration, Lazy, RemovalPolicy, Size, Token } from 'aws-cdk-lib';
import * as fc from 'fast-check';
import { AuditTrail } from '../src/audit';
import { CheckedProps, checkProps, withDefaults } from '../src/private/props';

type Options = Partial<CheckedProps>;

const check = (options: Options) => () => checkProps({ organization: 'mycompany', environment: 'prod', ...options });

test.each<[Options, string]>([
  [{ batchWindow: Duration.seconds(0) },
    '\'batchWindow\' must be 1 to 900 whole seconds, got: 0 seconds; write Duration.seconds(1)'],
  [{ batchWindow: Duration.minutes(16) },
    '\'batchWindow\' must be 1 to 900 whole seconds, got: 960 seconds; write Duration.seconds(900)'],
  [{ batchWindow: Duration.millis(1500) },
    '\'batchWindow\' must be 1 to 900 whole seconds, got: 1.5 seconds; write Duration.seconds(2)'],
  [{ maxWorkers: 1 }, '\'maxWorkers\' must be a whole number from 2 to 299, got: 1; write 2'],
  [{ maxWorkers: 300 }, '\'maxWorkers\' must be a whole number from 2 to 299, got: 300; write 299'],
  [{ maxWorkers: 2.4 }, '\'maxWorkers\' must be a whole number from 2 to 299, got: 2.4; write 2'],
  [{ maxWorkers: NaN }, '\'maxWorkers\' must be a whole number from 2 to 299, got: NaN; write 2'],
  [{ bytesScannedCutoff: Size.mebibytes(9) },
    '\'bytesScannedCutoff\' must be 10000000 bytes or more, got: 9437184 bytes; write Size.mebibytes(10) or more'],
  [{ removalPolicy: RemovalPolicy.SNAPSHOT },
    '\'removalPolicy\' must be RemovalPolicy.RETAIN or, for tests, RemovalPolicy.DESTROY, got: \'snapshot\'; '
    + 'write RemovalPolicy.RETAIN'],
  [{ alarms: { backlogAge: Duration.seconds(30) } },
    '\'alarms.backlogAge\' must be 1 minute to 14 days, got: 30 seconds; write Duration.hours(1), for example'],
  [{ alarms: { arrivalToDone: Duration.days(15) } },
    '\'alarms.arrivalToDone\' must be 1 minute to 14 days, got: 15 days; write Duration.hours(1), for example'],
  [{ alarms: { misfitsPer100Rows: 0 } },
    '\'alarms.misfitsPer100Rows\' must be greater than 0, got: 0; write 0.01, for example, or switch the alarm off: '
    + 'off: [LakeAlarm.MISFITS]'],
  ...[0, -1, NaN, Infinity, '100' as any].map((monthlyBudget): [Options, string] => [
    { monthlyBudget }, '\'monthlyBudget\' must be US dollars, 0.01 or more, got: ',
  ]),
  [{ owner: 'data team & friends' },
    '\'owner\' is the value of a tag and must have 1 to 256 letters, digits, spaces or _.:/=+-@, '
    + 'got: \'data team & friends\'; write \'data team - friends\', for example'],
  [{ project: '' },
    '\'project\' is the value of a tag and must have 1 to 256 letters, digits, spaces or _.:/=+-@, '
    + 'got: \'\'; write \'data-platform\', for example'],
  [{ organization: 'my-company' }, '\'organization\' must be lower-case letters and digits without hyphens, '],
  [{ environment: 'PROD' }, '\'environment\' must be lower-case letters and digits without hyphens, '],
])('%j is an error', (options, message) => {
  expect(check(options)).toThrow(message);
});

test.each<Options>([
  { batchWindow: Duration.seconds(1) }, { batchWindow: Duration.seconds(900) }, { batchWindow: Duration.millis(2000) },
  { maxWorkers: 2 }, { maxWorkers: 299 },
  { bytesScannedCutoff: Size.bytes(10_000_000) },
  { alarms: { backlogAge: Duration.minutes(1), arrivalToDone: Duration.days(14), misfitsPer100Rows: 0.01 } },
  { monthlyBudget: 0.01 }, { monthlyBudget: 1e6 },
  { project: 'Größe 1', owner: 'data.team+lake@example.com' },
  { removalPolicy: RemovalPolicy.RETAIN }, { removalPolicy: RemovalPolicy.DESTROY },
])('%j is allowed', (options) => {
  expect(check(options)).not.toThrow();
});

test('the props that are left out fit what AWS allows', () => {
  expect(() => checkProps(withDefaults({ organization: 'mycompany', environment: 'prod' }))).not.toThrow();
});

test('each prop that is left out has a default, and one that is given stays', () => {
  const names = { organization: 'mycompany', environment: 'prod' };
  const { project, owner, configAudit, auditTrail, removalPolicy } = withDefaults(names);
  expect([project, owner, configAudit, auditTrail, removalPolicy]).toEqual(
    ['modern-data-lake', 'mycompany', 'NONE', 'OBJECTS', 'retain']);
  expect(withDefaults({ ...names, project: 'p', auditTrail: AuditTrail.NONE })).toMatchObject(
    { project: 'p', auditTrail: 'NONE' });
});

test('values that are known at deployment only are not checked', () => {
  const token = Token.asNumber(Lazy.any({ produce: () => 1000 }));
  const options = {
    maxWorkers: token,
    batchWindow: Duration.seconds(token),
    bytesScannedCutoff: Size.bytes(token),
    owner: Lazy.string({ produce: () => '&' }),
  };
  expect(check(options)).not.toThrow();
});

test('what an error says to write is allowed', () => {
  const window = fc.double({ min: 0, max: 5e6, noNaN: true })
    .map((millis) => ({ batchWindow: Duration.millis(millis) }));
  const workers = fc.double({ min: -10, max: 1000 }).map((maxWorkers) => ({ maxWorkers }));
  fc.assert(fc.property(fc.oneof(window, workers), (options) => {
    expect(check(advised(options))).not.toThrow();
  }), { numRuns: 500 });
});

/** The props as the error says to write them; those given if there is none. */
function advised(options: Options): Options {
  try {
    check(options)();
    return options;
  } catch (error) {
    const [, seconds, workers] = /write (?:Duration\.seconds\((\d+)\)|(\d+))$/.exec((error as Error).message)!;
    return seconds ? { batchWindow: Duration.seconds(Number(seconds)) } : { maxWorkers: Number(workers) };
  }
}
