import { Command, Option } from 'commander';
import { Aws, Connection } from '../aws';
import { connectionOptions, lakeOptions, wholeNumber } from '../options';
import { Status } from './check';
import { ACTIONS, examine, Report } from './examine';
import { AUDIT_TRAILS, CONFIG_AUDITS, DEFAULTS, LakeOptions, WORKERS } from './options';
import { json, table } from './render';

/** Exit codes, the worst first. Warnings do not count. */
const EXIT_CODES: [Status, number][] = [['failure', 1], ['unknown', 3]];

const HELP = `
Exit codes:
  0  nothing is wrong; there may be warnings
  1  a failure was found
  2  the command was called wrongly, or AWS could not be asked
  3  no failure was found, but AWS refused to let the doctor look at something

IAM actions that the command calls, all of them read-only, on resource *:
${ACTIONS.map((action) => `  ${action}`).join('\n')}

Example:
  npx modern-data-lake doctor --organization mycompany --environment prod`;

/** Names say what the construct's props are called. */
export function doctor(): Command {
  const command = lakeOptions('doctor')
    .description('Tells whether an account and a Region are ready for a lake, and whether a deployed lake has what it '
      + 'needs. Changes nothing. Write the same values as in the app.')
    .option('--customers <file>', 'the customers of the lake', 'customers.json')
    .option('--encryption-key <arn>', 'ARN of an imported key; without it, the lake creates one')
    .option('--catalog-key <arn>', 'ARN of the key of the Data Catalog, if the app names one')
    .option('--lake-formation', 'Lake Formation guards the catalog, and the app says so')
    .option('--max-workers <number>', 'most workers of a run', wholeNumber(WORKERS.min, WORKERS.max),
      DEFAULTS.maxWorkers)
    .addOption(new Option('--audit-trail <kind>', 'trails of the lake')
      .choices(AUDIT_TRAILS).default(DEFAULTS.auditTrail))
    .addOption(new Option('--config-audit <kind>', 'AWS Config rules of the lake')
      .choices(CONFIG_AUDITS).default(DEFAULTS.configAudit))
    .option('--qualifier <name>', 'qualifier of the CDK\'s bootstrap stack', DEFAULTS.qualifier);
  return connectionOptions(command)
    .addHelpText('after', HELP)
    .action(run);
}

async function run(options: LakeOptions & Connection & { json?: boolean }): Promise<void> {
  const { readLake } = await import('./lake.js'); // loads the CDK, which --help does without
  const lake = readLake(options);
  const report = await examine(new Aws(options), lake);
  console.log(options.json ? json(report) : table(report, process.stdout.isTTY && !process.env.NO_COLOR));
  process.exitCode = exitCode(report);
}

function exitCode({ results }: Report): number {
  const all = results.flatMap(({ findings }) => findings.map(({ status }) => status));
  return EXIT_CODES.find(([status]) => all.includes(status))?.[1] ?? 0;
}
