import * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { CustomerStorage } from './customer-storage';
import { guardedBucket } from './guarded-bucket';
import { bucketArn, LakeNames, lakeName } from './lake';
import { bucketName, databaseName } from './naming';
import { ILakeCustomer } from '../lake-customer';
import { Query } from '../query';

/** A customer whose names follow from those of the lake. */
export abstract class NamedCustomer implements ILakeCustomer {
  public readonly bucketName: string;
  public readonly bucketArn: string;
  public readonly databaseName: string;
  public readonly workGroupName: string;

  private guarded?: s3.IBucket;

  constructor(protected readonly scope: Construct, lake: LakeNames, public readonly customerId: string) {
    const { organization, environment } = lake;
    this.bucketName = bucketName(organization, customerId, environment);
    this.bucketArn = bucketArn(scope, this.bucketName);
    this.databaseName = databaseName(organization, customerId, environment);
    this.workGroupName = lakeName(lake);
  }

  public get bucket(): s3.IBucket {
    return this.guarded ??= guardedBucket(this.scope, 'GuardedBucket', this);
  }

  public abstract grantUpload(grantee: iam.IGrantable): iam.Grant;
  public abstract grantRead(grantee: iam.IGrantable): iam.Grant;
  public abstract grantErase(grantee: iam.IGrantable): iam.Grant;
  public abstract grantQuery(grantee: iam.IGrantable): iam.Grant;
}

/** A customer of a lake that the app defines. */
export class OwnCustomer extends NamedCustomer {
  constructor(
    private readonly storage: CustomerStorage, private readonly query: Query, lake: LakeNames, customerId: string,
  ) {
    super(storage, lake, customerId);
  }

  public grantUpload(grantee: iam.IGrantable): iam.Grant {
    return this.storage.access.grantUpload(grantee);
  }

  public grantRead(grantee: iam.IGrantable): iam.Grant {
    return this.storage.access.grantRead(grantee);
  }

  public grantErase(grantee: iam.IGrantable): iam.Grant {
    return this.storage.access.grantErase(grantee);
  }

  public grantQuery(grantee: iam.IGrantable): iam.Grant {
    return this.query.grantQuery(grantee, [this.storage], [this.customerId]);
  }
}
