import { DescribeStackResourcesCommand, paginateListStackResources } from '@aws-sdk/client-cloudformation';
import { Aws } from '../aws';
import { Lake } from './lake';

export interface Resource {
  readonly stack: string;
  readonly logicalId: string;
  readonly type: string;
  readonly physicalId: string;
}

/** What CloudFormation has deployed of a lake. */
export interface Deployed {
  /** Name of the lake's stack; undefined if there is none. */
  readonly stack?: string;
  /** Resources of the lake's stack and of its shards. */
  readonly resources: readonly Resource[];
}

/** The IAM actions of `findDeployed`. */
export const DEPLOYED_ACTIONS = ['cloudformation:DescribeStackResources', 'cloudformation:ListStackResources'];

/** Finds the lake by the bucket of query results: its name is fixed, and no other lake has it. */
export async function findDeployed(aws: Aws, lake: Pick<Lake, 'queryResults' | 'customers'>): Promise<Deployed> {
  const stack = await stackOf(aws, lake.queryResults);
  const shards = new Set(lake.customers.flatMap(({ shard }) => (shard === undefined ? [] : [shard])));
  const stacks = stack ? [stack, ...[...shards].map((shard) => `${stack}-customers-${shard}`)] : [];
  const resources = (await Promise.all(stacks.map((name) => resourcesOf(aws, name)))).flat();
  return resources.length ? { stack, resources } : { resources };
}

/** CloudFormation remembers deleted stacks for 90 days: `resourcesOf` finds no stack of that name. */
async function stackOf(aws: Aws, physicalId: string): Promise<string | undefined> {
  const command = new DescribeStackResourcesCommand({ PhysicalResourceId: physicalId });
  const answer = await aws.cloudformation.send(command).catch(ifMissing({ StackResources: [] }));
  return answer.StackResources?.[0]?.StackName;
}

async function resourcesOf(aws: Aws, stack: string): Promise<Resource[]> {
  const resources: Resource[] = [];
  try {
    for await (const page of paginateListStackResources({ client: aws.cloudformation }, { StackName: stack })) {
      for (const { ResourceStatus, LogicalResourceId, ResourceType, PhysicalResourceId } of
        page.StackResourceSummaries ?? []) {
        if (ResourceStatus === 'DELETE_COMPLETE' || !PhysicalResourceId) continue;
        resources.push({
          stack, logicalId: LogicalResourceId!, type: ResourceType!, physicalId: PhysicalResourceId,
        });
      }
    }
  } catch (error) {
    ifMissing(undefined)(error);
  }
  return resources;
}

/** CloudFormation has one code for everything that it cannot do with a name. */
function ifMissing<T>(instead: T): (error: unknown) => T {
  return (error) => {
    const { name, message } = error as Error;
    if (name === 'ValidationError' && message.includes('does not exist')) return instead;
    throw error;
  };
}
