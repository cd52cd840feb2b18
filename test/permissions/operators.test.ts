/**
 * Simulates the commands of operators, with the calls of test/local/test_operators.py: a role that has exactly the
 * actions and resources of docs/operate.md, beside the deployed policies of buckets, queues and key.
 */
import { readFileSync } from 'fs';
import { join } from 'path';
import { callsOfOperator, NAMES, policies } from './calls';
import { ACCOUNT, Call, isAllowed } from './simulation';

jest.setTimeout(60_000);

const [, section] = readFileSync(join(__dirname, '..', '..', 'docs', 'operate.md'), 'utf-8')
  .split('## IAM actions per command\n');
const [introduction, ...rows] = section.split('\n## ')[0].split('\n| ');
const quoted = (text: string) => [...text.matchAll(/`([^`]+)`/g)].map(([, found]) => found);
const actionsIn = (text: string) => quoted(text).filter((found) => /^\w+:\w+$/.test(found));

/** Documented actions by command. */
const ACTIONS = Object.fromEntries(rows.map((row) => row.split(' | ')).filter(([name]) => /^`[a-z-]+`$/.test(name))
  .map(([name, actions]) => [quoted(name)[0], [...actionsIn(introduction), ...actionsIn(actions)]]));
/** Documented resources by action, or by all actions of a service. */
const RESOURCES = Object.fromEntries(rows.map((row) => row.split(' | ')).filter(([name]) => /^`\w+:/.test(name))
  .flatMap(([actions, resources]) => quoted(actions).map((action) => [action, quoted(resources).flatMap(expanded)])));
/** The simulation has erase's calls from the eraser, usage's queries from an analyst. */
const COMMANDS = Object.keys(ACTIONS).filter((name) => !['erase', 'usage'].includes(name));

/** The ARNs of a documented one: names in capitals stand for those of the deployed lake. */
function expanded(arn: string): string[] {
  const found = Object.keys(NAMES).find((name) => new RegExp(`\\b${name}\\b`).test(arn));
  return found ? NAMES[found].flatMap((name) => expanded(arn.replace(found, name))) : [arn];
}

/** Roles: one without any grant, and one with `grantRead` of the customer, as `check` needs it. */
const [STRANGER, READER] = ['operator', 'reader'].map((name) => `arn:aws:iam::${ACCOUNT}:role/${name}`);
const roleFor = (command: string) => (command === 'check' ? READER : STRANGER);
/** AWS answers these to anybody. */
const FREE = ['sts:GetCallerIdentity'];

/** Calls of a command that its documented actions do not allow. */
async function denied(command: string, actions: string[], role = roleFor(command)): Promise<Call[]> {
  const Statement = actions.map((action) => (
    { Effect: 'Allow', Action: action, Resource: RESOURCES[action] ?? RESOURCES[`${action.split(':')[0]}:*`] }));
  const own = { trust: {}, policies: [{ Version: '2012-10-17', Statement }] };
  const given = { ...policies, roles: { ...policies.roles, [role]: own } };
  const calls = callsOfOperator(command, role);
  const allowed = await Promise.all(calls.map((call) => isAllowed(call, given)));
  return calls.filter((_, at) => !allowed[at]);
}

describe.each(COMMANDS)('%s', (command) => {
  test('makes calls that its documented actions and resources allow', async () => {
    expect(callsOfOperator(command, STRANGER)).not.toEqual([]);
    expect(await denied(command, ACTIONS[command])).toEqual([]);
  });

  const needed = ACTIONS[command].filter((action) => !FREE.includes(action));
  test.each(needed)('makes calls that are denied without %s', async (action) => {
    const found = await denied(command, ACTIONS[command].filter((other) => other !== action));
    expect([...new Set(found.map((call) => call.action))]).toEqual([action]);
  });
});

test('a customer\'s bucket is not listed without a grant', async () => {
  const found = await denied('check', ACTIONS.check, STRANGER);
  expect([...new Set(found.map(({ action }) => action))]).toEqual(['s3:ListBucketVersions']);
});
