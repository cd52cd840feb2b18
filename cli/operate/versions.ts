import {
  ListMultipartUploadsCommand, ListMultipartUploadsCommandOutput, ListObjectVersionsCommand,
  ListObjectVersionsCommandOutput,
} from '@aws-sdk/client-s3';
import { Aws } from '../aws';

/** Pages of all versions of a bucket's objects. The SDK has no paginator for this operation. */
export async function* versionPages(
  aws: Aws, Bucket: string, Prefix?: string,
): AsyncGenerator<ListObjectVersionsCommandOutput> {
  let page: ListObjectVersionsCommandOutput | undefined;
  do {
    const { NextKeyMarker: KeyMarker, NextVersionIdMarker: VersionIdMarker } = page ?? {};
    page = await aws.s3.send(new ListObjectVersionsCommand({ Bucket, Prefix, KeyMarker, VersionIdMarker }));
    yield page;
  } while (page.IsTruncated);
}

/** Pages of the unfinished uploads to a bucket, for which the SDK has no paginator either. */
export async function* uploadPages(aws: Aws, Bucket: string): AsyncGenerator<ListMultipartUploadsCommandOutput> {
  let page: ListMultipartUploadsCommandOutput | undefined;
  do {
    const { NextKeyMarker: KeyMarker, NextUploadIdMarker: UploadIdMarker } = page ?? {};
    page = await aws.s3.send(new ListMultipartUploadsCommand({ Bucket, KeyMarker, UploadIdMarker }));
    yield page;
  } while (page.IsTruncated);
}
