import { DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { GetJobRunsCommand, JobRun } from '@aws-sdk/client-glue';
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { Command, Option } from 'commander';
import { DeployedLake, DeployedStage, FIND_ACTIONS, findLake } from './lake';
import { lakeCommand, LakeOptions } from './options';
import { ago, print, tableOf } from './output';
import { Aws } from '../aws';
import { wholeNumber } from '../options';

export const ACTIONS = [...FIND_ACTIONS, 'cloudwatch:DescribeAlarms', 'glue:GetJobRuns', 'sqs:GetQueueAttributes'];
/** Runs that are looked at: some hours of a busy lake. */
const RUNS = 20;
/** `DescribeAlarms` takes 100 names. A lake has 20. */
const MOST_NAMES = 100;
const ACTIVE = ['STARTING', 'RUNNING', 'STOPPING', 'WAITING'];
const FAILED = ['FAILED', 'TIMEOUT', 'ERROR', 'EXPIRED'];

interface Run {
  readonly id: string;
  readonly state: string;
  readonly startedAt?: Date;
  readonly error?: string;
}

export interface StageStatus {
  readonly stage: string;
  readonly waiting: number;
  readonly inFlight: number;
  readonly deadLetters: number;
  readonly running: number;
  readonly lastRun?: Run;
  readonly failedRuns: readonly Run[];
}

export interface Status {
  readonly stack: string;
  readonly stages: readonly StageStatus[];
  readonly ringing: readonly { readonly alarm: string; readonly description: string; readonly since?: Date }[];
}

interface StatusOptions extends LakeOptions {
  readonly watch?: number;
}

/** Shows whether a lake is healthy, how much waits, what runs and what has failed. */
export function status(): Command {
  return lakeCommand(
    'status', 'Shows what waits, what runs and what has failed, by stage, and the alarms that ring.', ACTIONS,
    ['1  an alarm rings'],
  )
    .addOption(new Option('--watch [seconds]', 'show it again after so many seconds, 10 by default, until Ctrl+C')
      .preset('10').argParser(wholeNumber(1)))
    .action(run);
}

async function run({ watch, ...options }: StatusOptions): Promise<void> {
  const aws = new Aws(options);
  const lake = await findLake(aws, options);
  for (;;) {
    const found = await look(aws, lake);
    const isRepeated = watch !== undefined && !options.json && process.stdout.isTTY;
    print(`${isRepeated ? '\u001b[2J\u001b[H' : ''}`, options.json ? JSON.stringify(found, undefined, 2) : text(found));
    process.exitCode = found.ringing.length ? 1 : 0;
    if (watch === undefined) return;
    await new Promise((resolve) => setTimeout(resolve, watch * 1000));
  }
}

/** Asks for queues, runs and alarms. */
export async function look(aws: Aws, lake: DeployedLake): Promise<Status> {
  const asked = { AlarmNames: lake.alarms.slice(0, MOST_NAMES), StateValue: 'ALARM' as const };
  const [{ MetricAlarms = [] }, ...stages] = await Promise.all([
    lake.alarms.length ? aws.cloudwatch.send(new DescribeAlarmsCommand(asked)) : { MetricAlarms: [] },
    ...lake.stages.map((stage) => lookAt(aws, stage)),
  ]);
  const ringing = MetricAlarms.map(({ AlarmName, AlarmDescription, StateUpdatedTimestamp }) => (
    { alarm: AlarmName!, description: AlarmDescription ?? '', since: StateUpdatedTimestamp }));
  return { stack: lake.stack, stages, ringing };
}

async function lookAt(aws: Aws, stage: DeployedStage): Promise<StageStatus> {
  const [work, dead, { JobRuns = [] }] = await Promise.all([
    depths(aws, stage.workQueueUrl),
    depths(aws, stage.deadLetterQueueUrl),
    aws.glue.send(new GetJobRunsCommand({ JobName: stage.jobName, MaxResults: RUNS })),
  ]);
  const runs = JobRuns.map(runOf);
  return {
    stage: stage.name,
    waiting: work.visible,
    inFlight: work.hidden,
    deadLetters: dead.visible + dead.hidden,
    running: runs.filter(({ state }) => ACTIVE.includes(state)).length,
    lastRun: runs[0],
    failedRuns: runs.filter(({ state }) => FAILED.includes(state)),
  };
}

/** How many messages a queue has, as far as SQS knows. */
export async function depths(aws: Aws, QueueUrl: string): Promise<{ visible: number; hidden: number }> {
  const names = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
  const asked = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...names] });
  const { Attributes = {} } = await aws.sqs.send(asked);
  const [visible, hidden] = names.map((name) => Number(Attributes[name]));
  return { visible, hidden };
}

function runOf({ Id, JobRunState, StartedOn, ErrorMessage }: JobRun): Run {
  return { id: Id!, state: JobRunState!, startedAt: StartedOn, error: ErrorMessage };
}

const SUMMARY = [() => 'no alarm rings', () => '1 alarm rings', (count: number) => `${count} alarms ring`];

function text({ stack, stages, ringing }: Status): string {
  const failed = stages.flatMap(({ stage, failedRuns }) => failedRuns.map((each) => (
    [stage, each.id, each.state, ago(each.startedAt), each.error ?? ''])));
  return [
    `Stack ${stack}: ${SUMMARY[Math.min(ringing.length, 2)](ringing.length)}`,
    tableOf(['Stage', 'Waiting', 'In flight', 'Dead letters', 'Running', 'Last run'], stages.map((each) => [
      each.stage, each.waiting, each.inFlight, each.deadLetters, each.running,
      each.lastRun ? `${each.lastRun.state}, ${ago(each.lastRun.startedAt)}` : 'none',
    ])),
    ...ringing.length ? [tableOf(['Since', 'Alarm'], ringing.map(({ description, since }) => (
      [ago(since), description])))] : [],
    ...failed.length ? [tableOf(['Stage', 'Failed run', 'State', 'Started', 'Error'], failed)] : [],
  ].join('\n');
}
