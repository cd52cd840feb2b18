import { paginateListBuckets } from '@aws-sdk/client-s3';
import { bucketParts } from './lake';
import { LakeOptions } from './options';
import { Aws } from '../aws';

/** The IAM actions of `customersOf`. */
export const CUSTOMERS_ACTIONS = ['s3:ListAllMyBuckets'];

/** All customers that have a bucket, also those that have left. */
export async function customersOf(aws: Aws, lake: LakeOptions): Promise<string[]> {
  const [before, behind] = await bucketParts(lake);
  const found: string[] = [];
  for await (const { Buckets = [] } of paginateListBuckets({ client: aws.s3, pageSize: 1000 }, { Prefix: before })) {
    const names = Buckets.map(({ Name }) => Name!).filter((name) => name.endsWith(behind));
    found.push(...names.map((name) => name.slice(before.length, -behind.length)));
  }
  return found;
}
