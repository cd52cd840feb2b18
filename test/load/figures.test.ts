import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { newLake } from '../lake';
import { figures, LIMITS } from './figures';

const ROLES = Array.from({ length: 20 }, (_, n) => `arn:aws:iam::111122223333:role/loader-${n}`);
const { stack, lake } = newLake({
  customers: [{ customerId: 'acme' }, { customerId: 'globex', shard: 1, uploaderRoleArns: ROLES }],
});
const shard = lake.customer('globex').bucket.stack;
const found = figures((stack.node.root as App).synth().directory);
const resourcesOf = (of: Stack) => Object.keys(Template.fromStack(of).toJSON().Resources).length;

test('resources are those of all stacks', () => {
  const [ofLake, ofShard] = [stack, shard].map(resourcesOf);
  expect(found).toMatchObject({
    'stacks': 2, 'resources': ofLake + ofShard, 'resources of the largest stack': ofLake,
  });
});

test('the longest policy of a kind is found in any stack, with its references as long as what they become', () => {
  const template = Template.fromStack(shard).toJSON();
  const policy = Object.values<any>(template.Resources).find(({ Type }) => Type === 'AWS::S3::BucketPolicy');
  const written = JSON.stringify(policy.Properties.PolicyDocument).length;
  const length = found['longest bucket policy'];
  expect(length).toBeGreaterThan(ROLES.join('').length);
  expect(length).toBeLessThan(written);
});

test('a trail has two values beside one for each customer', () => {
  expect(found['values of a trail\'s selectors']).toBe(4);
});

test('a small lake has something of every kind, within its limit', () => {
  const wrong = Object.entries(LIMITS).filter(([name, limit = Infinity]) => {
    const figure = found[name as keyof typeof LIMITS];
    return figure === 0 || figure > limit;
  });
  expect(wrong).toEqual([]);
});
