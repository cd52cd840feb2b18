import { State } from './state';
import { Item } from '../operate/manifest';

/** Customers with a colour of their own. The others share one. */
const MOST_NAMED = 6;
const OTHERS = 'others';

/** A sum of a customer in a day or month. */
export interface Sum {
  readonly customer: string;
  /** `2026-01-31` or `2026-01`, in UTC. */
  readonly period: string;
  readonly files: number;
  readonly bytes: number;
  readonly rows: number;
}

/** An object version with its customer. */
export interface Owned {
  readonly customer: string;
  readonly item: Item;
}

/** Object versions of a layer, the last updated first. */
export function inLayer(state: State, layer: string): Owned[] {
  const owned = state.customers.flatMap(({ customer, items }) => items.map((item) => ({ customer, item })));
  return owned.filter(({ item }) => item.layer === layer)
    .sort((a, b) => b.item.updated_at.localeCompare(a.item.updated_at));
}

/** Files and bytes that arrived, and rows that were read, by customer and period, the first period first. */
export function sums(state: State, per: 'day' | 'month', nameOf: (customer: string) => string = String): Sum[] {
  const found = new Map<string, Sum>();
  for (const { customer, item } of inLayer(state, 'raw')) {
    const period = (item.uploaded_at ?? item.updated_at).slice(0, per === 'day' ? 10 : 7);
    const name = nameOf(customer);
    const before = found.get(`${period} ${name}`) ?? { files: 0, bytes: 0, rows: 0 };
    found.set(`${period} ${name}`, {
      customer: name,
      period,
      files: before.files + 1,
      bytes: before.bytes + (item.size_bytes ?? 0),
      rows: before.rows + (item.rows_out ?? 0),
    });
  }
  return [...found.values()].sort((a, b) => (
    a.period.localeCompare(b.period) || a.customer.localeCompare(b.customer)));
}

/** The customers of most files, and the name under which a chart shows each customer. */
export function namedOf(state: State): { names: string[]; nameOf: (customer: string) => string } {
  const files = ({ items }: State['customers'][number]) => items.filter(({ layer }) => layer === 'raw').length;
  const all = [...state.customers].sort((a, b) => files(b) - files(a)).map(({ customer }) => customer);
  const names = all.length > MOST_NAMED + 1 ? all.slice(0, MOST_NAMED) : all;
  const nameOf = (customer: string) => (names.includes(customer) ? customer : OTHERS);
  return { names: names.length < all.length ? [...names, OTHERS] : names, nameOf };
}

export const number = (value: number | undefined): string => (value ?? 0).toLocaleString('en-US');

const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** `1.2 MB`, in powers of 1,000. */
export function bytes(value: number): string {
  const power = value < 1000 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(value) / 3));
  return `${(value / 1000 ** power).toLocaleString('en-US', { maximumFractionDigits: power ? 1 : 0 })} ${UNITS[power]}`;
}
