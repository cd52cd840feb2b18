/** Answers tests in Python with what the command `check` finds: one line of JSON for each place. */
import { createInterface } from 'readline';
import { Aws } from '../../cli/aws';
import { contradictions } from '../../cli/operate/check-findings';

const aws = new Aws({});

async function main(): Promise<void> {
  for await (const line of createInterface(process.stdin)) {
    console.log(JSON.stringify(await contradictions(aws, JSON.parse(line))));
  }
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
