/**
 * List prices in US$, in us-east-1, without transfer from another Region:
 * https://aws.amazon.com/s3/pricing/, https://aws.amazon.com/step-functions/pricing/,
 * https://aws.amazon.com/eventbridge/pricing/
 */
const COPY = 0.005 / 1000;
const LIST = 0.005 / 1000;
const EVENT = 1 / 1e6;
/** An Express child: a transition that starts it, a request, and 64 MB for as long as a batch takes. */
const CHILD = 0.025 / 1000 + 1 / 1e6 + 2 * 0.0625 * 0.00001667;
/** Objects that S3 lists at once, and that a child copies: `BATCH` in src/private/import-states.ts. */
const PAGE = 1000;
const BATCH = 20;
/** An assumption: 200 copies at once, a second each with all that is around them. */
const OBJECTS_PER_SECOND = 200;
/** An assumption for large objects, all copies together. */
const BYTES_PER_SECOND = 1e9;

export interface Backlog {
  /** Objects that were listed. */
  readonly listed: number;
  /** Objects and bytes that are to be copied. */
  readonly objects: number;
  readonly bytes: number;
}

/** What an import costs and how long its copies take. The work of the jobs is that of uploads: docs/cost.md. */
export function estimate({ listed, objects, bytes }: Backlog): { usd: number; hours: number } {
  const usd = objects * (COPY + EVENT) + Math.ceil(listed / PAGE) * LIST + Math.ceil(listed / BATCH) * CHILD;
  return { usd, hours: Math.max(objects / OBJECTS_PER_SECOND, bytes / BYTES_PER_SECOND) / 3600 };
}
