import Table from 'cli-table3';
import { Finding, Status } from './check';
import { Report } from './examine';

/** What an account does not tell. */
export const UNSEEN = [
  'service control policies and permissions boundaries, which can refuse a deployment all the same',
  'whether Glue has version 6.0 in the Region: no call tells, the page of the Region in AWS\'s documentation does',
  'policies and keys of other accounts, and whether their roles exist',
];

const LABELS: Record<Status, string> = { ok: 'OK', warning: 'warning', failure: 'FAILURE', unknown: 'unknown' };
const COLORS: Record<Status, string> = { ok: '32', warning: '33', failure: '31', unknown: '35' };
const WIDTH = { status: 9, check: 24, finding: 83 };

/** A table for people. */
export function table({ account, region, stack, results }: Report, isColored: boolean): string {
  const rows = results.flatMap(({ check, findings }) => (
    findings.map((finding, index) => [label(finding.status, isColored), index ? '' : check.title, text(finding)])));
  const found = new Table({
    head: ['', 'Check', 'Finding'],
    colWidths: Object.values(WIDTH),
    style: { head: [], border: [], compact: true },
    wordWrap: true,
  });
  found.push(...rows);
  return [
    `Account ${account}, Region ${region}: ${stack ? `the lake is deployed as ${stack}` : 'the lake is not deployed'}`,
    found.toString(),
    'The doctor cannot see:',
    ...UNSEEN.map((what) => `- ${what}`),
    summary(results.flatMap(({ findings }) => findings)),
  ].join('\n');
}

/** The same for programs. */
export function json({ account, region, stack, results }: Report): string {
  const checks = results.map(({ check: { id, title }, findings }) => ({ id, title, findings }));
  return JSON.stringify({ account, region, stack, checks, unseen: UNSEEN }, undefined, 2);
}

function label(status: Status, isColored: boolean): string {
  return isColored ? `\u001b[${COLORS[status]}m${LABELS[status]}\u001b[39m` : LABELS[status];
}

function text({ text: what, remedy }: Finding): string {
  return remedy ? `${what}\n→ ${remedy}` : what;
}

function summary(findings: readonly Finding[]): string {
  const count = (status: Status) => findings.filter((finding) => finding.status === status).length;
  return `${count('ok')} OK, ${count('warning')} warnings, ${count('failure')} failures, ${count('unknown')} unknown`;
}
