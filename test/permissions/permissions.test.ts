/**
 * Simulates the policies of a lake with every call of the end-to-end run. Needs reports/permissions, which that run
 * writes. `--verbose` prints the counts.
 */
import { calls, isOfGrantee, policies, recorded, recordedCount } from './calls';
import { Call, isAllowed, Policies, roleOf } from './simulation';

jest.setTimeout(120_000);

/** Any JSON of a policy. */
type Json = any;
const list = (value: Json): Json[] => (value === undefined ? [] : [value].flat());
const different = (found: Call[]) => [...new Set(found.map(({ principal, action, resource }) => (
  `${roleOf(principal)} ${action} ${resource}`)))];

async function where(all: Call[], isMeant: boolean, given: Policies = policies): Promise<Call[]> {
  const allowed = await Promise.all(all.map((call) => isAllowed(call, given)));
  return all.filter((_, n) => allowed[n] === isMeant);
}

/** The same call for the data of another customer, by the same role or session. */
function ofOther(call: Call): Call {
  const change = (value: string) => value.replace(/(?<=[:#_/-]|^)(acme|globex|newcomer[-_]3)(?=[#_-])/g, (customer) => (
    customer === 'acme' ? 'globex' : 'acme'));
  const keys = Object.values(policies.bucket_keys);
  const context = Object.fromEntries(Object.entries(call.context).map(([name, value]) => (
    [name, name.startsWith('aws:PrincipalTag/') ? value : Array.isArray(value) ? value.map(change) : change(value)])));
  // Includes the other customer's key, if it has its own.
  const inBucket = 'kms:EncryptionContext:aws:s3:arn';
  const resource = context[inBucket] !== call.context[inBucket]
    ? keys.find((key) => key !== call.resource) ?? call.resource : change(call.resource);
  return { ...call, resource, context };
}

test('every call of the run is allowed, with the uses of the key that go with it', async () => {
  const denied = await where(calls, false);
  expect(different(denied)).toEqual([]);
  console.log(`${recordedCount} calls recorded, ${recorded.length} different; `
    + `${calls.length} with their uses of the key: all allowed`);
});

test.each([
  ['the jobs, in the session of a customer', ({ context }: Call) => 'aws:PrincipalTag/customer' in context],
  ['those to whom the lake grants', isOfGrantee],
])('no call of %s is allowed with the data of another customer', async (who, isTheirs) => {
  const theirs = calls.filter(isTheirs);
  const others = theirs.map(ofOther).filter((call, n) => JSON.stringify(call) !== JSON.stringify(theirs[n]));
  expect(others).not.toEqual([]);
  const allowed = await where(others, true);
  expect(different(allowed)).toEqual([]);
  console.log(`${who}: ${others.length} calls of ${theirs.length} are about a customer's data, `
    + 'all denied for another\'s');
});

/** Allowed although no call needs it, with the reason. */
const UNSHOWN: ReadonlyArray<[owner: RegExp, action: RegExp, reason: string]> = [
  [/:key\//, /^kms:\*$/, 'the account\'s own power over its key: without it, nobody could ever change the key'],
];

/** A place in the policies where an action is allowed. */
interface Allowance { readonly owner: string; readonly action: string; readonly without: Policies }

function allowances(): Allowance[] {
  const { roles, resources } = policies;
  const places: [owner: string, document: Json, put: (changed: Json) => Policies][] = [
    ...Object.entries(roles).flatMap(([arn, role]) => [
      // The lake does not decide who may be a grantee.
      ...isOfGrantee({ principal: arn }) ? [] : [[arn, role.trust, (trust: Json) => (
        { ...policies, roles: { ...roles, [arn]: { ...role, trust } } })]],
      ...role.policies.map((policy, n) => [arn, policy, (changed: Json) => (
        { ...policies, roles: { ...roles, [arn]: { ...role, policies: replaced(role.policies, n, changed) } } })]),
    ] as any),
    ...Object.entries(resources).map(([arn, policy]) => [arn, policy, (changed: Json) => (
      { ...policies, resources: { ...resources, [arn]: changed } })] as any),
  ];
  return places.flatMap(([owner, document, put]) => list(document.Statement).flatMap((statement: Json, n: number) => (
    statement.Effect !== 'Allow' ? [] : list(statement.Action).map((action) => ({
      owner, action, without: put(withoutAction(document, n, action)),
    })))));
}

/** The document without one action of a statement, or without the statement if that was its only action. */
function withoutAction(document: Json, index: number, action: string): Json {
  const statement = list(document.Statement)[index];
  const rest = list(statement.Action).filter((other) => other !== action);
  const Statement = replaced(list(document.Statement), index, ...rest.length ? [{ ...statement, Action: rest }] : []);
  return { ...document, Statement };
}

function replaced(all: Json[], index: number, ...by: Json[]): Json[] {
  return [...all.slice(0, index), ...by, ...all.slice(index + 1)];
}

/** One representative of calls that differ only in the object or item. */
const kinds = [...new Map(calls.map((call) => [
  [roleOf(call.principal), call.action, call.resource.split('/', 2),
    ...['kms:ViaService', 'kms:EncryptionContext:aws:s3:arn'].map((key) => call.context[key])].join(' '), call,
])).values()];

test('no allowed action can be removed without denying a call', async () => {
  const all = allowances();
  const unneeded: string[] = [];
  const denied = new Set<Call>();
  for (const { owner, action, without } of all) {
    const found = await where(kinds.filter((call) => call.action === action), false, without);
    found.forEach((call) => denied.add(call));
    if (!found.length) unneeded.push(`${owner} ${action}`);
  }
  const isUnshown = (line: string) => UNSHOWN.some(([owner, action]) => (
    owner.test(line.split(' ')[0]) && action.test(line.split(' ')[1])));
  expect(unneeded.filter((line) => !isUnshown(line))).toEqual([]);
  console.log(`${all.length} allowed actions removed one by one: ${all.length - unneeded.length} deny a call`
    + ` (${denied.size} of ${kinds.length} kinds of calls), ${unneeded.length} have their reason in UNSHOWN`);
});

test.each(UNSHOWN)('%s %s is allowed, and no call shows the need: %s', (owner, action) => {
  expect(allowances().filter((found) => owner.test(found.owner) && action.test(found.action))).not.toEqual([]);
});
