/** How near the templates of a cloud assembly come to the limits of AWS. */
import { readdirSync, readFileSync, statSync } from 'fs';
import { join } from 'path';
import { MAX_BUCKET_POLICY } from '../../src/private/bucket-access';
import { MAX_KEY_POLICY } from '../../src/private/encryption-key';
import { policySize } from '../../src/private/policy-size';
import { MAX_RESOURCES, MAX_TEMPLATE_BYTES } from '../../src/private/template-limits';

/** Any JSON of a template. */
type Json = any;

/** A figure by its name, with the limit that AWS sets, if any. */
export const LIMITS = {
  'stacks': undefined,
  'resources': undefined,
  'resources of the largest stack': MAX_RESOURCES,
  'bytes of the largest template': MAX_TEMPLATE_BYTES,
  'longest bucket policy': MAX_BUCKET_POLICY,
  'longest key policy': MAX_KEY_POLICY,
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html, of all inline policies of a role
  'longest inline policy': 10_240,
  // Same page, without a raised quota.
  'longest trust policy': 2_048,
  // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-policies.html, in bytes
  'longest queue policy': 8_192,
  // https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html
  'values of a trail\'s selectors': 500,
} as const;
export type Figures = Record<keyof typeof LIMITS, number>;

/** Where a policy is, by the name of its figure. */
const POLICIES = {
  'longest bucket policy': ['AWS::S3::BucketPolicy', 'PolicyDocument'],
  'longest key policy': ['AWS::KMS::Key', 'KeyPolicy'],
  'longest inline policy': ['AWS::IAM::Policy', 'PolicyDocument'],
  'longest trust policy': ['AWS::IAM::Role', 'AssumeRolePolicyDocument'],
  'longest queue policy': ['AWS::SQS::QueuePolicy', 'PolicyDocument'],
} as const;

export function figures(assembly: string): Figures {
  const files = readdirSync(assembly).filter((name) => name.endsWith('.template.json'));
  const paths = files.map((name) => join(assembly, name));
  const stacks: Json[][] = paths.map((path) => Object.values(JSON.parse(readFileSync(path, 'utf-8')).Resources));
  const resources = stacks.flat();
  const ofType = (type: string) => resources.filter(({ Type }) => Type === type);
  const policies = Object.entries(POLICIES).map(([name, [type, property]]) => (
    [name, most(ofType(type).map(({ Properties }) => policySize(Properties[property])))]));
  return {
    'stacks': files.length,
    'resources': resources.length,
    'resources of the largest stack': most(stacks.map((stack) => stack.length)),
    'bytes of the largest template': most(paths.map((path) => statSync(path).size)),
    ...Object.fromEntries(policies),
    'values of a trail\'s selectors': most(ofType('AWS::CloudTrail::Trail').map(selectorValues)),
  };
}

function selectorValues({ Properties: { AdvancedEventSelectors = [] } }: Json): number {
  const fields: Json[] = AdvancedEventSelectors.flatMap(({ FieldSelectors }: Json) => FieldSelectors);
  return fields.flatMap(({ Field, ...conditions }) => Object.values(conditions).flat()).length;
}

/** `Math.max` takes its arguments from the stack, which ends before the resources do. */
function most(values: number[]): number {
  return values.reduce((one, other) => Math.max(one, other), 0);
}
