import { GetQueueAttributesCommand, QueueAttributeName } from '@aws-sdk/client-sqs';
import { Item, Manifest, STATUSES } from './manifest';
import { versionPages } from './versions';
import { Aws } from '../aws';

const RAW = 'raw/';
const LAYERS = [RAW, 'processed/', 'analytics-ready/'];

/** How bucket and manifest can contradict each other. The runbook says what to do. */
export type Kind = 'object without a manifest item' | 'PROCESSING past its lease' | 'output without a source'
  | 'source without an output';

/** One contradiction. */
export interface Finding {
  readonly customer: string;
  readonly kind: Kind;
  readonly key: string;
  readonly version: string;
}

/** A customer, and where its objects, items and messages are. */
export interface Place {
  readonly customer: string;
  readonly bucket: string;
  readonly manifestTable: string;
  /** URL of the work queue by the layer whose objects it is about. */
  readonly workQueues: Readonly<Record<string, string>>;
}

/** Things by key and version. */
type ByVersion<T> = ReadonlyMap<string, T>;
type Found = Pick<Finding, 'key' | 'version'>;

/**
 * Reads everything in the order in which a message passes through, so that work in progress is no contradiction: an
 * object whose message is gone when the queues are read has its item when the manifest is read.
 */
export async function contradictions(aws: Aws, place: Place): Promise<Finding[]> {
  const objects = await currentObjects(aws, place.bucket);
  const isBusy = await Promise.all(Object.values(place.workQueues).map((url) => isInUse(aws, url)));
  const busyLayers = Object.keys(place.workQueues).filter((_, at) => isBusy[at]);
  const items = await itemsOf(new Manifest(aws, place.manifestTable), place.customer);
  const found = compare(objects, items, busyLayers, Date.now() / 1000);
  return found.map((each) => ({ customer: place.customer, ...each }));
}

/**
 * All contradictions.
 *
 * @param busyLayers layers whose queue is not empty: objects without an item may still wait
 * @param now in seconds of the epoch
 */
export function compare(
  objects: ByVersion<Found>, items: ByVersion<Item>, busyLayers: readonly string[], now: number,
): Omit<Finding, 'customer'>[] {
  // While a version is processed again, and if it fails then, its former output stays.
  const inForce = [...items.values()].filter(({ status }) => status !== 'SUPERSEDED');
  const made = new Set(inForce.flatMap(outputsOf));
  const found: Omit<Finding, 'customer'>[] = [];
  for (const [id, { key, version }] of objects) {
    const item = items.get(id);
    if (!item && !busyLayers.some((layer) => key.startsWith(layer))) {
      found.push({ kind: 'object without a manifest item', key, version });
    }
    if (item?.source && !key.startsWith(RAW) && !made.has(id)) {
      found.push({ kind: 'output without a source', key, version });
    }
    // An output whose source was deleted on purpose is not missed.
    if (item?.status === 'SUCCEEDED' && outputsOf(item).some((output) => !objects.has(output))) {
      found.push({ kind: 'source without an output', key, version });
    }
  }
  for (const item of items.values()) {
    const isStuck = item.status === 'PROCESSING' && (item.lease_until ?? 0) < now;
    if (isStuck) found.push({ kind: 'PROCESSING past its lease', key: keyOf(item), version: item.version });
  }
  const order = ({ kind, key, version }: Omit<Finding, 'customer'>) => `${kind}\0${key}\0${version}`;
  return found.sort((a, b) => (order(a) < order(b) ? -1 : 1));
}

/** Objects that the jobs pass over: markers of folders, and what tools leave beside data. `is_hidden` in keys.py. */
export function isPassedOver(key: string, size: number): boolean {
  const folders = key.split('/');
  const name = folders.pop()!;
  const hasEnding = /\.[a-z0-9]{1,16}$/.test(name.toLowerCase().replace(/\.gz$/, ''));
  const isMarker = name.startsWith('_') && !hasEnding;
  const isHidden = name.startsWith('.') || folders.some((folder) => /^(\.|_temporary)/.test(folder));
  return isMarker || isHidden || (!name && !size);
}

export const idOf = (key: string, version: string): string => `${key}\0${version}`;

/** The current objects of the layers, without deleted and replaced versions. */
async function currentObjects(aws: Aws, bucket: string): Promise<ByVersion<Found>> {
  const objects = new Map<string, Found>();
  for (const layer of LAYERS) {
    for await (const { Versions = [] } of versionPages(aws, bucket, layer)) {
      for (const { Key: key, VersionId: version, IsLatest, Size } of Versions) {
        if (IsLatest && !isPassedOver(key!, Size!)) objects.set(idOf(key!, version!), { key: key!, version: version! });
      }
    }
  }
  return objects;
}

/** Whether messages wait, or a run holds some. */
async function isInUse(aws: Aws, QueueUrl: string): Promise<boolean> {
  const AttributeNames = ['', 'NotVisible', 'Delayed'].map((kind) => (
    `ApproximateNumberOfMessages${kind}` as QueueAttributeName));
  const { Attributes = {} } = await aws.sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames }));
  return Object.values(Attributes).some((count) => Number(count) > 0);
}

/** One status after the other: an item that moves on meanwhile is read a second time rather than missed. */
async function itemsOf(manifest: Manifest, customer: string): Promise<ByVersion<Item>> {
  const items = new Map<string, Item>();
  for (const status of STATUSES) {
    for await (const item of manifest.byStatus(customer, status)) items.set(idOf(keyOf(item), item.version), item);
  }
  return items;
}

const keyOf = ({ object }: Item): string => object.slice(object.indexOf('#') + 1);

function outputsOf({ outputs = [], output_versions: versions = [] }: Item): string[] {
  return outputs.map((key, at) => idOf(key, versions[at]));
}
