import { statSync } from 'fs';
import { join } from 'path';
import { CfnResource, Stack } from 'aws-cdk-lib';

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html */
export const MAX_RESOURCES = 500;
/** Bytes of a template that is uploaded to S3, as CDK uploads it (same page). */
export const MAX_TEMPLATE_BYTES = 1_000_000;
/** CDK adds the check of the bootstrap version while it writes the template. */
const BOOTSTRAP_CHECK_BYTES = 1_000;

/** What CloudFormation would refuse about a stack with customers. `nextShard` is advised for some of them. */
export type TemplateErrors = (stack: Stack, customers: number, nextShard: number) => string[];

/** Errors about the number of resources. */
export const resourceErrors: TemplateErrors = (stack, customers, nextShard) => {
  const resources = stack.node.findAll().filter((child) => CfnResource.isCfnResource(child) && child.stack === stack);
  return resources.length <= MAX_RESOURCES ? [] : [`stack '${stack.stackName}' must have at most ${MAX_RESOURCES} `
    + `resources, got: ${resources.length}, with ${customers} customers; ${adviceFor(stack, nextShard)}`];
};

/** Errors about the bytes of a template that is not written yet. To make it costs as much as to write it. */
export const byteErrors: TemplateErrors = (stack, customers, nextShard) => {
  const [bytes, compact] = sizes(stack);
  if (bytes <= MAX_TEMPLATE_BYTES) return [];
  const withoutIndentation = compact < bytes && compact <= MAX_TEMPLATE_BYTES
    ? `write suppressTemplateIndentation: true in the props of the stack, which leaves ${compact} bytes, or ` : '';
  return [tooManyBytes(stack, bytes, customers, withoutIndentation + adviceFor(stack, nextShard))];
};

/** Errors about the bytes of templates that are in `folder`, and have no indentation. */
export function writtenErrors(folder: string): TemplateErrors {
  return (stack, customers, nextShard) => {
    const { size } = statSync(join(folder, stack.templateFile));
    return size <= MAX_TEMPLATE_BYTES ? [] : [tooManyBytes(stack, size, customers, adviceFor(stack, nextShard))];
  };
}

function tooManyBytes({ stackName }: Stack, bytes: number, customers: number, advice: string): string {
  return `stack '${stackName}' must have a template of at most ${MAX_TEMPLATE_BYTES} bytes, got: ${bytes}, with `
    + `${customers} customers; ${advice}`;
}

function adviceFor({ stackName }: Stack, nextShard: number): string {
  return `write "shard": ${nextShard} for customers that are not deployed yet; to see which are deployed, run: `
    + `aws cloudformation list-stack-resources --stack-name ${stackName} --query `
    + '"StackResourceSummaries[?ResourceType==\'AWS::S3::Bucket\'].PhysicalResourceId"';
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
