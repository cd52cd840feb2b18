import { ListObjectVersionsCommand, ListObjectVersionsCommandOutput } from '@aws-sdk/client-s3';
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
