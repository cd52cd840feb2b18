import { writeFileSync } from 'fs';
import { resolve } from 'path';
import { Command } from 'commander';
import { collect } from './collect';
import { page } from './page';
import { Aws } from '../aws';
import { CUSTOMERS_ACTIONS } from '../operate/customers';
import { lakeCommand, LakeOptions } from '../operate/options';
import { print } from '../operate/output';
import { ACTIONS } from '../operate/status';
import { wholeNumber } from '../options';
import { counted } from '../words';

const DEFAULT_OBJECTS = 10_000;

interface ReportOptions extends LakeOptions {
  readonly output: string;
  readonly objects: number;
}

/** Writes the state of a lake as one HTML page. */
export function report(): Command {
  const description = 'Writes the state of a lake as one HTML page that needs no server and loads nothing.';
  const actions = [...ACTIONS, ...CUSTOMERS_ACTIONS, 'dynamodb:Query', 'sts:GetCallerIdentity'];
  return lakeCommand('report', description, actions)
    .option('--output <file>', 'file to write; one that is there is replaced', 'report.html')
    .option('--objects <number>', 'most object versions to read, the newest first, the same share of each customer',
      wholeNumber(1), DEFAULT_OBJECTS)
    .action(run);
}

async function run(options: ReportOptions): Promise<void> {
  const state = await collect(new Aws(options), options, options.objects);
  const file = resolve(options.output);
  writeFileSync(file, await page(state));
  const objects = state.customers.reduce((sum, { items }) => sum + items.length, 0);
  const isComplete = state.customers.every(({ since }) => !since);
  if (options.json) return print(JSON.stringify({ file, objects, isComplete }, undefined, 2));
  print(`${file}: ${counted(state.customers.length, 'customer')}, ${isComplete ? 'all' : 'the newest'} ${
    counted(objects, 'object version')}`);
}
