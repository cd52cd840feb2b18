import { Command, InvalidArgumentError } from 'commander';
import { Connection } from '../aws';
import { connectionOptions, lakeOptions } from '../options';

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Which lake a command is about, and how it is reached. */
export interface LakeOptions extends Connection {
  readonly organization: string;
  readonly environment: string;
  readonly json?: boolean;
}

/** A command about a deployed lake. Its help names the IAM actions that it calls, and its exit codes. */
export function lakeCommand(
  name: string, description: string, actions: readonly string[], exitCodes: readonly string[] = [],
): Command {
  const called = [...actions].sort();
  const codes = ['0  done', ...exitCodes, '2  the command was called wrongly, or AWS could not be asked'];
  return connectionOptions(lakeOptions(name))
    .description(description)
    .addHelpText('after', [
      '', 'Exit codes:', ...codes.map((code) => `  ${code}`),
      '', `Needed on the lake's key: ${keyActions(called).join(', ') || 'nothing'}`,
      '', `IAM actions that the command calls${called.every(isRead) ? ', all of them read-only' : ''}:`,
      ...called.map((each) => `  ${each}`),
    ].join('\n'));
}

function isRead(action: string): boolean {
  return /:(BatchGet|Describe|Get|List|Query|Scan)/.test(action);
}

/** What the services of these actions do with the lake's key, on behalf of the caller. */
function keyActions(actions: readonly string[]): string[] {
  const isEncrypted = (action: string) => /^(dynamodb:|s3:GetObject|sqs:(Receive|Send)Message)/.test(action);
  return [
    ...actions.some(isEncrypted) ? ['kms:Decrypt'] : [],
    ...actions.some((action) => /^(sqs:SendMessage|s3:PutObject)$/.test(action)) ? ['kms:GenerateDataKey'] : [],
  ];
}

/** A parser of options that are times: how long ago, or a date, which begins in the user's zone. */
export function timeOf(text: string): string {
  const [, number, unit] = /^(\d+)([mhd])$/.exec(text) ?? [];
  const at = /^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00` : text; // Date.parse() takes a mere date as UTC
  const time = number ? Date.now() - Number(number) * UNITS[unit] : Date.parse(at);
  if (Number.isFinite(time)) return new Date(time).toISOString();
  throw new InvalidArgumentError('It must be 30m, 24h, 7d or a date such as 2026-01-31.');
}
