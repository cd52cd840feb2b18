import { identityOf, Item, keyOf, Manifest } from '../manifest';

/** A version of an object, and what was made of it. */
export interface Version {
  readonly key: string;
  /** Undefined: the output is written, and the next stage has not begun with it. */
  readonly item?: Item;
  readonly made: readonly Version[];
}

type Versions = Pick<Manifest, 'versions' | 'byStatus'>;

/** Statuses of an object whose output was written. */
const DONE = ['SUCCEEDED', 'SUPERSEDED'];

/**
 * The versions that were uploaded of what an object was made of, the newest first, with all that was made of them;
 * none if the manifest does not know the object.
 *
 * An output's key is a function of its input's key. So all versions of three keys are the whole answer.
 */
export async function lineageOf(manifest: Versions, customer: string, key: string): Promise<Version[]> {
  const items = new Map<string, Item>();
  const seen = new Set<string>();
  for (const waiting = [key]; waiting.length;) {
    const next = waiting.pop()!;
    if (seen.has(next)) continue;
    seen.add(next);
    const versions: Item[] = [];
    for await (const version of manifest.versions(customer, next)) versions.push(version);
    for (const version of versions) items.set(identityOf(version), version);
    waiting.push(...versions.flatMap(keysBeside), ...await unnamedSource(manifest, customer, versions));
  }
  return rootsOf([...items.values()]);
}

/** Keys of the objects next to one in its lineage. */
function keysBeside({ source, outputs = [] }: Item): string[] {
  const [, sourceKey] = /^[^#]*#(.*)#[^#]*$/s.exec(source ?? '') ?? [];
  return sourceKey === undefined ? [...outputs] : [sourceKey, ...outputs];
}

/**
 * The key of the CSV file of JSON lines that name none: the second stage writes `source` when it is done. The first one
 * ends its own item after the JSON lines are written, so only items that were updated since can name them.
 */
async function unnamedSource(manifest: Versions, customer: string, versions: readonly Item[]): Promise<string[]> {
  const [made] = versions;
  if (made?.layer !== 'processed' || versions.some(({ source }) => source)) return [];
  for (const status of DONE) {
    for await (const item of manifest.byStatus(customer, status, made.uploaded_at)) {
      if (item.outputs?.includes(keyOf(made))) return [keyOf(item)];
    }
  }
  return [];
}

/**
 * The versions that were made of no other among these, the newest first. Both ends know of a link: an input names its
 * outputs, an output its source.
 */
export function rootsOf(items: readonly Item[]): Version[] {
  const ordered = [...items].sort((a, b) => uploaded(b).localeCompare(uploaded(a)));
  const known = new Map(ordered.map((item) => [identityOf(item), item]));
  const children = new Map(ordered.map((item) => [identityOf(item), outputsOf(item)]));
  for (const item of ordered) if (item.source) children.get(item.source)?.set(identityOf(item), keyOf(item));
  const hasParent = new Set([...children.values()].flatMap((made) => [...made.keys()]));
  const joined = (identity: string, key: string): Version => ({
    key,
    item: known.get(identity),
    made: [...children.get(identity) ?? []].map(([child, childKey]) => joined(child, childKey)),
  });
  return ordered.map((item) => [identityOf(item), keyOf(item)] as const)
    .filter(([identity]) => !hasParent.has(identity))
    .map(([identity, key]) => joined(identity, key));
}

/** Keys of the versions that an item names as its outputs, by their identity. */
function outputsOf({ object, outputs = [], output_versions: versions = [] }: Item): Map<string, string> {
  const customer = object.slice(0, object.indexOf('#'));
  return new Map(outputs.flatMap((key, at) => (
    versions[at] ? [[identityOf({ object: `${customer}#${key}`, version: versions[at] }), key]] : [])));
}

/** Sorts by upload. Several uploads in a millisecond are told apart by S3's sequencer. */
const uploaded = ({ uploaded_at: time = '', sequencer = '' }: Item): string => (
  `${time} ${sequencer.padStart(64, '0')}`);

/** A version and all that was made of it. */
export function flat(version: Version): Version[] {
  return [version, ...version.made.flatMap(flat)];
}
