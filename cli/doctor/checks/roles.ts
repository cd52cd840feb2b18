import { GetRoleCommand } from '@aws-sdk/client-iam';
import { Check, ok, orElse, Patient, warning } from '../check';

/** Roles of other accounts cannot be looked up. */
export const roles: Check = {
  id: 'roles',
  title: 'Roles',
  actions: ['iam:GetRole'],
  run: async (patient) => {
    const arns = new Set(patient.lake.customers.flatMap(
      ({ uploaderRoleArns = [], readerRoleArns = [], queryRoleArns = [] }) => (
        [...uploaderRoleArns, ...readerRoleArns, ...queryRoleArns])));
    if (!arns.size) return [ok('none are named')];
    const own = [...arns].filter((arn) => arn.split(':')[4] === patient.account);
    const exist = await Promise.all(own.map((arn) => exists(patient, arn)));
    const missing = own.filter((_, index) => !exist[index]);
    return orElse(missing.map((arn) => warning(`${arn} does not exist: nobody uploads, reads or queries as this role`,
      'create the role, correct its ARN, or remove it from customers.json')),
    `${own.length} exist, ${arns.size - own.length} are of other accounts`);
  },
};

/** A role of the same name under another path has another ARN. */
async function exists({ aws }: Patient, arn: string): Promise<boolean> {
  try {
    const { Role } = await aws.iam.send(new GetRoleCommand({ RoleName: arn.split('/').pop() }));
    return Role?.Arn === arn;
  } catch (error) {
    if ((error as Error).name === 'NoSuchEntityException' || (error as Error).name === 'NoSuchEntity') return false;
    throw error;
  }
}
