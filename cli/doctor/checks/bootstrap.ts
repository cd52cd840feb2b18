import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { Check, failure, ok, Patient } from '../check';

/** The oldest version that the CDK's default synthesizer takes. */
const OLDEST = 6;

/** The CDK deploys through roles and a bucket of its bootstrap stack, which writes its version into a parameter. */
export const bootstrap: Check = {
  id: 'bootstrap',
  title: 'CDK bootstrap',
  actions: ['ssm:GetParameter'],
  run: async (patient) => {
    const { qualifier } = patient.lake;
    const found = await versionOf(patient);
    const command = `npx cdk bootstrap aws://${patient.account}/${patient.region}`;
    if (found === undefined) {
      return [failure(`the CDK is not bootstrapped with the qualifier ${qualifier} in ${patient.region}`,
        `${command} (with --qualifier if it is not the CDK's own), or write --qualifier here`)];
    }
    if (found < OLDEST) return [failure(`bootstrap version ${found} is too old, the CDK needs ${OLDEST}`, command)];
    return [ok(`version ${found}, qualifier ${qualifier}`)];
  },
};

async function versionOf({ aws, lake }: Patient): Promise<number | undefined> {
  try {
    const { Parameter } = await aws.ssm.send(new GetParameterCommand({
      Name: `/cdk-bootstrap/${lake.qualifier}/version`,
    }));
    return Number(Parameter!.Value);
  } catch (error) {
    if ((error as Error).name === 'ParameterNotFound') return undefined;
    throw error;
  }
}
