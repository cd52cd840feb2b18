import { App, Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { ModernDataLake, ModernDataLakeAttributes } from '../src';
import { newLake, Synthesized } from './lake';

const FOREIGN_KEY = 'arn:aws:kms:eu-west-1:444455556666:key/11111111-2222-3333-4444-555555555555';
const newRole = (stack: Stack) => new iam.Role(stack, 'Grantee', { assumedBy: new iam.AccountRootPrincipal() });
const policyOf = (stack: Stack) => (
  new Synthesized(stack).one('AWS::IAM::Policy', 'GranteeDefaultPolicy').PolicyDocument);

function imported(attributes: Partial<ModernDataLakeAttributes> = {}) {
  const stack = new Stack(new App({ analyticsReporting: false }), 'Other');
  const names = { organization: 'mycompany', environment: 'prod' };
  return { stack, lake: ModernDataLake.fromAttributes(stack, 'Imported', { ...names, ...attributes }) };
}

describe('a lake of another app', () => {
  test('has the names of the lake', () => {
    const { stack, lake } = imported();
    const { lake: own } = newLake();
    const names = (of: typeof lake) => {
      const { bucketName, bucketArn, databaseName, workGroupName } = of.customer('acme');
      return stack.resolve({ bucketName, bucketArn, databaseName, workGroupName, ofLake: of.workGroupName });
    };
    expect(names(lake)).toEqual(names(own));
    expect(lake.customer('acme').bucket.bucketName).toBe('mycompany-acme-prod-datalake');
  });

  test.each(['grantUpload', 'grantRead', 'grantQuery'] as const)('%s adds what the lake itself would add', (method) => {
    const [here, there] = [imported(), newLake()];
    here.lake.customer('acme')[method](newRole(here.stack));
    there.lake.customer('acme')[method](newRole(there.stack));
    expect(policyOf(here.stack)).toEqual(policyOf(there.stack));
  });

  test('grantQuery opens all customers, or those of a list, as the lake itself does', () => {
    for (const customerIds of [undefined, ['acme', 'globex']]) {
      const [here, there] = [imported(), newLake()];
      here.lake.grantQuery(newRole(here.stack), customerIds);
      there.lake.grantQuery(newRole(there.stack), customerIds);
      expect(policyOf(here.stack)).toEqual(policyOf(there.stack));
    }
  });

  test('a key of another account is named beside those of this one', () => {
    const { stack } = imported();
    const lake = ModernDataLake.fromAttributes(stack, 'Foreign', {
      organization: 'mycompany', environment: 'dev', encryptionKey: kms.Key.fromKeyArn(stack, 'Key', FOREIGN_KEY),
    });
    lake.customer('acme').grantRead(newRole(stack));
    const ofKey = policyOf(stack).Statement.find(({ Action }: any) => Action === 'kms:Decrypt');
    expect(ofKey.Resource).toEqual(
      ['arn:${AWS::Partition}:kms:${AWS::Region}:${AWS::AccountId}:key/*', FOREIGN_KEY]);
  });

  test.each([
    ['grantUpload', 'uploaderRoleArns'], ['grantRead', 'readerRoleArns'], ['grantQuery', 'queryRoleArns'],
  ] as const)('%s says that the lake has to name the role under %s', (method, property) => {
    const { stack, lake } = imported();
    lake.customer('acme')[method](newRole(stack));
    Annotations.fromStack(stack).hasInfo('/Other/Imported', Match.stringLikeRegexp(
      `^${method} to .*Grantee.* takes effect once customers\\.json of the lake names its ARN under '${property}' `
      + 'of the customers acme: the policies of the lake\'s buckets deny everybody else'));
  });

  test('cannot let anybody erase, nor grant to a role that the app does not define', () => {
    const { stack, lake } = imported();
    expect(() => lake.customer('acme').grantErase(newRole(stack))).toThrow(
      '[Other/Imported/acme] grantErase needs the lake\'s own app');
    const foreign = new iam.ArnPrincipal('arn:aws:iam::111122223333:role/analyst');
    expect(() => lake.customer('acme').grantRead(foreign)).toThrow(
      '[Other/Imported] grantRead must add to the grantee\'s policy, which this app cannot');
  });

  test('has the metrics of the lake', () => {
    const { stack, lake } = imported();
    const own = newLake();
    const metrics = (of: typeof lake) => stack.resolve(
      [of.metricFilesQueryable(), of.metricBytesScanned(), ...Object.values(of.metricFilesGivenUp().usingMetrics)]
        .map((metric) => {
          const { namespace, metricName, dimensions, statistic } = metric.toMetricConfig().metricStat!;
          return { namespace, metricName, dimensions, statistic };
        }));
    expect(metrics(lake)).toEqual(metrics(own.lake));
  });

  test('adds no resource', () => {
    const { stack, lake } = imported();
    lake.customer('acme').bucket.grantRead(newRole(stack));
    expect(new Synthesized(stack).counts()).toEqual({ 'AWS::IAM::Policy': 1, 'AWS::IAM::Role': 1 });
  });

  test('with a name that no lake has is an error', () => {
    expect(() => imported({ organization: 'My-Company' })).toThrow(
      /^\[Other\/Imported\] 'organization' must be lower-case letters and digits .*; write 'mycompany'$/);
  });
});
