import { Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';

/** An error that begins with the path of a construct, as CDK's own validation errors do. */
export function errorAt(construct: IConstruct, message: string): Error {
  return new Error(`[${construct.node.path}] ${message}`);
}

/** Runs checks that know no construct. What they throw gets the path of the construct. */
export function checkAt<T>(construct: IConstruct, check: () => T): T {
  try {
    return check();
  } catch (error) {
    throw errorAt(construct, (error as Error).message);
  }
}

/** What was given, for an error: short, and on one line. */
export function shown(value: unknown): string {
  if (Token.isUnresolved(value)) return 'a value that is known only at deployment';
  if (typeof value === 'string') return `'${value}'`;
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return `an object of ${value.constructor?.name ?? 'no class'}`;
  return String(value);
}
