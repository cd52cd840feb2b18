import { paginateListWorkGroups } from '@aws-sdk/client-athena';
import { DescribeTrailsCommand } from '@aws-sdk/client-cloudtrail';
import { paginateDescribeConfigRules } from '@aws-sdk/client-config-service';
import { ListRulesCommand } from '@aws-sdk/client-eventbridge';
import { paginateGetJobs } from '@aws-sdk/client-glue';
import { GetAccountSummaryCommand } from '@aws-sdk/client-iam';
import { GetServiceQuotaCommand } from '@aws-sdk/client-service-quotas';
import { Aws } from '../../aws';
import { Check, failure, ok, warning } from '../check';
import { Lake } from '../lake';
import { NEEDS } from '../needs';
import { ownBuckets } from './buckets';

/** A number of resources that AWS allows an account. */
interface Quota {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly actions: readonly string[];
  /** A number, where AWS raises it for nobody. */
  readonly limit: number | ((aws: Aws) => Promise<number>);
  /** Instead of deleting what nobody needs. */
  readonly alternative?: string;
  /** Resources of all kinds that the account has already. */
  used(aws: Aws): Promise<number>;
}

const ASK = 'request an increase in the Service Quotas console, or delete what nobody needs';
const DELETE = 'delete what nobody needs, since AWS raises this limit for nobody';

/** @param fallback AWS's default, for an account or a Region where Service Quotas does not know the quota */
const applied = (ServiceCode: string, QuotaCode: string, fallback: number) => async (aws: Aws): Promise<number> => {
  try {
    const { Quota } = await aws.servicequotas.send(new GetServiceQuotaCommand({ ServiceCode, QuotaCode }));
    return Quota?.Value ?? fallback;
  } catch (error) {
    if ((error as Error).name === 'NoSuchResourceException') return fallback;
    throw error;
  }
};

async function total<T>(pages: AsyncIterable<T>, items: (page: T) => readonly unknown[] | undefined): Promise<number> {
  let sum = 0;
  for await (const page of pages) sum += items(page)?.length ?? 0;
  return sum;
}

const summary = (entry: 'Roles' | 'RolesQuota') => async (aws: Aws): Promise<number> => {
  const { SummaryMap } = await aws.iam.send(new GetAccountSummaryCommand({}));
  return SummaryMap![entry]!;
};

/** The SDK has no paginator for rules. */
async function rulesOf(aws: Aws): Promise<number> {
  let [sum, NextToken]: [number, string | undefined] = [0, undefined];
  do {
    const page: { Rules?: unknown[]; NextToken?: string } = await aws.events.send(new ListRulesCommand({ NextToken }));
    [sum, NextToken] = [sum + (page.Rules?.length ?? 0), page.NextToken];
  } while (NextToken);
  return sum;
}

/** Codes, defaults and what is fixed: https://docs.aws.amazon.com/general/latest/gr/aws-service-information.html */
const QUOTAS: readonly Quota[] = [
  {
    id: 'buckets',
    name: 'S3 buckets',
    type: 'AWS::S3::Bucket',
    actions: ['s3:ListAllMyBuckets', 'servicequotas:GetServiceQuota'],
    used: async (aws) => (await ownBuckets(aws)).size,
    limit: applied('s3', 'L-DC2B2D3D', 10_000),
  },
  {
    id: 'roles',
    name: 'IAM roles',
    type: 'AWS::IAM::Role',
    actions: ['iam:GetAccountSummary'],
    used: summary('Roles'),
    limit: summary('RolesQuota'),
  },
  {
    id: 'glue-jobs',
    name: 'Glue jobs',
    type: 'AWS::Glue::Job',
    actions: ['glue:GetJobs', 'servicequotas:GetServiceQuota'],
    used: (aws) => total(paginateGetJobs({ client: aws.glue }, {}), ({ Jobs }) => Jobs),
    limit: applied('glue', 'L-611FDDE4', 2000),
  },
  {
    id: 'rules',
    name: 'EventBridge rules',
    type: 'AWS::Events::Rule',
    actions: ['events:ListRules', 'servicequotas:GetServiceQuota'],
    used: rulesOf,
    limit: applied('events', 'L-244521F2', 300),
  },
  {
    id: 'trails',
    name: 'CloudTrail trails',
    type: 'AWS::CloudTrail::Trail',
    actions: ['cloudtrail:DescribeTrails'],
    // A trail of all Regions counts in each of them.
    used: async (aws) => (await aws.cloudtrail.send(new DescribeTrailsCommand({}))).trailList?.length ?? 0,
    limit: 5, // https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html
    alternative: 'write auditTrail: AuditTrail.NONE in the app and --audit-trail NONE here, and let a trail of the '
      + 'account record the data events of the customers\' buckets',
  },
  {
    id: 'work-groups',
    name: 'Athena workgroups',
    type: 'AWS::Athena::WorkGroup',
    actions: ['athena:ListWorkGroups'],
    used: (aws) => total(paginateListWorkGroups({ client: aws.athena }, {}), ({ WorkGroups }) => WorkGroups),
    limit: 1000, // https://docs.aws.amazon.com/athena/latest/ug/service-limits.html
  },
  {
    id: 'config-rules',
    name: 'AWS Config rules',
    type: 'AWS::Config::ConfigRule',
    actions: ['config:DescribeConfigRules'],
    used: (aws) => total(paginateDescribeConfigRules({ client: aws.config }, {}), ({ ConfigRules }) => ConfigRules),
    limit: 1000, // https://docs.aws.amazon.com/config/latest/developerguide/configlimits.html
  },
];

/** Room for the resources that the lake still lacks. */
export const quotas: readonly Check[] = QUOTAS.map((quota) => ({
  id: `quota-${quota.id}`,
  title: quota.name,
  actions: quota.actions,
  run: async ({ aws, lake, deployed }) => {
    const needed = NEEDS[quota.type](lake);
    const own = (await deployed()).resources.filter(({ type }) => type === quota.type).length;
    const missing = Math.max(needed - own, 0);
    if (!needed) return [];
    const isFixed = typeof quota.limit === 'number';
    const [used, limit] = await Promise.all([quota.used(aws), isFixed ? quota.limit : quota.limit(aws)]);
    const text = `${used} of ${limit} are used, the lake needs ${missing} more`;
    const remedy = [isFixed ? DELETE : ASK, ...quota.alternative ? [quota.alternative] : []].join('; or ');
    return [used + missing > limit ? failure(text, remedy) : ok(text)];
  },
}));

/** Units of Glue's computing power. A worker of type G.1X is one; both jobs may run at the same time. */
export const dpus: Check = {
  id: 'quota-dpus',
  title: 'Glue DPUs',
  actions: ['servicequotas:GetServiceQuota'],
  run: async ({ aws, lake }) => {
    const limit = await applied('glue', 'L-08F3B322', 500)(aws);
    const needed = needsDpus(lake);
    const text = `all jobs together may use ${limit}, the lake's use up to ${needed}`;
    return [needed > limit ? warning(`${text}: runs would wait for each other`, `${ASK}; or write a smaller maxWorkers`)
      : ok(text)];
  },
};

const needsDpus = ({ maxWorkers }: Lake): number => NEEDS['AWS::Glue::Job']({} as Lake) * maxWorkers;
