import { Template } from 'aws-cdk-lib/assertions';
import { newLake } from './lake';
import { AuditTrail, ConfigAudit } from '../src';

// What the packs make of it is shown in newest-cdk/compliance: they ask for a newer aws-cdk-lib than this one.
const { stack } = newLake();
const acknowledged = (path: string) => {
  const construct = path.split('/').reduce((scope, id) => scope.node.findChild(id), stack.node.findChild('Lake'));
  const metadata = construct.node.metadata.filter(({ type }) => type === 'aws:cdk:acknowledged-rules');
  return Object.assign({}, ...metadata.map(({ data }) => data));
};

test('a construct tells cdk-nag and cfn-guard why it lacks what they ask for', () => {
  expect(acknowledged('Manifest/Table')).toEqual({
    'NIST.800.53.R5-DynamoDBInBackupPlan': 'point-in-time recovery restores any second of the last 35 days',
    'HIPAA.Security-DynamoDBInBackupPlan': 'point-in-time recovery restores any second of the last 35 days',
  });
  expect(acknowledged('ProcessCsv/DeadLetterQueue')).toEqual({
    'AwsSolutions-SQS3': 'it is the dead-letter queue',
    'cdk-validator-cfnguard::sqs_dlq_check': 'it is the dead-letter queue',
  });
});

test('resources with a wildcard are named as cdk-nag names them', () => {
  expect(acknowledged('ProcessCsv/JobRole')).toEqual({
    'AwsSolutions-IAM5[Resource::*]': 'CloudWatch has no resource for a metric; the namespace is a condition',
    'AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:logs:<AWS::Region>:<AWS::AccountId>:log-group:/aws-glue/jobs/*]':
      'Glue names the log groups, after the security configuration and the role',
  });
  expect(Object.keys(acknowledged('DataRole'))).toContain(
    'AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:s3:::mycompany-<aws:PrincipalTag/customer>-prod-datalake/raw/*]');
  const machine = expect.stringMatching(
    /:execution:\{"Fn::Select":\[6,\{"Fn::Split":\[":",\{"Ref":"\w+"\}\]\}\]\}:\*\]$/);
  expect(Object.keys(acknowledged('Import'))).toContainEqual(machine);
});

test('no rule is acknowledged without a reason that a reviewer can read', () => {
  const all = newLake({ auditTrail: AuditTrail.OBJECTS_AND_MANAGEMENT, configAudit: ConfigAudit.RULES_AND_RECORDER });
  const metadata = all.stack.node.findAll().flatMap(({ node }) => node.metadata)
    .filter(({ type }) => type === 'aws:cdk:acknowledged-rules');
  const reasons = metadata.flatMap(({ data }) => Object.values<string>(data));
  expect(reasons.length).toBeGreaterThan(50);
  expect(reasons.filter((reason) => reason.split(' ').length < 4)).toEqual([]);
});

test('the template contains no acknowledgement', () => {
  expect(JSON.stringify(Template.fromStack(stack).toJSON())).not.toMatch(/cdk_nag|AwsSolutions|cfnguard/);
});
