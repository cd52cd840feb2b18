import { Command } from 'commander';

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
