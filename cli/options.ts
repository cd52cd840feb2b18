import { Command, InvalidArgumentError } from 'commander';

/** A command about one lake, with the options that name it. */
export function lakeOptions(name: string): Command {
  return new Command(name)
    .requiredOption('--organization <name>', 'the lake\'s organization')
    .requiredOption('--environment <name>', 'the lake\'s environment');
}

/** Adds how the command reaches AWS, and how it answers. */
export function connectionOptions(command: Command): Command {
  return command
    .option('--profile <name>', 'profile in the AWS configuration files')
    .option('--region <name>', 'Region of the lake')
    .option('--endpoint-url <url>', 'endpoint of all services, for a local AWS')
    .option('--json', 'print JSON instead of a table');
}

/** A parser of options that are whole numbers within these limits, both included. */
export function wholeNumber(least: number, most = Infinity): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (Number.isInteger(number) && number >= least && number <= most) return number;
    throw new InvalidArgumentError(`It must be a whole number from ${least}${most < Infinity ? ` to ${most}` : ''}.`);
  };
}
