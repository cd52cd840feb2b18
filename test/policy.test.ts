import { execFileSync } from 'child_process';
import { join } from 'path';
import { JOB_TIMEOUT } from '../src/private/glue';
import { MAX_RECEIVE_COUNT, RETENTION, VISIBILITY_TIMEOUT } from '../src/stage';

const ROOT = join(__dirname, '..');

/** The numbers of the jobs, from glue-assets/datalake/policy.py. */
function jobPolicy(): Record<string, number> {
  const program = 'import json; from datalake import policy; '
    + 'print(json.dumps({name: value for name, value in vars(policy).items() if name.isupper()}))';
  const env = { ...process.env, PYTHONPATH: join(ROOT, 'glue-assets'), PYTHONDONTWRITEBYTECODE: '1' };
  return JSON.parse(execFileSync(join(ROOT, '.venv/tools/bin/python'), ['-c', program], { env, encoding: 'utf-8' }));
}

const policy = jobPolicy();

test('the last object that a run begins has its whole time before Glue ends the run', () => {
  expect(JOB_TIMEOUT.toSeconds()).toBe(policy.RUN_SECONDS + policy.OBJECT_SECONDS);
});

test('credentials of an hour last until the run ends', () => {
  expect(policy.RUN_SECONDS + policy.OBJECT_SECONDS).toBeLessThanOrEqual(3600);
});

test('a renewal may fail before a message comes back', () => {
  const interval = VISIBILITY_TIMEOUT.toSeconds() / policy.BEATS_PER_LEASE + policy.TICK_SECONDS;

  expect(2 * interval).toBeLessThan(VISIBILITY_TIMEOUT.toSeconds());
});

test('SQS moves no message while the attempts of the job decide', () => {
  const whileAnotherHolds = JOB_TIMEOUT.toSeconds() / VISIBILITY_TIMEOUT.toSeconds();
  const whileRunsDie = 2 * policy.MOST_ATTEMPTS;

  expect(MAX_RECEIVE_COUNT).toBeGreaterThan(whileAnotherHolds + whileRunsDie + policy.MOST_ATTEMPTS);
});

test('a message outlives all waits between its receives', () => {
  const longest = MAX_RECEIVE_COUNT * policy.LONGEST_BACKOFF_SECONDS;

  expect(longest).toBeLessThan(RETENTION.toSeconds());
});
