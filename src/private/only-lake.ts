import { Stack, Token } from 'aws-cdk-lib';
import { RegionInfo } from 'aws-cdk-lib/region-info';
import { IConstruct } from 'constructs';
import { errorAt } from './errors';

/** The lakes of every app, by what makes their names. */
const lakes = new WeakMap<IConstruct, Map<string, IConstruct>>();

/** Throws if the app has another lake of these names. Bucket names are unique in a partition, in all its accounts. */
export function checkOnlyLake(lake: IConstruct, organization: string, environment: string): void {
  const { root } = lake.node;
  const known = lakes.get(root) ?? new Map<string, IConstruct>();
  lakes.set(root, known);
  const { region } = Stack.of(lake);
  const partition = Token.isUnresolved(region) ? undefined : RegionInfo.get(region).partition;
  const names = [partition ?? 'aws', organization, environment].join(' ');
  const other = known.get(names);
  if (other) {
    throw errorAt(lake, 'an app must have one lake for each organization and environment, which name its buckets, '
      + `got: '${organization}' and '${environment}', which ${other.node.path} has already; write another environment, `
      + `for example '${environment}2'`);
  }
  known.set(names, lake);
}
