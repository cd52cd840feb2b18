/** Prints the definition of the state machine of imports, for tests that run it without the rest of a lake. */
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { importStates } from '../../../src/private/import-states';

const [organization, environment] = process.argv.slice(2);
const stack = new Stack(new App({ analyticsReporting: false }), 'Stack', { env: { region: 'us-east-1' } });
const reports = s3.Bucket.fromBucketName(stack, 'Reports', `${organization}-reports`);
new sfn.StateMachine(stack, 'StateMachine', {
  definitionBody: sfn.DefinitionBody.fromChainable(importStates(stack, { organization, environment, reports })),
  queryLanguage: sfn.QueryLanguage.JSONATA,
});
const [machine] = Object.values(Template.fromStack(stack).findResources('AWS::StepFunctions::StateMachine'));
const [separator, parts]: [string, (string | object)[]] = machine.Properties.DefinitionString['Fn::Join'];
console.log(parts.map((part) => (typeof part === 'string' ? part : 'aws')).join(separator)); // of the partition only
