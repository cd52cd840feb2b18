import { Token } from 'aws-cdk-lib';

/** Where a value is in the list of customers: `[1, 'datasets', 0, 'name']`. */
export type Path = ReadonlyArray<string | number>;

/** One error. The text continues a sentence that begins with the path. */
export interface Problem {
  readonly path: Path;
  readonly text: string;
}

const LONGEST_SHOWN = 80;

/** `customers[1].datasets[0].name` */
export function pathText(where: Path): string {
  const step = (key: string | number) =>
    typeof key === 'number' ? `[${key}]` : /^\w+$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
  return `customers${where.map(step).join('')}`;
}

/** A value as JSON, cut where it is long. */
export function shown(value: unknown): string {
  if (Token.isUnresolved(value)) return 'a value that is known only at deployment';
  const text = JSON.stringify(value);
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
}
