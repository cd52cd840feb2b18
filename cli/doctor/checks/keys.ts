import { DescribeKeyCommand, GetKeyPolicyCommand, KeyMetadata } from '@aws-sdk/client-kms';
import { Check, failure, Finding, orElse, Patient, warning } from '../check';
import { Judgement, KeyPolicy, Use } from './key-policy';

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
    return all.size ? orElse(found.flat(), 'usable, and their policies allow what the lake needs') : [];
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

function lacking(patient: Patient, arn: string, policy: KeyPolicy): Finding[] {
  const { account, partition, lake } = patient;
  const root = (id: string) => `arn:${partition}:iam::${id}:root`;
  const via = (service: string) => `${service}.${patient.region}.${suffixOf(partition)}`;
  const findings = (who: string, use: Use, actions: string[]) => tell(arn, who, policy.judge(use, actions));
  const byAccount = (id: string, services: string[], more = {}): Use['context'] => (
    { 'kms:calleraccount': [id], 'aws:principalaccount': [id], 'kms:viaservice': services.map(via), ...more });
  const isLakes = arn === lake.encryptionKey;
  // The account's own roles are allowed by their policies, which the lake writes.
  const own = (isLakes ? ['s3', 'dynamodb', 'sqs'] : ['s3']).flatMap((service) => findings(
    `the account (by way of ${service})`,
    { kind: 'AWS', principals: [root(account), account], context: byAccount(account, [service]) }, UPLOAD));
  const services = isLakes ? servicesOf(patient).flatMap(([service, actions]) => findings(
    service, { kind: 'Service', principals: [service], context: { ...DIRECTLY, 'aws:sourceaccount': [account] } },
    actions)) : [];
  const foreign = (arns: string[] = [], actions: string[]) => arns.filter((role) => role.split(':')[4] !== account)
    .flatMap((role) => {
      const id = role.split(':')[4];
      const context = byAccount(id, ['s3'], { 'aws:principalarn': [role] });
      return findings(role, { kind: 'AWS', principals: [role, id, root(id)], context }, actions);
    });
  const customers = lake.customers.filter(({ encryptionKey = lake.encryptionKey }) => encryptionKey === arn);
  return [...own, ...services, ...customers.flatMap(({ uploaderRoleArns, readerRoleArns }) => (
    [...foreign(uploaderRoleArns, UPLOAD), ...foreign(readerRoleArns, READ)]))];
}

/** A service that acts on its own calls for no account, and by way of no other service. */
const DIRECTLY = { 'kms:viaservice': [], 'aws:principalarn': [] };

function tell(arn: string, who: string, { denied, missing, unclear, conditions }: Judgement): Finding[] {
  const about = `${[...conditions].join(', ')}: this command does not evaluate that`;
  return [
    ...denied.length ? [failure(`${arn} denies ${who} ${denied.join(', ')}`, SEE)] : [],
    ...missing.length ? [failure(`${arn} does not allow ${who} ${missing.join(', ')}`, SEE)] : [],
    ...unclear.length ? [warning(`${arn} allows ${who} ${unclear.join(', ')} subject to ${about}`, SEE)] : [],
  ];
}

const suffixOf = (partition: string): string => partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com';

/** What docs/runbook.md lists. */
function servicesOf({ region, partition, lake }: Patient): [service: string, actions: string[]][] {
  return [
    ['events.amazonaws.com', UPLOAD],
    ['cloudwatch.amazonaws.com', UPLOAD],
    [`logs.${region}.${suffixOf(partition)}`,
      [...UPLOAD, 'kms:Encrypt', 'kms:ReEncryptFrom', 'kms:ReEncryptTo', 'kms:DescribeKey']],
    ['cloudtrail.amazonaws.com', lake.auditTrail === 'NONE' ? [] : [...UPLOAD, 'kms:DescribeKey']],
  ];
}
