import { Arn, Duration, Size, Stack } from 'aws-cdk-lib';
import * as athena from 'aws-cdk-lib/aws-athena';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { acknowledge } from './private/acknowledge';
import { newBucket, RECORDS_REASONS } from './private/bucket';
import { denyOthers, limitBucketPolicy } from './private/bucket-access';
import { CatalogProps, useOfCatalogKey } from './private/catalog';
import { errorAt } from './private/errors';
import { Permission } from './private/grants';
import { LakeProps, lakeName } from './private/lake';
import { databaseName as customersDatabase, queryResultsName } from './private/naming';
import { principalArn } from './private/principal-arn';
import { SAVED_QUERIES_DATABASE, savedQueries } from './private/saved-queries';

/** How long the result of a query is kept. */
export const RESULT_RETENTION = Duration.days(7);

export interface QueryProps extends LakeProps, Pick<CatalogProps, 'catalogKey'> {
  readonly bytesScannedCutoff: Size;
}

/** The Athena workgroup of all customers, with a bucket for results. */
export class Query extends Construct {
  public readonly workGroupName: string;
  /** Scanned data at which Athena cancels a query. */
  public readonly bytesScannedCutoff: Size;

  private readonly resultsName: string;
  private readonly grantees = new Set<string>();

  constructor(scope: Construct, id: string, private readonly props: QueryProps) {
    super(scope, id);
    this.workGroupName = lakeName(props);
    this.bytesScannedCutoff = props.bytesScannedCutoff;
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

  /** Lets the grantee query a database. The customer's bucket grants access to the data itself. */
  public grantQuery(grantee: iam.IGrantable, databaseName: string): iam.Grant {
    const stack = Stack.of(this);
    const arn = (service: string, resource: string, resourceName?: string) =>
      stack.formatArn({ service, resource, resourceName });
    const results = this.resultsArn();
    const viaS3 = {
      StringEquals: {
        'kms:ViaService': `s3.${stack.region}.${stack.urlSuffix}`,
        'kms:EncryptionContext:aws:s3:arn': results,
      },
    };
    // Listing is withheld: a query id gives access to its result.
    const permissions: Permission[] = [
      {
        actions: ['athena:StartQueryExecution', 'athena:StopQueryExecution', 'athena:GetQueryExecution',
          'athena:GetQueryResults', 'athena:GetQueryResultsStream', 'athena:GetWorkGroup'],
        resources: [arn('athena', 'workgroup', this.workGroupName)],
      },
      {
        actions: ['glue:GetDatabase', 'glue:GetTable', 'glue:GetTables', 'glue:GetPartitions'],
        resources: [
          arn('glue', 'catalog'), arn('glue', 'database', databaseName), arn('glue', 'table', `${databaseName}/*`),
        ],
      },
      // Athena requires it of every caller:
      // https://docs.aws.amazon.com/athena/latest/ug/fine-grained-access-to-glue-resources.html
      { actions: ['glue:GetDatabase'], resources: [arn('glue', 'database', 'default')] },
      { actions: ['s3:GetBucketLocation'], resources: [results] },
      {
        actions: ['s3:GetObject', 's3:PutObject', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts'],
        resources: [`${results}/*`],
      },
      // Any key: the context names the bucket.
      { actions: ['kms:Decrypt', 'kms:GenerateDataKey'], resources: [arn('kms', 'key', '*')], conditions: viaS3 },
      ...useOfCatalogKey(this, this.props.catalogKey),
    ];
    const grants = permissions.map(({ actions, resources, conditions }) => (
      iam.Grant.addToPrincipal({ grantee, actions, resourceArns: resources, conditions })
    ));
    this.grantees.add(principalArn(this, 'grantQuery', grantee));
    if (grants.every((grant) => grant.success)) return grants.reduce((all, grant) => all.combine(grant));
    throw errorAt(this, 'grantQuery must add to the grantee\'s policy, which this app cannot: the grantee is not its '
      + `own, got: ${grantee.grantPrincipal}; write a role that this app defines`);
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

  private resultsArn(): string {
    return Arn.format({ service: 's3', region: '', account: '', resource: this.resultsName }, Stack.of(this));
  }
}
