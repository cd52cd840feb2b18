import { HeadBucketCommand, paginateListBuckets } from '@aws-sdk/client-s3';
import { Aws } from '../../aws';
import { Check, failure, Finding, ok, Patient } from '../check';

const NOT_FOUND = 404;

/** Bucket names are unique in a partition: somebody else can have one, or an earlier lake can have left it behind. */
export const buckets: Check = {
  id: 'bucket-names',
  title: 'Names of buckets',
  actions: ['s3:ListAllMyBuckets', 's3:ListBucket'],
  run: async (patient) => {
    const { resources } = await patient.deployed();
    const deployed = new Set(resources.map(({ physicalId }) => physicalId));
    const { customerBuckets, queryResults } = patient.lake;
    const waiting = [...customerBuckets, queryResults].filter((name) => !deployed.has(name));
    const own = waiting.length ? await ownBuckets(patient.aws) : new Set<string>();
    const found = await Promise.all(waiting.map((name) => (own.has(name) ? leftBehind(name) : taken(patient, name))));
    const bad = found.filter((finding) => finding !== undefined);
    const count = customerBuckets.length + 1 - waiting.length;
    return bad.length ? bad : [ok(`${waiting.length} are free, ${count} are the lake's`)];
  },
};

/** A customer's bucket answers HeadBucket with 403 even to its own account, so the account's list comes first. */
export async function ownBuckets(aws: Aws): Promise<Set<string>> {
  const names = new Set<string>();
  for await (const { Buckets } of paginateListBuckets({ client: aws.s3, pageSize: 1000 }, {})) {
    Buckets?.forEach(({ Name }) => names.add(Name!));
  }
  return names;
}

function leftBehind(name: string): Finding {
  return failure(`${name} is in this account, and no stack of the lake has it`,
    'see "A customer returns" and "A lake returns" in docs/operate.md; or empty and delete it');
}

async function taken({ aws }: Patient, name: string): Promise<Finding | undefined> {
  try {
    await aws.s3.send(new HeadBucketCommand({ Bucket: name }));
  } catch (error) {
    const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
    if (status === NOT_FOUND) return undefined;
    if (status === undefined) throw error;
  }
  return failure(`${name} belongs to another account: bucket names are unique in all of AWS`,
    'write another organization or environment; for a single customer, another customerId');
}
