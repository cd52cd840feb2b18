import { Arn, CfnResource, Stack, Tags } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct, IConstruct } from 'constructs';
import { Customer } from './customer';
import { newLogBucket } from './private/bucket';
import { CustomerStorage } from './private/customer-storage';
import { MergingPolicy } from './private/grants';
import { LakeProps } from './private/lake';
import { bucketPattern } from './private/naming';

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html */
export const MAX_RESOURCES = 500;

export interface StorageProps extends LakeProps {
  readonly customers: Customer[];
  readonly dataRoleArn: string;
  /** Tags of what is in the shards' stacks: those are not below the lake in the construct tree. */
  readonly tags: { readonly [name: string]: string };
}

/** Bucket and database of every customer, in the lake's stack or in the stack of the customer's shard. */
export class Storage extends Construct {
  public readonly accessLogs: s3.Bucket;

  private readonly customers: Map<string, CustomerStorage>;
  private readonly keyPolicy: MergingPolicy;

  constructor(scope: Construct, id: string, private readonly props: StorageProps) {
    super(scope, id);
    this.keyPolicy = new MergingPolicy(props.encryptionKey);
    this.accessLogs = this.newAccessLogs(bucketPattern(props.organization, props.environment));
    this.customers = new Map(props.customers.map((customer) => [customer.customerId, this.newCustomer(customer)]));
    this.node.addValidation({ validate: () => this.resourceLimitErrors() });
  }

  /** @throws if the lake has no such customer */
  public of(customerId: string): CustomerStorage {
    const customer = this.customers.get(customerId);
    if (!customer) {
      throw new Error(`the lake has no customer '${customerId}', its customers are: ${
        [...this.customers.keys()].join(', ')}; write one of them or add it to the lake's customers`);
    }
    return customer;
  }

  /** One statement for the buckets of all customers: the policy of a bucket ends at 20 KB. */
  private newAccessLogs(pattern: string): s3.Bucket {
    const logs = newLogBucket(this, 'AccessLogs', this.props.removalPolicy);
    const sources = Arn.format({ service: 's3', region: '', account: '', resource: pattern }, Stack.of(this));
    logs.addToResourcePolicy(new iam.PolicyStatement({
      sid: 'AccessLogs',
      principals: [new iam.ServicePrincipal('logging.s3.amazonaws.com')],
      actions: ['s3:PutObject'],
      resources: [logs.arnForObjects('*')],
      conditions: {
        ArnLike: { 'aws:SourceArn': sources },
        StringEquals: { 'aws:SourceAccount': Stack.of(this).account },
      },
    }));
    return logs;
  }

  private newCustomer(customer: Customer): CustomerStorage {
    const { props, keyPolicy, accessLogs } = this;
    const scope = customer.shard === undefined ? this : this.shard(customer.shard);
    const storage = new CustomerStorage(scope, customer.customerId, { ...props, customer, keyPolicy, accessLogs });
    const tags = { ...props.tags, customer: customer.customerId, owner: customer.owner ?? props.tags.owner };
    Object.entries({ ...customer.tags, ...tags }).forEach(([name, value]) => Tags.of(storage).add(name, value));
    const principal = (arn: string) => new iam.ArnPrincipal(arn);
    customer.uploaderRoleArns?.map(principal).forEach((role) => storage.access.grantUpload(role));
    customer.readerRoleArns?.map(principal).forEach((role) => storage.access.grantRead(role));
    return storage;
  }

  /** A stack beside the lake's, not in it: nested stacks end at 2,500 resources an operation. */
  private shard(shard: number): Construct {
    const lake = Stack.of(this);
    const id = `${lake.node.id}-customers-${shard}`;
    const beside = lake.node.scope!;
    const existing = beside.node.tryFindChild(id) as Stack | undefined;
    const stack = existing ?? new Stack(beside, id, {
      stackName: `${lake.stackName}-customers-${shard}`,
      description: `Customers of shard ${shard} of the data lake in ${lake.stackName}`,
      env: { account: lake.account, region: lake.region },
      terminationProtection: lake.terminationProtection,
    });
    // The path that it has in the lake's stack: other lakes may have customers in the same shard.
    const path = this.node.scopes.slice(lake.node.scopes.length).map((scope) => scope.node.id);
    return path.reduce<Construct>((scope, step) => (
      (scope.node.tryFindChild(step) as Construct | undefined) ?? new Construct(scope, step)
    ), stack);
  }

  private resourceLimitErrors(): string[] {
    const stacks = new Map<Stack, Customer[]>();
    for (const customer of this.props.customers) {
      const stack = Stack.of(this.of(customer.customerId));
      if (!stacks.has(stack)) stacks.set(stack, []);
      stacks.get(stack)!.push(customer);
    }
    return [...stacks].flatMap(([stack, customers]) => resourceLimitErrors(stack, customers));
  }
}

/** Why a stack cannot be deployed with all its customers, for CloudFormation allows 500 resources. */
function resourceLimitErrors(stack: Stack, customers: Customer[]): string[] {
  const isOfStack = (child: IConstruct) => CfnResource.isCfnResource(child) && child.stack === stack;
  const count = stack.node.findAll().filter(isOfStack).length;
  if (count <= MAX_RESOURCES) return [];
  const newest = customers[customers.length - 1];
  return [`stack '${stack.stackName}' must have at most ${MAX_RESOURCES} resources, got: ${count}, with `
    + `${customers.length} customers; write "shard": ${(newest.shard ?? 0) + 1} for those that are not deployed yet, `
    + `such as '${newest.customerId}'`];
}
