import { bytes, inLayer, number, Sum, sums } from './figures';
import { Html, html, table } from './html';
import { State } from './state';

/** US dollars by list prices of us-east-1. The first two are the sums of docs/cost.md, which has their parts. */
export const PRICES = { millionFiles: 49.29, lakeMonth: 5.98, gigabyteMonth: 0.023 };
const COST = 'https://github.com/modern-data-lake/modern-data-lake/blob/main/docs/cost.md';

/** About what each month costs, and what the stored files cost a month. */
export function price(state: State): Html {
  const rows = sums(state, 'month', () => 'all').reverse().map(row);
  const kept = [...inLayer(state, 'raw'), ...inLayer(state, 'processed')]
    .filter(({ item }) => item.status === 'SUCCEEDED')
    .reduce((sum, { item }) => sum + (item.size_bytes ?? 0), 0);
  return html`${table('Price by month', [
    ['Month'], ['Files', true], ['Files, US$', true], ['Lake, US$', true], ['Sum, US$', true],
  ], rows)}<p class="note">About, by list prices of us-east-1: ${PRICES.millionFiles} for a million files of 30 KB, and
${PRICES.lakeMonth} a month for a lake with all alarms and without uploads. Queries come on top, and storage: the CSV
and JSON of the current versions are ${bytes(kept)}, which is ${dollars(kept / 1e9 * PRICES.gigabyteMonth)} a month.
<a href="${COST}">What is in these prices</a>.</p>`;
}

function row({ period, files }: Sum): string[] {
  const ofFiles = files * PRICES.millionFiles / 1e6;
  return [period, number(files), dollars(ofFiles), dollars(PRICES.lakeMonth), dollars(ofFiles + PRICES.lakeMonth)];
}

/** `1,234.50`, or `< 0.01` for less than half a cent that is not nothing. */
function dollars(value: number): string {
  if (value > 0 && value < 0.005) return '< 0.01';
  return value.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
}
