import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as notifications from 'aws-cdk-lib/aws-s3-notifications';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { addLake, newLake, Synthesized } from './lake';

const newRole = (stack: Stack, id = 'Grantee') => (
  new iam.Role(stack, id, { assumedBy: new iam.AccountRootPrincipal() }));
const actionsOf = (stack: Stack) => Object.values(new Synthesized(stack).ofType('AWS::IAM::Policy'))
  .flatMap(({ PolicyDocument }) => PolicyDocument.Statement).flatMap(({ Action }: any) => Action).sort();

describe('in an app of several stacks', () => {
  test('a function of another stack is granted to, and knows the names', () => {
    const { stack, lake } = newLake();
    const other = new Stack(stack.node.root as App, 'Other');
    const acme = lake.customer('acme');
    const loader = new lambda.Function(other, 'Loader', {
      runtime: lambda.Runtime.NODEJS_22_X,
      handler: 'index.handler',
      code: lambda.Code.fromInline('exports.handler = async () => {}'),
      environment: { BUCKET: acme.bucketName, DATABASE: acme.databaseName, WORK_GROUP: acme.workGroupName },
    });
    acme.grantUpload(loader);
    acme.grantQuery(loader);
    acme.bucket.grantRead(loader);
    (stack.node.root as App).synth();
    expect([stack.dependencies, other.dependencies]).toEqual([[other], []]);
    expect(new Synthesized(other).one('AWS::Lambda::Function', 'Loader').Environment.Variables).toEqual({
      BUCKET: 'mycompany-acme-prod-datalake',
      DATABASE: 'mycompany_acme_prod',
      WORK_GROUP: 'mycompany-prod-datalake',
    });
  });

  test('a role, the lake and what shows its names are three stacks without a cycle', () => {
    const app = new App({ analyticsReporting: false });
    const [people, lakes, portal] = ['People', 'Lakes', 'Portal'].map((id) => new Stack(app, id));
    const lake = addLake(lakes, { customers: [{ customerId: 'acme', shard: 1 }, { customerId: 'globex' }] });
    const role = newRole(people);
    lake.grantQuery(role);
    new CfnOutput(portal, 'Place', { value: `${lake.customer('acme').bucketArn} ${role.roleArn}` });
    app.synth();
    expect([people, lakes, portal].map((stack) => stack.dependencies)).toEqual([[], [people], [people]]);
  });
});

describe('the bucket of a customer, for constructs that take one', () => {
  const { stack, lake } = newLake();
  const bucketIn = (on: Stack) => addLake(on).customer('acme').bucket;

  test('has the literal name', () => {
    expect(lake.customer('acme').bucket.bucketName).toBe('mycompany-acme-prod-datalake');
    expect(lake.customer('acme').bucket).toBe(lake.customer('acme').bucket);
  });

  test.each([
    ['grantRead', 'analytics-ready/*'], ['grantPut', 'raw/*'], ['grantDelete', '*'],
  ] as const)('%s is the lake\'s grant', (method, pattern) => {
    const [one, other, third] = [newLake(), newLake(), newLake()];
    const lakes = { grantRead: 'grantRead', grantPut: 'grantUpload', grantDelete: 'grantErase' } as const;
    one.lake.customer('acme').bucket[method](newRole(one.stack));
    other.lake.customer('acme')[lakes[method]](newRole(other.stack));
    third.lake.customer('acme').bucket[method](newRole(third.stack), pattern);
    const [first, ...others] = [one, other, third].map((each) => Template.fromStack(each.stack).toJSON());
    expect(others).toEqual([first, first]);
  });

  test('a grant with a pattern is refused, since grants are for a layer', () => {
    expect(() => lake.customer('acme').bucket.grantRead(newRole(stack), 'analytics-ready/orders/*')).toThrow(
      '[Lake/Lake/Storage/acme] \'grantRead\' is for all objects under analytics-ready/, got the pattern '
      + '\'analytics-ready/orders/*\'; omit it');
  });

  test.each<[string, (bucket: s3.IBucket, on: Stack) => unknown, string]>([
    ['grantWrite', (bucket, on) => bucket.grantWrite(newRole(on)), 'use grantUpload of the customer'],
    ['grantReadWrite', (bucket, on) => bucket.grantReadWrite(newRole(on)), 'use grantUpload, for objects under raw/'],
    ['grantPutAcl', (bucket, on) => bucket.grantPutAcl(newRole(on)), 'use grantUpload of the customer'],
    ['grantPublicAccess', (bucket) => bucket.grantPublicAccess(), 'use grantRead of the customer, for a role'],
  ])('%s is refused with what to use instead', (method, use, advice) => {
    const on = new Stack();
    expect(() => use(bucketIn(on), on)).toThrow(new RegExp(`^\\[.*Storage/acme\\] '${method}' .*; ${advice}`));
  });

  test('a notification, which would replace those that start the jobs, is refused', () => {
    const on = new Stack();
    const target = new notifications.SqsDestination(new sqs.Queue(on, 'Queue'));
    const bucket = bucketIn(on);
    for (const add of [
      () => bucket.addEventNotification(s3.EventType.OBJECT_CREATED, target),
      () => bucket.addObjectCreatedNotification(target),
      () => bucket.addObjectRemovedNotification(target),
    ]) expect(add).toThrow('no more events would start the jobs; use an events.Rule for the events of the bucket');
    bucket.enableEventBridgeNotification();
    expect(new Synthesized(on).ofType('Custom::S3BucketNotifications')).toEqual({});
  });

  test('a statement for the bucket\'s policy is refused, instead of being dropped', () => {
    const statement = new iam.PolicyStatement({ actions: ['s3:GetObject'], resources: ['*'] });
    expect(() => bucketIn(new Stack()).addToResourcePolicy(statement)).toThrow(
      'cannot add to the policy of the bucket, which is the lake\'s; use the grants of the customer');
  });
});

describe('grantQuery of the lake', () => {
  const people = (count: number, all: boolean) => {
    const customers = Array.from({ length: count }, (_, n) => ({ customerId: `c${n}` }));
    const { stack, lake } = newLake({ customers });
    const other = new Stack(stack.node.root as App, 'People');
    lake.grantQuery(newRole(other, 'Analyst'), all ? undefined : customers.map(({ customerId }) => customerId));
    return { stack, other, policies: new Synthesized(other).ofType('AWS::IAM::Policy') };
  };

  test('for all customers takes one policy of the same size for any number', () => {
    const [few, many] = [people(2, true), people(60, true)];
    expect(Object.keys(many.policies)).toEqual(['AnalystDefaultPolicy']);
    expect(many.policies).toEqual(few.policies);
    expect(actionsOf(many.other)).toEqual(actionsOf(people(1, false).other));
  });

  test('names the wildcards of the lake, and nothing of other lakes', () => {
    const { policies: { AnalystDefaultPolicy: { PolicyDocument } } } = people(2, true);
    const text = JSON.stringify(PolicyDocument);
    expect(text.match(/mycompany[-_][^"/]*/g)?.sort()).toEqual([
      ...Array(4).fill('mycompany-*-prod-datalake'), 'mycompany-prod-datalake',
      ...Array(3).fill('mycompany-prod-query-results'), ...Array(2).fill('mycompany_*_prod'),
    ].sort());
  });

  test('lets the role past the policy of every customer\'s bucket', () => {
    const { stack } = people(3, true);
    const policies = Object.entries(new Synthesized(stack).ofType('AWS::S3::BucketPolicy'))
      .filter(([id]) => /c\d/.test(id));
    expect(policies).toHaveLength(3);
    for (const [, { PolicyDocument: { Statement } }] of policies) {
      expect(Statement.find(({ Sid }: any) => Sid === 'DenyReads').Condition.ArnNotEquals['aws:PrincipalArn'])
        .toContainEqual(expect.stringMatching(/^\$\{People:ExportsOutputFnGetAttAnalyst/));
    }
  });

  test('for a list opens the listed customers and no other, in as many statements as for one', () => {
    const { stack, lake } = newLake({ customers: ['a', 'b', 'c'].map((customerId) => ({ customerId })) });
    lake.grantQuery(newRole(stack), ['a', 'b']);
    const one = newLake();
    one.lake.grantQuery(newRole(one.stack), ['acme']);
    const statementsOf = (on: Stack) => (
      new Synthesized(on).one('AWS::IAM::Policy', 'GranteeDefaultPolicy').PolicyDocument.Statement);
    expect(statementsOf(stack)).toHaveLength(statementsOf(one.stack).length);
    const text = JSON.stringify(statementsOf(stack));
    expect(['a', 'b', 'c'].map((id) => text.includes(`mycompany-${id}-prod`))).toEqual([true, true, false]);
    expect(['a', 'b', 'c'].map((id) => text.includes(`mycompany_${id}_prod`))).toEqual([true, true, false]);
  });

  test('for no customer is an error', () => {
    const { stack, lake } = newLake();
    expect(() => lake.grantQuery(newRole(stack), [])).toThrow(
      '[Lake/Lake] grantQuery got an empty list of customers; write at least one, or omit the list for all');
  });
});
