import { createReadStream } from 'fs';
import { readdir, stat } from 'fs/promises';
import { join, relative, sep } from 'path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { Ended, Line, Plan, Planned } from './import-plan';
import { Report } from './import-report';
import { progress } from './output';
import { together } from './together';
import { Aws } from '../aws';
import { messageOf, Refused } from '../errors';

/** Files that are uploaded at the same time. */
const PARALLEL = 8;

/** The files below a folder. Their names have slashes, as keys do. */
export async function filesOf(folder: string): Promise<Line[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(files.sort().map(async (file) => {
    const { size, mtime } = await stat(file);
    return { from: relative(folder, file).split(sep).join('/'), bytes: size, uploadedAt: mtime.toISOString() };
  }));
}

/** Uploads files that are not there yet. What is interrupted goes on when it is started again. */
export async function upload(
  aws: Aws, folder: string, bucket: string, lines: readonly Planned[], report: Report, isOver: () => boolean,
): Promise<void> {
  await together(lines, PARALLEL, async (line) => {
    report.add(line.outcome ? line as Ended : await put(aws, join(folder, line.from), bucket, line));
    progress(`${report.tally.all} of ${lines.length} files are done`);
  }, isOver);
  progress('');
}

async function put(aws: Aws, file: string, bucket: string, line: Planned): Promise<Ended> {
  try {
    await aws.s3.send(new PutObjectCommand({
      Bucket: bucket,
      Key: line.to,
      Body: createReadStream(file),
      ContentLength: line.bytes,
      IfNoneMatch: '*',
      Metadata: { 'uploaded-at': line.uploadedAt },
    }));
    return { ...line, outcome: 'copied' };
  } catch (error) {
    if (error instanceof Refused) throw error; // none of the others would fare better
    const isThere = (error as Error).name === 'PreconditionFailed';
    return isThere ? { ...line, outcome: 'there already' } : { ...line, outcome: 'failed', reason: messageOf(error) };
  }
}

/** What is to be done with each file. */
export async function planFiles(folder: string, plan: Plan): Promise<Planned[]> {
  return (await filesOf(folder)).map((line) => plan.of(line));
}
