import { IStackSynthesizer, isReusableStackSynthesizer, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { errorAt } from './errors';

/**
 * The stack of a shard's customers.
 *
 * It is a child of the lake in the construct tree, and so has the lake's tags, aspects and permissions boundary. It is
 * not a nested stack: CloudFormation allows 2,500 resources in an operation on nested stacks.
 */
export class Shard extends Stack {
  /** Scope of the customers. */
  public readonly customers: Construct;

  /**
   * @param taken names of stacks that other constructs of the app have
   * @throws if the name of the shard is taken, or the lake's synthesizer serves one stack only
   */
  constructor(scope: Construct, shard: number, taken: ReadonlySet<string>) {
    const lake = Stack.of(scope);
    const stackName = `${lake.stackName}-customers-${shard}`;
    if (taken.has(stackName)) throw nameIsTaken(scope, stackName, shard);
    super(scope, `customers-${shard}`, {
      stackName,
      description: `Customers of shard ${shard} of the data lake in ${lake.stackName}`,
      env: { account: lake.account, region: lake.region },
      terminationProtection: lake.terminationProtection,
      tags: lake.tags.tagValues(), // those of the stack's props: no construct inherits them
      synthesizer: synthesizerOf(lake, scope),
      suppressTemplateIndentation: true, // the bytes of a template are limited
    });
    // The same path as in the lake's stack: logical ids are made of it, and they are a contract.
    const path = scope.node.scopes.slice(lake.node.scopes.length);
    this.customers = path.reduce<Construct>((parent, { node: { id } }) => new Construct(parent, id), this);
  }
}

/** Names of the app's stacks. */
export function stackNames({ node: { root } }: Construct): ReadonlySet<string> {
  return new Set(root.node.findAll().flatMap((construct) => (Stack.isStack(construct) ? [construct.stackName] : [])));
}

function nameIsTaken(scope: Construct, stackName: string, shard: number): Error {
  return errorAt(scope, `the stack of shard ${shard} must have a name of its own, got: '${stackName}', which another `
    + 'stack of the app has; write another "shard", or give each lake a stack of its own');
}

/** A synthesizer serves one stack. One that can serve several is the prototype of the copy that a stack has. */
function synthesizerOf(lake: Stack, scope: Construct): IStackSynthesizer {
  const original: IStackSynthesizer = Object.getPrototypeOf(lake.synthesizer);
  if (isReusableStackSynthesizer(original) && !Object.hasOwn(original, 'constructor')) return original;
  throw errorAt(scope, 'the synthesizer of the lake\'s stack must be reusable, since the shards\' stacks use it too, '
    + `got: ${lake.synthesizer.constructor.name}; write new DefaultStackSynthesizer({ ... })`);
}
