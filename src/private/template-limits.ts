import { CfnResource, Stack } from 'aws-cdk-lib';

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html */
export const MAX_RESOURCES = 500;
/** Bytes of a template that is uploaded to S3, as CDK uploads it (same page). */
export const MAX_TEMPLATE_BYTES = 1_000_000;
/** CDK adds the check of the bootstrap version while it writes the template. */
const BOOTSTRAP_CHECK_BYTES = 1_000;

/** What CloudFormation would refuse about the template of a stack with customers. */
export function templateErrors(stack: Stack, customers: number, nextShard: number): string[] {
  const advice = `write "shard": ${nextShard} for customers that are not deployed yet; to see which are deployed, run: `
    + `aws cloudformation list-stack-resources --stack-name ${stack.stackName} --query `
    + '"StackResourceSummaries[?ResourceType==\'AWS::S3::Bucket\'].PhysicalResourceId"';
  const resources = stack.node.findAll().filter((child) => CfnResource.isCfnResource(child) && child.stack === stack);
  const [bytes, compact] = sizes(stack);
  const withCustomers = `with ${customers} customers`;
  return [
    ...resources.length > MAX_RESOURCES ? [`stack '${stack.stackName}' must have at most ${MAX_RESOURCES} resources, `
      + `got: ${resources.length}, ${withCustomers}; ${advice}`] : [],
    ...bytes > MAX_TEMPLATE_BYTES ? [`stack '${stack.stackName}' must have a template of at most `
      + `${MAX_TEMPLATE_BYTES} bytes, got: ${bytes}, ${withCustomers}; ${
        compact < bytes && compact <= MAX_TEMPLATE_BYTES
          ? `write suppressTemplateIndentation: true in the props of the stack, which leaves ${compact} bytes, or `
          : ''}${advice}`] : [],
  ];
}

/** Members of every `Stack` that its type keeps to itself. No public member gives the template before it is written. */
interface WrittenStack {
  readonly _suppressTemplateIndentation: boolean;
  _toCloudFormation(): object;
}

/** Bytes of the template as CDK writes it, and without indentation. */
function sizes(stack: Stack): [written: number, compact: number] {
  const { _suppressTemplateIndentation: isCompact } = stack as unknown as WrittenStack;
  const template = (stack as unknown as WrittenStack)._toCloudFormation();
  const bytes = (indent?: number) => (
    Buffer.byteLength(JSON.stringify(template, undefined, indent)) + BOOTSTRAP_CHECK_BYTES);
  return [bytes(isCompact ? undefined : 1), bytes()];
}
