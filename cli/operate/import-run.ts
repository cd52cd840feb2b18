import { setTimeout } from 'timers/promises';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import {
  DescribeExecutionCommand, DescribeMapRunCommand, ListMapRunsCommand, StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { Planned } from './import-plan';
import { About } from './import-report';
import { DeployedLake } from './lake';
import { progress } from './output';
import { Aws } from '../aws';

const POLL_MS = 2000;

/** How an import ended. */
export interface End {
  readonly status: string;
  /** Why, if it has not succeeded. */
  readonly cause?: string;
}

/** Puts the list into the lake and starts the state machine, which goes on whatever becomes of this process. */
export async function start(aws: Aws, { imports }: DeployedLake, about: About, lines: readonly Planned[]) {
  const Body = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  await aws.s3.send(new PutObjectCommand({ Bucket: imports.reports, Key: `${about.id}/list.jsonl`, Body }));
  const input = { ...about, source: about.source.split('/')[2] };
  await aws.sfn.send(new StartExecutionCommand({
    stateMachineArn: imports.stateMachine, name: about.id, input: JSON.stringify(input),
  }));
}

/** Waits for the end of an import, and shows how far it has come. */
export async function follow(aws: Aws, { imports }: DeployedLake, id: string): Promise<End & { input: string }> {
  const executionArn = `${imports.stateMachine.replace(':stateMachine:', ':execution:')}:${id}`;
  for (;;) {
    const { status, cause, error, input } = await aws.sfn.send(new DescribeExecutionCommand({ executionArn }));
    progress(await howFar(aws, executionArn));
    if (status !== 'RUNNING') {
      progress('');
      return { status: status!, cause: cause ?? error, input: input! };
    }
    await setTimeout(POLL_MS);
  }
}

async function howFar(aws: Aws, executionArn: string): Promise<string> {
  const { mapRuns = [] } = await aws.sfn.send(new ListMapRunsCommand({ executionArn }));
  if (!mapRuns.length) return 'starting';
  const { itemCounts } = await aws.sfn.send(new DescribeMapRunCommand({ mapRunArn: mapRuns[0].mapRunArn }));
  const { total = 0, succeeded = 0, failed = 0 } = itemCounts ?? {};
  return `${succeeded} of ${total} objects are done${failed ? `, ${failed} in batches that failed` : ''}`;
}
