/** ARNs and principals of services differ between AWS's partitions. A lake names none of its own. */
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import { everything, newLake } from './lake';

const ACCOUNT = '111122223333';

/** All templates of a lake with everything, as text. */
function templates(region: string, partition: string): string[] {
  const { stack, lake } = newLake(everything(partition), { env: { account: ACCOUNT, region } });
  lake.customer('acme').grantQuery(new iam.Role(stack, 'Analyst', { assumedBy: new iam.AccountRootPrincipal() }));
  const stacks = (stack.node.root as App).node.findAll().filter((construct) => Stack.isStack(construct));
  return stacks.map((found) => JSON.stringify(Template.fromStack(found as Stack).toJSON()));
}

test.each([['cn-north-1', 'aws-cn'], ['us-gov-west-1', 'aws-us-gov'], ['eu-central-1', 'aws']])(
  'a lake in %s has ARNs of the partition %s only', (region, partition) => {
    const found = templates(region, partition).flatMap((text) => text.match(/\barn:[a-z-]+:/g) ?? []);
    expect(found.length).toBeGreaterThan(0);
    expect([...new Set(found)]).toEqual([`arn:${partition}:`]);
  });

test('the key is used through services by their names in China', () => {
  const ways = templates('cn-north-1', 'aws-cn').flatMap((text) => text.match(/"kms:ViaService":.{0,120}/g) ?? []);
  expect(ways.length).toBeGreaterThan(3);
  expect(ways.filter((way) => !/(cn-north-1|\.\*)\.("|.*AWS::URLSuffix)/.test(way))).toEqual([]);
});
