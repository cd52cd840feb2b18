import { DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { Check, failure, Finding, orElse, Patient, warning } from '../check';

/** How the last operation on each of the lake's stacks has ended. */
export const stacks: Check = {
  id: 'stacks',
  title: 'Stacks',
  actions: ['cloudformation:DescribeStacks'],
  run: async (patient) => {
    const names = [...new Set((await patient.deployed()).resources.map(({ stack }) => stack))];
    const found = (await Promise.all(names.map((name) => examineStack(patient, name)))).flat();
    return names.length ? orElse(found, `${names.join(', ')}: deployed`) : [];
  },
};

async function examineStack({ aws }: Patient, StackName: string): Promise<Finding[]> {
  const { Stacks = [] } = await aws.cloudformation.send(new DescribeStacksCommand({ StackName }));
  return Stacks.flatMap(({ StackStatus: status = '' }) => judge(StackName, status));
}

function judge(stack: string, status: string): Finding[] {
  const text = `${stack} is ${status}`;
  if (status.endsWith('_IN_PROGRESS')) return [warning(text, 'wait for the end of the operation and look again')];
  if (status === 'UPDATE_ROLLBACK_FAILED') {
    return [failure(text, `aws cloudformation continue-update-rollback --stack-name ${stack}`)];
  }
  if (!/FAILED|ROLLBACK/.test(status)) return [];
  return [warning(`${text}: the last operation did not succeed`,
    `aws cloudformation describe-stack-events --stack-name ${stack}`)];
}
