import { _Object, paginateListObjectsV2 } from '@aws-sdk/client-s3';
import { InvalidArgumentError } from 'commander';
import { Line } from './import-plan';
import { Aws } from '../aws';

/** A folder of a bucket. */
export interface Source {
  readonly bucket: string;
  /** Empty, or with a slash at its end. */
  readonly prefix: string;
}

/** @returns undefined if the text is no URL: then it is a folder of this machine */
export function sourceOf(text: string): Source | undefined {
  if (!text.includes('://')) return undefined;
  const found = /^s3:\/\/([a-z0-9][a-z0-9.-]+)(?:\/(.*))?$/.exec(text);
  if (!found) {
    throw new InvalidArgumentError('It must be a folder of this machine, or of a bucket such as s3://exports/orders/.');
  }
  const [, bucket, folder = ''] = found;
  return { bucket, prefix: folder && !folder.endsWith('/') ? `${folder}/` : folder };
}

/** Lists the objects of a folder. */
export async function* objectsOf(aws: Aws, { bucket, prefix }: Source): AsyncGenerator<Line> {
  const pages = paginateListObjectsV2({ client: aws.s3 }, { Bucket: bucket, Prefix: prefix });
  for await (const { Contents = [] } of pages) yield* Contents.map(lineOf);
}

function lineOf({ Key, Size, ETag, LastModified, StorageClass }: _Object): Line {
  return {
    from: Key!, bytes: Size!, etag: ETag!, uploadedAt: LastModified!.toISOString(), storageClass: StorageClass,
  };
}

/** What the policy of the source must allow: the lake's own policies let the role into no bucket of its account. */
export function sourcePolicy({ bucket, prefix }: Source, partition: string, roleArn: string): object {
  return {
    Version: '2012-10-17',
    Statement: [{
      Sid: 'ModernDataLakeImport',
      Effect: 'Allow',
      Principal: { AWS: roleArn },
      Action: ['s3:GetObject', 's3:GetObjectTagging'],
      Resource: `arn:${partition}:s3:::${bucket}/${prefix}*`,
    }],
  };
}
