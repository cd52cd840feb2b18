import { Annotations } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { checkAt, errorAt } from './errors';
import { grantAll, ownPolicyNeeded, Permission } from './grants';
import { lakeName } from './lake';
import { NamedCustomer } from './lake-customers';
import { bytesScanned, filesGivenUp, filesQueryable } from './lake-metrics';
import { checkNaming } from './naming';
import { keyArns, queries, reads, READS_KEY, throughS3, uploads, UPLOADS_KEY } from './permissions';
import { principalArn } from './principal-arn';
import { IModernDataLake, ModernDataLakeAttributes } from '../lake';
import { ILakeCustomer } from '../lake-customer';
import { StageMetrics } from '../metrics';

class ImportedStage extends StageMetrics {}

/**
 * A lake of another app. Names follow from its own two. Grants add to the policies of the grantees; the policies of the
 * lake's buckets let a role pass once the lake's `customers.json` names it.
 */
export class ImportedLake extends Construct implements IModernDataLake {
  public readonly workGroupName: string;

  private readonly stages: readonly [StageMetrics, StageMetrics];
  private readonly customers = new Map<string, ILakeCustomer>();

  constructor(scope: Construct, id: string, private readonly lake: ModernDataLakeAttributes) {
    super(scope, id);
    checkAt(this, () => checkNaming(lake.organization, lake.environment));
    this.workGroupName = lakeName(lake);
    this.stages = [
      new ImportedStage(this, 'ProcessCsv', lake, 'process-csv'),
      new ImportedStage(this, 'AnalyticsTransform', lake, 'analytics-transform'),
    ];
  }

  public customer(customerId: string): ILakeCustomer {
    const found = this.customers.get(customerId) ?? new ImportedCustomer(this, customerId, this.lake);
    this.customers.set(customerId, found);
    return found;
  }

  public grantQuery(grantee: iam.IGrantable, customerIds?: string[]): iam.Grant {
    const { catalogKey } = this.lake;
    const permissions = queries(this, this.lake, { customerIds, keys: this.keys, catalogKey });
    return this.grant('grantQuery', 'queryRoleArns', grantee, permissions, customerIds);
  }

  public metricFilesQueryable(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return filesQueryable(this.stages, options);
  }

  public metricFilesGivenUp(options?: cloudwatch.MathExpressionOptions): cloudwatch.MathExpression {
    return filesGivenUp(this.stages, options);
  }

  public metricBytesScanned(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return bytesScanned(this, options);
  }

  /** Keys of buckets in the lake: a customer's own is of this account. */
  public get keys(): (kms.IKey | undefined)[] {
    return [undefined, this.lake.encryptionKey];
  }

  /** Adds to the policy of the grantee, and says what the lake's app has to do. */
  public grant(
    method: string, property: string, grantee: iam.IGrantable, permissions: Permission[], customerIds?: string[],
  ): iam.Grant {
    principalArn(this, method, grantee);
    const grant = grantAll(grantee, permissions);
    if (!grant.success) throw ownPolicyNeeded(this, method, grantee);
    const whose = customerIds ? `the customers ${customerIds.join(', ')}` : 'every customer';
    Annotations.of(this).addInfoV2('modern-data-lake:grantOfImportedLake',
      `${method} to ${grantee.grantPrincipal} takes effect once customers.json of the lake names its ARN under `
      + `'${property}' of ${whose}: the policies of the lake's buckets deny everybody else`);
    return grant;
  }
}

class ImportedCustomer extends NamedCustomer {
  constructor(private readonly imported: ImportedLake, customerId: string, lake: ModernDataLakeAttributes) {
    super(new Construct(imported, customerId), lake, customerId);
  }

  public grantUpload(grantee: iam.IGrantable): iam.Grant {
    return this.grant('grantUpload', 'uploaderRoleArns', grantee, [uploads(this.bucketArn)], UPLOADS_KEY);
  }

  public grantRead(grantee: iam.IGrantable): iam.Grant {
    return this.grant('grantRead', 'readerRoleArns', grantee, reads(this.bucketArn), READS_KEY);
  }

  public grantErase(): iam.Grant {
    throw errorAt(this.scope, 'grantErase needs the lake\'s own app, whose bucket policy lets nobody else erase; write '
      + 'it there');
  }

  public grantQuery(grantee: iam.IGrantable): iam.Grant {
    return this.imported.grantQuery(grantee, [this.customerId]);
  }

  private grant(
    method: string, property: string, grantee: iam.IGrantable, permissions: Permission[], ofKey: string[],
  ): iam.Grant {
    const key = throughS3(this.scope, ofKey, keyArns(this.scope, this.imported.keys), [this.bucketArn]);
    return this.imported.grant(method, property, grantee, [...permissions, key], [this.customerId]);
  }
}
