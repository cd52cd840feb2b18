import Table from 'cli-table3';

/** Width of a table that goes to no terminal, and of a last column at least. */
const WIDTH = 160;
const LEAST = 30;
const STEPS: readonly (readonly [string, number])[] = [['day', 86_400], ['hour', 3600], ['minute', 60], ['second', 1]];

/** Writes to standard output. */
export function print(...texts: string[]): void {
  process.stdout.write(`${texts.join('')}\n`);
}

/** Shows how far a long work has come, in one line of a terminal. Logs and pipes do not get it. */
export function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
}

/** Returns whether Ctrl+C was pressed since. A second one ends the process at once. */
export function interruption(): () => boolean {
  let isInterrupted = false;
  process.once('SIGINT', () => { isInterrupted = true; });
  return () => isInterrupted;
}

/** A table for people. Its last column has the free text, and wraps where the terminal is too narrow. */
export function tableOf(head: string[], rows: readonly (readonly (string | number | undefined)[])[]): string {
  const texts = rows.map((row) => row.map((cell) => String(cell ?? '')));
  const widths = head.map((name, at) => Math.max(name.length, ...texts.map((row) => longestLine(row[at]))) + 2);
  const others = widths.slice(0, -1).reduce((sum, each) => sum + each + 1, 2);
  const room = Math.max(LEAST, (process.stdout.columns ?? WIDTH) - others);
  const table = new Table({
    head,
    colWidths: [...widths.slice(0, -1), Math.min(widths[widths.length - 1], room)],
    style: { head: [], border: [], compact: true },
    wordWrap: true,
  });
  table.push(...texts);
  return table.toString();
}

/** How long ago something was: `3 minutes ago`. */
export function ago(time: Date | undefined, now = Date.now()): string {
  if (!time) return '';
  const seconds = Math.max(0, Math.round((now - time.getTime()) / 1000));
  const [unit, length] = STEPS.find(([, each]) => seconds >= each) ?? STEPS[STEPS.length - 1];
  const count = Math.floor(seconds / length);
  return `${count} ${unit}${count === 1 ? '' : 's'} ago`;
}

/** A time of AWS in the user's zone: `2026-01-31 13:00:05`. */
export function local(time: string | undefined): string {
  return time ? new Date(time).toLocaleString('sv-SE') : '';
}

const longestLine = (text: string): number => Math.max(...text.split('\n').map((line) => line.length));
