import { DescribeKeyCommand, GetKeyPolicyCommand, KeyMetadata } from '@aws-sdk/client-kms';
import { Check, failure, Finding, orElse, Patient, warning } from '../check';
import { KeyPolicy } from './key-policy';

const UPLOAD = ['kms:Decrypt', 'kms:GenerateDataKey'];
const READ = ['kms:Decrypt'];
const SEE = 'see "A key of your own" in docs/runbook.md';

/** The keys that exist already: the lake's, and those that customers bring. */
export const keys: Check = {
  id: 'keys',
  title: 'Imported keys',
  actions: ['kms:DescribeKey', 'kms:GetKeyPolicy'],
  run: async (patient) => {
    const { encryptionKey, customers } = patient.lake;
    const brought = customers.flatMap(({ encryptionKey: key }) => (key?.startsWith('arn:') ? [key] : []));
    const all = new Set([...encryptionKey ? [encryptionKey] : [], ...brought]);
    const found = await Promise.all([...all].map((arn) => examineKey(patient, arn)));
    return all.size ? orElse(found.flat(), 'usable, and their policies allow what the lake needs; conditions were not '
      + 'evaluated') : [];
  },
};

async function examineKey(patient: Patient, arn: string): Promise<Finding[]> {
  const key = await describe(patient, arn);
  const wrong = whatIsWrong(key, arn, patient.region);
  if (wrong) return [failure(wrong, 'write the ARN of an enabled, symmetric key in the Region of the lake')];
  if (arn.split(':')[4] !== patient.account) {
    return [warning(`${arn} is of another account: its policy cannot be read`, SEE)];
  }
  const { Policy } = await patient.aws.kms.send(new GetKeyPolicyCommand({ KeyId: arn, PolicyName: 'default' }));
  return lacking(patient, arn, new KeyPolicy(Policy!));
}

function whatIsWrong(key: Partial<KeyMetadata> | undefined, arn: string, region: string): string | undefined {
  if (!key) return `${arn} does not exist`;
  if (!isIn(region, arn)) return `${arn} is not in ${region}, the Region of the lake`;
  if (key.KeyState !== 'Enabled') return `${arn} is not enabled: ${key.KeyState}`;
  return key.KeySpec === 'SYMMETRIC_DEFAULT' ? undefined : `${arn} is not symmetric: ${key.KeySpec}`;
}

const isIn = (region: string, arn: string): boolean => arn.split(':')[3] === region;

async function describe({ aws, region }: Patient, arn: string): Promise<Partial<KeyMetadata> | undefined> {
  if (!isIn(region, arn)) return {};
  try {
    return (await aws.kms.send(new DescribeKeyCommand({ KeyId: arn }))).KeyMetadata;
  } catch (error) {
    if ((error as Error).name === 'NotFoundException') return undefined;
    throw error;
  }
}

function lacking({ account, partition, region, lake }: Patient, arn: string, policy: KeyPolicy): Finding[] {
  const found: Finding[] = [];
  const need = (kind: 'AWS' | 'Service', who: string, principals: string[], actions: string[]) => {
    const missing = policy.missing(kind, principals, actions);
    if (missing.length) found.push(failure(`${arn} does not allow ${who} ${missing.join(', ')}`, SEE));
  };
  const root = (id: string) => `arn:${partition}:iam::${id}:root`;
  need('AWS', 'the account', [root(account), account], UPLOAD);
  if (arn === lake.encryptionKey) {
    servicesOf(region, partition, lake.auditTrail).forEach(([service, actions]) => (
      need('Service', service, [service], actions)));
  }
  // The account's own roles are allowed by their policies, which the lake writes.
  for (const customer of lake.customers.filter(({ encryptionKey = lake.encryptionKey }) => encryptionKey === arn)) {
    const foreign = (arns: string[] = []) => arns.filter((role) => role.split(':')[4] !== account);
    const named = (role: string) => [role, role.split(':')[4], root(role.split(':')[4])];
    foreign(customer.uploaderRoleArns).forEach((role) => need('AWS', role, named(role), UPLOAD));
    foreign(customer.readerRoleArns).forEach((role) => need('AWS', role, named(role), READ));
  }
  return found;
}

/** What docs/runbook.md lists. */
function servicesOf(region: string, partition: string, auditTrail: string): [service: string, actions: string[]][] {
  const suffix = partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com';
  return [
    ['events.amazonaws.com', UPLOAD],
    ['cloudwatch.amazonaws.com', UPLOAD],
    [`logs.${region}.${suffix}`,
      [...UPLOAD, 'kms:Encrypt', 'kms:ReEncryptFrom', 'kms:ReEncryptTo', 'kms:DescribeKey']],
    ['cloudtrail.amazonaws.com', auditTrail === 'NONE' ? [] : [...UPLOAD, 'kms:DescribeKey']],
  ];
}
