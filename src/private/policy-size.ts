import { CfnResource, Stack } from 'aws-cdk-lib';

/** Assumed length of values that are known only at deploy time: these, and a long ARN for all others. */
const REFERENCES: { readonly [name: string]: string } = {
  'AWS::AccountId': '123456789012',
  'AWS::Partition': 'aws',
  'AWS::Region': 'ap-southeast-1',
};
const ANY_OTHER = 'x'.repeat(100);

/**
 * Fails the synthesis if a policy is longer than AWS allows.
 *
 * @param document the resource's policy, with tokens
 * @param advice how to make it shorter
 */
export function limitPolicySize(resource: CfnResource, document: unknown, limit: number, advice: string): void {
  resource.node.addValidation({
    validate: () => {
      const size = policySize(Stack.of(resource).resolve(document));
      return size > limit ? [`the policy must be at most ${limit} characters, got: ${size}; ${advice}`] : [];
    },
  });
}

/** Characters of a policy as a template states it. */
export function policySize(document: unknown): number {
  return JSON.stringify(literal(document)).length;
}

/** The value with placeholders for CloudFormation's functions. */
function literal(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(literal);
  if (typeof value !== 'object' || value === null) return value;
  const [[name, argument]] = [...Object.entries(value), ['', undefined]];
  if (name === 'Ref') return REFERENCES[argument] ?? ANY_OTHER;
  if (name === 'Fn::Join') return (literal(argument[1]) as string[]).join(argument[0]);
  if (name.startsWith('Fn::')) return ANY_OTHER;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, literal(entry)]));
}
