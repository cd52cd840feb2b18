#!/usr/bin/env node
import { Command } from 'commander';
import { completion } from './completion';
import { doctor } from './doctor/command';
import { explain, USAGE_ERROR } from './errors';
import { check } from './operate/check';
import { deadLetters } from './operate/dead-letters';
import { erase } from './operate/erase';
import { file } from './operate/file';
import { history } from './operate/history';
import { importCommand } from './operate/import';
import { lineage } from './operate/lineage/command';
import { redrive } from './operate/redrive';
import { refresh } from './operate/refresh';
import { replay } from './operate/replay';
import { silent } from './operate/silent';
import { status } from './operate/status';
import { usage } from './operate/usage';
import { report } from './report/command';

const program = new Command('modern-data-lake')
  .description('Commands for operators of a modern-data-lake.')
  .showHelpAfterError('(add --help for the options)')
  .configureHelp({ helpWidth: 120 })
  .exitOverride((error) => process.exit(error.exitCode && USAGE_ERROR))
  .addCommand(doctor())
  .addCommand(status())
  .addCommand(history())
  .addCommand(file())
  .addCommand(lineage())
  .addCommand(report())
  .addCommand(importCommand())
  .addCommand(deadLetters())
  .addCommand(redrive())
  .addCommand(refresh())
  .addCommand(replay())
  .addCommand(silent())
  .addCommand(usage())
  .addCommand(check())
  .addCommand(erase());
program.addCommand(completion(program));
program.commands.forEach((command) => command.copyInheritedSettings(program));

program.parseAsync().catch((error: unknown) => {
  console.error(explain(error));
  process.exitCode = USAGE_ERROR;
});
