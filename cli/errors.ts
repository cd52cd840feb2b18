/** Exit code of a command that was called wrongly, or that could not ask AWS. */
export const USAGE_ERROR = 2;

/** AWS refused a call of a command. */
export class Refused extends Error {
  /** The kind of policy that denies the call, such as `service control policy`, where AWS says so. */
  readonly deniedBy?: string;

  /** @param action the missing IAM action */
  constructor(readonly action: string, cause: unknown) {
    super(`AWS refused ${action}: ${messageOf(cause)}`, { cause });
    this.deniedBy = /explicit deny in an? ([a-z -]+)/.exec(messageOf(cause))?.[1];
  }
}

/** What a person can do about an error that ends a command. */
const ADVICE: { readonly [pattern: string]: string } = {
  'Region is missing': 'write --region, for example --region eu-central-1, or set AWS_REGION',
  'Could not load credentials|CredentialsProviderError|Could not resolve credentials':
    'log in (aws sso login, for example), write --profile, or set AWS_PROFILE',
  'ExpiredToken|security token.*expired': 'log in again',
  'ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT': 'check the network and --endpoint-url',
};

/** An error as one line, with what to do. */
export function explain(error: unknown): string {
  const name = error instanceof Error ? error.name : '';
  const message = messageOf(error);
  const advice = Object.entries(ADVICE).find(([pattern]) => new RegExp(pattern).test(`${name} ${message}`))?.[1];
  return advice ? `error: ${message}; ${advice}` : `error: ${message}`;
}

/** The text of an error. A refused connection has none of its own: its parts have. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(messageOf).join(', ');
  return error instanceof Error ? error.message || error.name : String(error);
}
