import { Duration, Size, Stack, Token } from 'aws-cdk-lib';
import * as athena from 'aws-cdk-lib/aws-athena';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { Customer } from './customer';
import { acknowledge } from './private/acknowledge';
import { newBucket, RECORDS_REASONS } from './private/bucket';
import { denyOthers, limitBucketPolicy } from './private/bucket-access';
import { CatalogProps } from './private/catalog';
import { CustomerStorage } from './private/customer-storage';
import { errorAt } from './private/errors';
import { grantAll, ownPolicyNeeded } from './private/grants';
import { LakeProps, lakeName } from './private/lake';
import { databaseName as customersDatabase, queryResultsName } from './private/naming';
import { queries } from './private/permissions';
import { principalArn } from './private/principal-arn';
import { SAVED_QUERIES_DATABASE, savedQueries } from './private/saved-queries';

/** How long the result of a query is kept. */
export const RESULT_RETENTION = Duration.days(7);

export interface QueryProps extends LakeProps, Pick<CatalogProps, 'catalogKey'> {
  readonly bytesScannedCutoff: Size;
  readonly customers: Customer[];
}

/** The Athena workgroup of all customers, with a bucket for results. */
export class Query extends Construct {
  public readonly workGroupName: string;
  /** Scanned data at which Athena cancels a query. */
  public readonly bytesScannedCutoff: Size;

  private readonly resultsName: string;
  private readonly grantees: Set<string>;

  constructor(scope: Construct, id: string, private readonly props: QueryProps) {
    super(scope, id);
    this.workGroupName = lakeName(props);
    this.bytesScannedCutoff = props.bytesScannedCutoff;
    this.grantees = new Set(props.customers.flatMap((customer) => this.rolesOf(customer)));
    this.resultsName = queryResultsName(props.organization, props.environment);
    const results = this.newResults();
    const workGroup = this.newWorkGroup(results);
    const ofCustomer = (customer: string) => customersDatabase(props.organization, customer, props.environment);
    for (const [name, { description, sql }] of Object.entries(savedQueries(ofCustomer))) {
      new athena.CfnNamedQuery(this, name, {
        name: `${this.workGroupName}-${name}`,
        description,
        database: SAVED_QUERIES_DATABASE,
        queryString: sql,
        workGroup: workGroup.ref,
      });
    }
  }

  /**
   * Lets the grantee query the tables of customers.
   *
   * @param storages the customers' storages
   * @param customerIds the customers; omit them for all, which takes few statements
   */
  public grantQuery(grantee: iam.IGrantable, storages: CustomerStorage[], customerIds?: string[]): iam.Grant {
    const { encryptionKey, catalogKey } = this.props;
    storages.forEach((storage) => storage.letQuery(grantee));
    this.grantees.add(principalArn(this, 'grantQuery', grantee));
    const keys = [encryptionKey, ...storages.map((storage) => storage.encryptionKey)];
    const permissions = queries(this, this.props, { customerIds, keys, catalogKey });
    const grant = grantAll(grantee, permissions);
    if (grant.success) return grant;
    throw ownPolicyNeeded(this, 'grantQuery', grantee);
  }

  /** @throws for a role of another account, as far as the accounts are known */
  private rolesOf({ customerId, queryRoleArns = [] }: Customer): string[] {
    const { account } = Stack.of(this);
    const accountOf = (arn: string) => Token.isUnresolved(arn) ? account : arn.split(':')[4];
    const foreign = Token.isUnresolved(account) ? undefined : queryRoleArns.find((arn) => accountOf(arn) !== account);
    if (!foreign) return queryRoleArns;
    throw errorAt(this, `'queryRoleArns' of the customer '${customerId}' must be roles of the lake's account `
      + `${account}, whose workgroup serves no other, got: '${foreign}'; write it under 'readerRoleArns', or a role of `
      + account);
  }

  private newResults(): s3.Bucket {
    const { encryptionKey, removalPolicy } = this.props;
    const lifecycle = { expiration: RESULT_RETENTION };
    const bucketName = this.resultsName;
    const results = newBucket(this, 'Results', { bucketName, encryptionKey, lifecycle, removalPolicy });
    acknowledge(results, RECORDS_REASONS);
    // Results are customers' data. Listing and deleting stay open to IAM, so that a customer can be erased.
    const actions = ['s3:GetObject*', 's3:PutObject*'];
    const statement = { sid: 'DenyOtherPrincipals', actions, resources: [results.arnForObjects('*')] };
    denyOthers(results, statement, () => [...this.grantees]);
    limitBucketPolicy(results, 'grant queries to fewer: let people and programs assume one role');
    return results;
  }

  private newWorkGroup(results: s3.Bucket): athena.CfnWorkGroup {
    return new athena.CfnWorkGroup(this, 'WorkGroup', {
      name: this.workGroupName,
      recursiveDeleteOption: true, // it holds saved queries and history, no data
      workGroupConfiguration: {
        enforceWorkGroupConfiguration: true,
        engineVersion: { selectedEngineVersion: 'Athena engine version 3' },
        bytesScannedCutoffPerQuery: this.props.bytesScannedCutoff.toBytes(),
        publishCloudWatchMetricsEnabled: true,
        resultConfiguration: {
          // Without the slash, a query fails: https://github.com/pyathena-dev/PyAthena/pull/626
          outputLocation: `s3://${results.bucketName}/`,
          encryptionConfiguration: { encryptionOption: 'SSE_KMS', kmsKey: this.props.encryptionKey.keyArn },
        },
      },
    });
  }
}
