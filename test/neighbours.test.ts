/**
 * A customer that comes or goes, the first included, changes its own resources. Two of the lake's may change in place:
 *
 * - The trail names the buckets. The only selector that needs no change is the prefix of the organization. It would
 *   record other lakes and other programs, too, at the price of their events.
 * - The lake's key names the roles of customers.json, since nothing can be added to the policies of such roles. Its
 *   statements stand in the order of the customers that need them first. Other customers change nothing there.
 */
import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { newLake } from './lake';
import { Customer } from '../src';

const ROLE = 'arn:aws:iam::111122223333:role/loader';
const customers: Customer[] = [
  { customerId: 'acme', uploaderRoleArns: [ROLE], datasets: [{ name: 'orders', expectedEvery: 'P1D' }] },
  { customerId: 'globex', encryptionKey: 'own', datasets: [{ name: 'orders', expectedEvery: 'P1D' }] },
  { customerId: 'hooli', shard: 1, readerRoleArns: [ROLE] },
  { customerId: 'initech', shard: 1, uploaderRoleArns: [ROLE] },
  { customerId: 'umbrella', shard: 2 },
];

/** Everything in the templates of a lake with these customers, by `stack/section/logical id`. */
function entries(of: Customer[]): Map<string, string> {
  const { stack } = newLake({ customers: of });
  const stacks = stack.node.root.node.findAll().filter(Stack.isStack);
  return new Map(stacks.flatMap((each) => (
    Object.entries<Record<string, unknown>>(Template.fromStack(each).toJSON()).flatMap(([section, members]) => (
      Object.entries(members).map(([id, value]) => [`${each.stackName}/${section}/${id}`, JSON.stringify(value)]))))));
}

const all = entries(customers);
/** Of the lake's own stack. */
const [TRAIL, KEY] = ['Lake/Resources/LakeAuditTrail468D0C6C', 'Lake/Resources/LakeEncryptionKey111CEA5C'];
const FIRST_TO_UPLOAD_AND_READ = ['acme', 'hooli'];

test.each(customers)('a lake with or without $customerId differs in what is the customer\'s', ({ customerId }) => {
  const others = entries(customers.filter((customer) => customer.customerId !== customerId));
  const names = [...new Set([...all.keys(), ...others.keys()])];
  const changed = names.filter((name) => all.get(name) !== others.get(name));
  const ownStack = customerId === 'umbrella' ? /^Lake-customers-2\// : /^$/;
  const isOwn = (name: string) => name.includes(`/Resources/LakeStorage${customerId}`) || ownStack.test(name);
  expect(changed.filter(isOwn).length).toBeGreaterThanOrEqual(3); // bucket, policy, database
  const ofLake = changed.filter((name) => !isOwn(name)).sort();
  expect(ofLake).toEqual(FIRST_TO_UPLOAD_AND_READ.includes(customerId) ? [TRAIL, KEY] : [TRAIL]);
});
