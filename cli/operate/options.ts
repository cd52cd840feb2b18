import { Command } from 'commander';
import { Connection } from '../aws';
import { connectionOptions, lakeOptions } from '../options';

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
      '', 'IAM actions that the command calls, all of them read-only:',
      ...called.map((each) => `  ${each}`),
    ].join('\n'));
}
