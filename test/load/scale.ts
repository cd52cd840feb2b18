/**
 * Synthesizes lakes of more and more customers with the oldest supported aws-cdk-lib, and prints what that takes and
 * how near their templates come to the limits of AWS.
 *
 *     npx projen scale                  # 10, 100, 1,000 and 10,000 customers
 *     npx projen scale -- 1500
 */
import { spawnSync } from 'child_process';
import { mkdtempSync, rmSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { figures, LIMITS } from './figures';

const ROOT = join(__dirname, '..', '..');
const COUNTS = [10, 100, 1_000, 10_000];

/** What a process that synthesizes takes, as `cdk synth` starts one. Other work on the machine makes it wait. */
function synthesize(customers: number, folder: string): string[] {
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync('node', ['--import', 'tsx', 'test/load/scale-app.ts'], {
    cwd: ROOT,
    encoding: 'utf-8',
    env: { ...process.env, CUSTOMERS: String(customers), CDK_OUTDIR: folder, JSII_DEPRECATED: 'quiet' },
  });
  if (status) throw new Error(`the synthesis of ${customers} customers failed:\n${stderr}`);
  const { userCPUTime, systemCPUTime, maxRSS }: NodeJS.ResourceUsage = JSON.parse(stdout);
  const seconds = [(performance.now() - started) / 1_000, (userCPUTime + systemCPUTime) / 1_000_000];
  return [...seconds.map((each) => each.toFixed(1)), (maxRSS / 1_024).toFixed(0)];
}

/** Cells of a lake's column. */
function column(customers: number): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'scale-'));
  try {
    return [`${customers}`, ...synthesize(customers, folder), ...Object.values(figures(folder)).map(String)];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function main(counts: number[]): void {
  const names = ['customers', 'seconds', 'seconds of CPU', 'peak MB', ...Object.keys(LIMITS)];
  const limits = ['limit', '', '', '', ...Object.values(LIMITS).map((limit) => `${limit ?? ''}`)];
  const columns = [names, limits, ...counts.map(column)];
  const [head, ...others] = names.map((_, row) => `| ${columns.map((cells) => cells[row]).join(' | ')} |`);
  console.log([head, `|---|${'---:|'.repeat(columns.length - 1)}`, ...others].join('\n'));
}

main(process.argv.length > 2 ? process.argv.slice(2).map(Number) : COUNTS);
