import { Aws } from '../aws';
import { messageOf, Refused } from '../errors';
import { Check, Finding, Patient } from './check';
import { CHECKS } from './checks';
import { DEPLOYED_ACTIONS, findDeployed } from './deployed';
import { Lake } from './lake';

/** The findings of one check. */
export interface Result {
  readonly check: Check;
  readonly findings: readonly Finding[];
}

export interface Report {
  readonly account: string;
  readonly region: string;
  /** Name of the lake's stack, if it is deployed and the doctor may look. */
  readonly stack?: string;
  readonly results: readonly Result[];
}

/** The IAM actions of all checks. */
export const ACTIONS = [...new Set([...DEPLOYED_ACTIONS, ...CHECKS.flatMap(({ actions }) => actions)])].sort();

/** Runs all checks at the same time. What one of them cannot see is a finding. */
export async function examine(aws: Aws, lake: Lake): Promise<Report> {
  const where = await aws.whereabouts();
  const found = findDeployed(aws, lake);
  const patient: Patient = { aws, lake, ...where, deployed: () => found };
  const stack = await found.then((deployed) => deployed.stack, () => undefined);
  const results = await Promise.all(CHECKS.map(async (check) => (
    { check, findings: await check.run(patient).catch(unseen) })));
  return { ...where, stack, results: results.filter(({ findings }) => findings.length) };
}

function unseen(error: unknown): Finding[] {
  if (error instanceof Refused) {
    const by = error.deniedBy ? `, denied by: ${error.deniedBy}` : '';
    return [{
      status: 'unknown', text: `could not look: ${error.action} is refused${by}`, remedy: `allow ${error.action}`,
    }];
  }
  return [{ status: 'unknown', text: `could not look: ${messageOf(error)}`, remedy: 'try again' }];
}
