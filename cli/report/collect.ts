import { Holding, State } from './state';
import { Aws } from '../aws';
import { customersOf } from '../operate/customers';
import { findLake } from '../operate/lake';
import { Item, Manifest, STATUSES } from '../operate/manifest';
import { LakeOptions } from '../operate/options';
import { progress } from '../operate/output';
import { look } from '../operate/status';
import { together } from '../operate/together';

/** Customers that are read at a time. */
const TOGETHER = 8;
/** Least object versions of each customer, however many customers there are. */
const LEAST = 10;

/** Reads a lake: its newest `most` object versions, the same share of each customer. */
export async function collect(aws: Aws, { organization, environment }: LakeOptions, most: number): Promise<State> {
  const options = { organization, environment };
  const lake = await findLake(aws, options);
  const [status, customers, { account, region }] = await Promise.all([
    look(aws, lake), customersOf(aws, options), aws.whereabouts(),
  ]);
  const manifest = new Manifest(aws, lake.manifestTable);
  const share = Math.max(LEAST, Math.floor(most / Math.max(1, customers.length)));
  let done = 0;
  const read = async (customer: string) => {
    const holding = await holdingOf(manifest, customer, share);
    progress(`${++done} of ${customers.length} customers`);
    return holding;
  };
  const holdings = await together(customers, TOGETHER, read).finally(() => progress(''));
  holdings.sort((a, b) => a.customer.localeCompare(b.customer));
  return { ...options, account, region, at: new Date(), status, customers: holdings };
}

/** A customer's newest object versions. One of the statuses may have them all, so each is read as far. */
async function holdingOf(manifest: Pick<Manifest, 'byStatus'>, customer: string, share: number): Promise<Holding> {
  const lists = await Promise.all(STATUSES.map((status) => newest(manifest.byStatus(customer, status), share)));
  const found = lists.flat().sort((a, b) => b.updated_at.localeCompare(a.updated_at));
  const items = found.slice(0, share);
  return { customer, items, since: found.length > share ? items[share - 1].updated_at : undefined };
}

/** One more than the share, if there are so many: so it is known that some were left out. */
async function newest(all: AsyncIterable<Item>, share: number): Promise<Item[]> {
  const items: Item[] = [];
  for await (const item of all) {
    items.push(item);
    if (items.length > share) break;
  }
  return items;
}
