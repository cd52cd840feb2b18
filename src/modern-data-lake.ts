import { Duration, RemovalPolicy, Size, Stack, Tags } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { LakeAlarm, LakeAlarmOptions } from './alarms';
import { Audit, AuditTrail } from './audit';
import { Budget } from './budget';
import { ConfigAudit, ConfigRules } from './config-rules';
import { Customers } from './customer';
import { LakeDashboard } from './dashboard';
import { DataRole } from './data-role';
import { Import } from './import';
import { IModernDataLake, ModernDataLakeAttributes } from './lake';
import { ILakeCustomer } from './lake-customer';
import { Manifest } from './manifest';
import { Observe } from './observe';
import { acknowledge } from './private/acknowledge';
import { checkKey, grantServices, newKey } from './private/encryption-key';
import { checkAt, errorAt } from './private/errors';
import { hasFeeds } from './private/feed-parameter';
import { securityConfiguration } from './private/glue';
import { ImportedLake } from './private/imported-lake';
import { LakeNames, lakeName } from './private/lake';
import { OwnCustomer } from './private/lake-customers';
import { bytesScanned, filesArrived, filesGivenUp, filesQueryable, Stages } from './private/lake-metrics';
import { LogQueries } from './private/log-queries';
import { bucketName, checkBucketNames } from './private/naming';
import { checkOnlyLake } from './private/only-lake';
import { checkKinds } from './private/prop-kinds';
import { checkProps, withDefaults } from './private/props';
import { Query } from './query';
import { IStage, Stage } from './stage';
import { Storage } from './storage';
import { Sweeper } from './sweeper';

/**
 * Properties of a data lake.
 */
export interface ModernDataLakeProps {
  /**
   * The organization that owns the lake. Names of buckets and databases begin with it. Lower-case letters and digits.
   */
  readonly organization: string;

  /**
   * Environment of the lake, such as `prod`. It is part of the names of buckets and databases, and a tag. Lower-case
   * letters and digits.
   */
  readonly environment: string;

  /**
   * The customers, from `customers.json` or from a list.
   *
   * A customer that is left out keeps its bucket and its database, unless the removal policy is to destroy them.
   */
  readonly customers: Customers;

  /**
   * Value of the tag `project` on everything in the lake.
   *
   * @default 'modern-data-lake'
   */
  readonly project?: string;

  /**
   * Who is responsible for the lake: value of the tag `owner` on everything in it.
   *
   * @default - the organization
   */
  readonly owner?: string;

  /**
   * Key that encrypts all data at rest. It must be in the Region of the lake.
   *
   * A key that the app defines gets the statements that the lake needs. An imported one must have them already: see
   * "A key of your own" in docs/runbook.md.
   *
   * @default - a new key that is rotated every year
   */
  readonly encryptionKey?: kms.IKey;

  /**
   * Key that encrypts the account's Glue Data Catalog, if it is a customer managed key. The lake does not set it: it
   * lets the jobs and the grantees of `grantQuery` use it for the catalog. The key must leave access to IAM.
   *
   * @default - the catalog is encrypted with no key, or with the AWS managed key
   * @see https://docs.aws.amazon.com/glue/latest/dg/encrypt-glue-data-catalog.html
   */
  readonly catalogKey?: kms.IKey;

  /**
   * Whether Lake Formation guards new databases and tables of the account: its settings do not leave them to IAM. The
   * jobs and the grantees of `grantQuery` then get its permissions as well. Whoever deploys must be a data lake
   * administrator: see "Lake Formation" in docs/security.md.
   *
   * @default false
   * @see https://docs.aws.amazon.com/lake-formation/latest/dg/change-settings.html
   */
  readonly lakeFormation?: boolean;

  /**
   * How long the first new object waits for more before the job starts, 1 to 900 whole seconds. A run that is active
   * takes new objects at once.
   *
   * @default Duration.seconds(30)
   * @see https://docs.aws.amazon.com/glue/latest/dg/starting-workflow-eventbridge.html
   */
  readonly batchWindow?: Duration;

  /**
   * Maximum number of workers (G.1X: 4 vCPU, 16 GB) of a run, 2 to 299. Glue starts only as many as the work needs.
   *
   * @default 10
   * @see https://docs.aws.amazon.com/glue/latest/dg/auto-scaling.html
   */
  readonly maxWorkers?: number;

  /**
   * Scanned data at which Athena cancels a query in the lake's workgroup, at least 10 MB.
   *
   * @default Size.gibibytes(100)
   * @see https://docs.aws.amazon.com/athena/latest/ug/workgroups-setting-control-limits-cloudwatch.html
   */
  readonly bytesScannedCutoff?: Size;

  /**
   * AWS Config rules about encryption, public access, TLS, versions, logs and recovery of the lake's resources.
   *
   * @default ConfigAudit.NONE
   */
  readonly configAudit?: ConfigAudit;

  /**
   * CloudTrail trails that record who did what with the customers' objects.
   *
   * @default AuditTrail.OBJECTS
   */
  readonly auditTrail?: AuditTrail;

  /**
   * Thresholds of the alarms, and alarms that the lake does without.
   *
   * @default - all alarms, with their defaults
   */
  readonly alarms?: LakeAlarmOptions;

  /**
   * Whether the lake has a CloudWatch dashboard. An account's first three are free; a further one costs 3 USD a month.
   *
   * @default true
   * @see https://aws.amazon.com/cloudwatch/pricing/
   */
  readonly dashboard?: boolean;

  /**
   * US dollars a month that the lake may cost, from 0.01. AWS Budgets notifies the alarm topic when the costs exceed
   * them and when they are expected to. It is free. Costs count once the tags `project`, `environment` and `owner` are
   * activated as cost allocation tags: see "On the bill" in docs/operate.md.
   *
   * @default - no budget
   * @see https://aws.amazon.com/aws-cost-management/aws-budgets/pricing/
   */
  readonly monthlyBudget?: number;

  /**
   * Removal policy of buckets, databases, manifest, logs and key. `RemovalPolicy.DESTROY` is for tests. A bucket that
   * is not empty is never deleted: deleting the stack then fails.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * A data lake with a bucket for every customer. A CSV file under `raw/` becomes JSON under `processed/`, then Parquet
 * under `analytics-ready/`, then rows of a table in Athena.
 *
 * Everything is in the stack of the lake, except for customers that have a `shard`. There is one lake for a pair of
 * organization and environment.
 *
 * @example
 *
 * const lake = new ModernDataLake(this, 'Lake', {
 *   organization: 'mycompany',
 *   environment: 'prod',
 *   customers: Customers.fromJsonFile('customers.json'),
 * });
 * lake.alarmTopic.addSubscription(new subscriptions.EmailSubscription('data-platform@example.com'));
 */
export class ModernDataLake extends Construct implements IModernDataLake {
  /**
   * A lake of another app, in the account and Region of this one.
   *
   * Names follow from the organization and the environment, so the other app exports nothing. A grant adds to the
   * grantee's policy; it takes effect once `customers.json` of the lake names the role, as synthesis says.
   *
   * @param scope parent of the construct
   * @param id id of the construct
   * @param attributes what tells the lake
   * @throws if a name is not allowed
   */
  public static fromAttributes(scope: Construct, id: string, attributes: ModernDataLakeAttributes): IModernDataLake {
    return new ImportedLake(scope, id, attributes);
  }

  /** Key that encrypts all data at rest. */
  public readonly encryptionKey: kms.IKey;

  /** The manifest: an item for every version of every object, with its status and lineage. */
  public readonly manifest: dynamodb.ITable;

  /** The stage that turns CSV into JSON. */
  public readonly processCsv: IStage;

  /** The stage that turns JSON into Parquet and tables. */
  public readonly analyticsTransform: IStage;

  /** Starts the job of each stage for which work waits: every minute, after a failed run, and when it is started. */
  public readonly sweeper: sfn.IStateMachine;

  /** The Athena workgroup for queries of the lake. */
  public readonly workGroupName: string;

  /** Topic that receives every alarm. Each alarm links to its section of docs/runbook.md. */
  public readonly alarmTopic: sns.ITopic;

  /**
   * In alarm while any alarm of the lake is: the one to page on. It has no action of its own, since each alarm notifies
   * `alarmTopic`. Undefined if all alarms are off.
   */
  public readonly unhealthyAlarm?: cloudwatch.IAlarm;

  private readonly names: LakeNames;
  private readonly customers = new Map<string, ILakeCustomer>();
  private readonly stages: Stages;
  private readonly observe: Observe;
  private readonly storage: Storage;
  private readonly query: Query;

  /**
   * @throws if a property is not allowed, or if a stack would have more than 500 resources with all its customers
   */
  constructor(scope: Construct, id: string, props: ModernDataLakeProps) {
    super(scope, id);
    checkAt(this, () => {
      checkKinds(props);
      checkProps(props);
    });
    const { organization, environment, project, owner, ...options } = withDefaults(props);
    const { batchWindow, maxWorkers, bytesScannedCutoff, configAudit, auditTrail, removalPolicy } = options;
    const customers = props.customers.all;
    checkAt(this, () => checkBucketNames(organization, customers, environment));
    checkOnlyLake(this, organization, environment);
    this.names = { organization, environment };
    const tags = { project, environment, owner };
    Object.entries(tags).forEach(([name, value]) => Tags.of(this).add(name, value));
    acknowledge(this, { managedPolicies: 'a policy of one role alone can be attached to no other, nor outlive it' });

    if (props.encryptionKey) checkKey(this, '\'encryptionKey\'', props.encryptionKey);
    const encryptionKey = this.encryptionKey = props.encryptionKey
      ?? newKey(this, 'EncryptionKey', removalPolicy, 'All data at rest of a data lake');
    grantServices(encryptionKey, Stack.of(this));
    const lake = { organization, environment, encryptionKey, removalPolicy };
    if (props.catalogKey) checkKey(this, '\'catalogKey\'', props.catalogKey);
    const catalog = { lakeFormation: props.lakeFormation ?? false, catalogKey: props.catalogKey };

    const manifest = new Manifest(this, 'Manifest', lake);
    this.manifest = manifest.table;
    const dataRole = new DataRole(this, 'DataRole', { ...lake, ...catalog, manifest: manifest.table });
    const { roleArn: importRoleArn } = new Import(this, 'Import', lake);
    this.storage = new Storage(this, 'Storage', {
      ...lake, ...catalog, customers, dataRoleArn: dataRole.roleArn, importRoleArn, tags,
    });

    const security = securityConfiguration(this, 'SecurityConfiguration', lake).ref;
    const capacity = { batchWindow, maxWorkers };
    const jobs = { ...lake, manifest: manifest.table, dataRole, securityConfiguration: security, ...capacity };
    const processCsv = this.processCsv = new Stage(this, 'ProcessCsv', {
      ...jobs, prefix: 'raw/', job: 'process-csv',
    });
    const analyticsTransform = this.analyticsTransform = new Stage(this, 'AnalyticsTransform', {
      ...jobs, prefix: 'processed/', job: 'analytics-transform',
    });
    const stages = this.stages = [processCsv, analyticsTransform];
    const sweeper = new Sweeper(this, 'Sweeper', { ...lake, stages });
    this.sweeper = sweeper.stateMachine;

    this.query = new Query(this, 'Query', { ...lake, ...catalog, customers, bytesScannedCutoff });
    this.workGroupName = this.query.workGroupName;
    const watched = { stages, sweeper, manifest, query: this.query };
    this.observe = new Observe(this, 'Observe', {
      ...lake, ...watched, hasFeeds: hasFeeds(customers), alarms: props.alarms,
    });
    this.alarmTopic = this.observe.alarmTopic;
    this.unhealthyAlarm = this.observe.unhealthy;
    const { monthlyBudget } = props;
    if (monthlyBudget !== undefined) {
      const { alarmTopic } = this.observe;
      new Budget(this, 'Budget', { limit: monthlyBudget, tags, alarmTopic, encryptionKey });
    }
    new LogQueries(this, 'LogQueries', lake, stages);
    if (props.dashboard ?? true) {
      new LakeDashboard(this, 'Dashboard', { ...watched, name: lakeName(lake), alarms: this.observe.all });
    }
    new ConfigRules(this, 'ConfigRules', { audit: configAudit, project, encryptionKey, removalPolicy });
    const buckets = customers.map(({ customerId }) => bucketName(organization, customerId, environment));
    new Audit(this, 'Audit', { ...lake, trail: auditTrail, buckets, accessLogs: this.storage.accessLogs });
  }

  /**
   * What the lake has for a customer: names, grants, and the bucket.
   *
   * @param customerId the customer's id in `customers.json`
   * @throws if the lake has no such customer
   */
  public customer(customerId: string): ILakeCustomer {
    const found = this.customers.get(customerId)
      ?? new OwnCustomer(this.storage.of(customerId), this.query, this.names, customerId);
    this.customers.set(customerId, found);
    return found;
  }

  /**
   * Lets a role or user query the tables of customers in the lake's Athena workgroup, and read the objects behind them.
   *
   * @param grantee a role or user that the app defines
   * @param customerIds the customers. If omitted, all: the grantee's policy then has the lake's wildcards, and the same
   * size for any number of customers.
   * @throws if the lake lacks one of the customers, or the app cannot add to the grantee's policy
   */
  public grantQuery(grantee: iam.IGrantable, customerIds?: string[]): iam.Grant {
    const storages = customerIds?.map((customerId) => this.storage.of(customerId)) ?? this.storage.all;
    if (storages.length) return this.query.grantQuery(grantee, storages, customerIds);
    throw errorAt(this, 'grantQuery got an empty list of customers; write at least one, or omit the list for all');
  }

  /**
   * The alarms of a kind, to add actions to or to refer to: one for each stage, or one for the lake.
   *
   * @param alarm the kind
   * @returns an empty list if `alarms.off` names the kind
   */
  public alarmsOf(alarm: LakeAlarm): cloudwatch.IAlarm[] {
    return this.observe.of(alarm);
  }

  /**
   * CSV files that arrived. A file that is sent back from the dead-letter queue counts again.
   *
   * @default - sum over 5 minutes
   */
  public metricFilesArrived(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return filesArrived(this.stages, options);
  }

  /**
   * CSV files whose rows are in a table.
   *
   * @default - sum over 5 minutes
   */
  public metricFilesQueryable(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return filesQueryable(this.stages, options);
  }

  /**
   * CSV files that one of the stages rejected or gave up. Each is in a dead-letter queue.
   *
   * @default - sum over 5 minutes
   */
  public metricFilesGivenUp(options?: cloudwatch.MathExpressionOptions): cloudwatch.MathExpression {
    return filesGivenUp(this.stages, options);
  }

  /**
   * Bytes that queries in the lake's workgroup scanned. Athena counts a query when it ends.
   *
   * @default - sum over 5 minutes
   */
  public metricBytesScanned(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return bytesScanned(this.query, options);
  }
}
