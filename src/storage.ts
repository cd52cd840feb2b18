import { attachCustomSynthesis, Stack, Tags } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { closest, distance } from 'fastest-levenshtein';
import { Customer } from './customer';
import { newLogBucket } from './private/bucket';
import { CatalogProps } from './private/catalog';
import { CustomerStorage } from './private/customer-storage';
import { errorAt, shown } from './private/errors';
import { MergingPolicy } from './private/grants';
import { bucketArn, LakeProps } from './private/lake';
import { bucketPattern } from './private/naming';
import { Shard, stackNames } from './private/shard';
import { byteErrors, resourceErrors, TemplateErrors, writtenErrors } from './private/template-limits';

const FURTHEST_TYPO = 3;

export interface StorageProps extends LakeProps, CatalogProps {
  readonly customers: Customer[];
  readonly dataRoleArn: string;
  readonly importRoleArn: string;
  /** Tags of the lake. They take precedence over a customer's tags. */
  readonly tags: { readonly [name: string]: string };
}

/** Bucket and database of every customer, in the lake's stack or in that of the customer's shard. */
export class Storage extends Construct {
  public readonly accessLogs: s3.Bucket;

  private readonly customers: Map<string, CustomerStorage>;
  private readonly keyPolicy: MergingPolicy;
  private readonly shards = new Map<number, Shard>();
  /** Names of stacks that no shard can have. */
  private taken: ReadonlySet<string> = new Set();

  constructor(scope: Construct, id: string, private readonly props: StorageProps) {
    super(scope, id);
    this.keyPolicy = new MergingPolicy(props.encryptionKey);
    this.accessLogs = this.newAccessLogs(bucketPattern(props.organization, props.environment));
    this.customers = new Map(props.customers.map((customer) => [customer.customerId, this.newCustomer(customer)]));
    this.keepExports(props);
    this.checkTemplates();
  }

  public get all(): CustomerStorage[] {
    return [...this.customers.values()];
  }

  /** @throws if the lake has no such customer */
  public of(customerId: string): CustomerStorage {
    const customer = this.customers.get(customerId);
    if (!customer) {
      const near = closest(customerId, [...this.customers.keys()]);
      const advice = distance(customerId, near) <= FURTHEST_TYPO ? `write '${near}', or add it` : 'add it';
      throw errorAt(this, `the lake has no customer ${shown(customerId)} among its ${this.customers.size}; ${advice} `
        + 'to the lake\'s customers');
    }
    return customer;
  }

  /** One statement serves the buckets of all customers: a bucket policy has at most 20 KB. */
  private newAccessLogs(pattern: string): s3.Bucket {
    const logs = newLogBucket(this, 'AccessLogs', this.props.removalPolicy);
    logs.addToResourcePolicy(new iam.PolicyStatement({
      sid: 'AccessLogs',
      principals: [new iam.ServicePrincipal('logging.s3.amazonaws.com')],
      actions: ['s3:PutObject'],
      resources: [logs.arnForObjects('*')],
      conditions: {
        ArnLike: { 'aws:SourceArn': bucketArn(this, pattern) },
        StringEquals: { 'aws:SourceAccount': Stack.of(this).account },
      },
    }));
    return logs;
  }

  private newCustomer(customer: Customer): CustomerStorage {
    const { props, keyPolicy, accessLogs } = this;
    const storage = new CustomerStorage(this.scopeOf(customer), customer.customerId, {
      ...props, customer, keyPolicy, accessLogs,
    });
    const tags = { ...props.tags, customer: customer.customerId, owner: customer.owner ?? props.tags.owner };
    Object.entries({ ...customer.tags, ...tags }).forEach(([name, value]) => Tags.of(storage).add(name, value));
    const principal = (arn: string) => new iam.ArnPrincipal(arn);
    customer.uploaderRoleArns?.map(principal).forEach((role) => storage.access.grantUpload(role));
    customer.readerRoleArns?.map(principal).forEach((role) => storage.access.grantRead(role));
    customer.queryRoleArns?.forEach((arn) => storage.openTo(arn));
    return storage;
  }

  private scopeOf({ shard }: Customer): Construct {
    if (shard === undefined) return this;
    if (!this.shards.size) this.taken = stackNames(this);
    const stack = this.shards.get(shard) ?? new Shard(this, shard, this.taken);
    this.shards.set(shard, stack);
    return stack.customers;
  }

  /**
   * Keeps the exports that shards import, even without shards. CloudFormation refuses to remove an export while a
   * deployed stack imports it. Without this, the lake could not be deployed after a shard's last customer has left.
   */
  private keepExports({ encryptionKey, dataRoleArn, importRoleArn }: StorageProps): void {
    const stack = Stack.of(this);
    const isLakes = kms.CfnKey.isCfnResource(encryptionKey.node.defaultChild) && encryptionKey.stack === stack;
    const imported = [dataRoleArn, importRoleArn, this.accessLogs.bucketName, ...isLakes ? [encryptionKey.keyArn] : []];
    imported.forEach((value) => stack.exportValue(value));
  }

  /**
   * Fails the synthesis if a stack is too large. The templates of shards are measured once they are written, since each
   * costs as much to make as to write. CDK writes them before it comes to this construct, which is above them.
   */
  private checkTemplates(): void {
    const isShard = (stack: Stack) => stack instanceof Shard;
    const isLakes = (stack: Stack) => !isShard(stack);
    this.node.addValidation({
      validate: () => [...this.errorsOf(resourceErrors), ...this.errorsOf(byteErrors, isLakes)],
    });
    attachCustomSynthesis(this, {
      onSynthesize: ({ outdir }) => {
        const errors = this.errorsOf(writtenErrors(outdir), isShard);
        if (errors.length) throw errorAt(this, errors.join('\n'));
      },
    });
  }

  private errorsOf(check: TemplateErrors, isMeant = (_: Stack) => true): string[] {
    const customers = new Map<Stack, number>();
    for (const { customerId } of this.props.customers) {
      const stack = Stack.of(this.of(customerId));
      customers.set(stack, (customers.get(stack) ?? 0) + 1);
    }
    const last = Math.max(0, ...this.shards.keys());
    return [...customers].filter(([stack]) => isMeant(stack)).flatMap(([stack, count]) => (
      check(stack, count, stack === this.shards.get(last) || !last ? last + 1 : last)));
  }
}
