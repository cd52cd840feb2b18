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
