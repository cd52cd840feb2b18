import { chart } from './charts';
import { bytes, inLayer, namedOf, number, sums } from './figures';
import { flow } from './flow';
import { folded, Html, html, table } from './html';
import { lineages } from './lineages';
import { price } from './price';
import { State } from './state';
import { STYLE } from './style';
import { keyOf } from '../operate/manifest';
import { local } from '../operate/output';
import { counted } from '../words';

/** Rows of a table in the page. The commands have them all. */
const MOST_ROWS = 200;
/** Nothing but the style: the page can load nothing, run nothing and send nothing. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/** The state of a lake as one page that needs nothing else. */
export async function page(state: State): Promise<string> {
  const { organization, environment, account, region, at, status } = state;
  const { names, nameOf } = namedOf(state);
  const shared = { sums: sums(state, 'day', nameOf), names, until: at };
  const charts = await Promise.all([
    chart({ title: 'Files per day (UTC)', noun: 'files', ...shared }),
    chart({ title: 'Rows per day (UTC)', noun: 'rows', ...shared }),
  ]);
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${new Html(POLICY)}">
<title>Data lake of ${organization}, ${environment}</title><style>${new Html(STYLE)}</style></head><body>
<header><h1>Data lake of ${organization}, ${environment}</h1>
<p class="facts">Stack ${status.stack}, account ${account}, ${region} · ${local(at.toISOString())}</p>
${health(state)}</header>
<main>
<section><h2>Flow</h2>${flow(state)}</section>
<section><h2>Arrivals</h2><div class="charts">${charts}</div></section>
<section><h2>Not in the tables</h2>${failures(state)}</section>
<section><h2>Values that did not fit</h2>${misfits(state)}</section>
<section><h2>Lineage</h2>${lineages(state)}</section>
<section><h2>Usage by customer and month</h2>${usage(state)}</section>
<section><h2>Price by month</h2>${price(state)}</section>
</main>
<footer>${bounds(state)}</footer></body></html>
`.text;
}

/** The alarms that ring, each with the runbook's heading to open. */
function health({ status: { ringing } }: State): Html {
  if (!ringing.length) return html`<p class="verdict good">Healthy: no alarm rings. There is nothing to do.</p>`;
  const items = ringing.map(({ description, since }) => {
    const [, text = description, link, heading = ''] = /^(.*?)\.? (https:\S+#(\S+))$/.exec(description) ?? [];
    const advice = link && html`<br><a href="${link}">What to do: ${heading.replaceAll('-', ' ')}</a>`;
    return html`<li>${text}${since && html` <span class="note">since ${local(new Date(since).toISOString())}</span>`}${
      advice}</li>`;
  });
  return html`<p class="verdict bad">${counted(ringing.length, 'alarm')} ${ringing.length === 1 ? 'rings' : 'ring'}</p>
<ul class="todo">${items}</ul>`;
}

function failures(state: State): Html {
  const bad = [...inLayer(state, 'raw'), ...inLayer(state, 'processed')]
    .filter(({ item }) => ['REJECTED', 'FAILED', 'RETRYING'].includes(item.status))
    .map(({ customer, item }) => [
      local(item.updated_at), customer, html`<code>${keyOf(item)}</code>`, item.status,
      html`<div class="reason">${item.error?.message}</div>`,
    ]);
  if (!bad.length) return html`<p>Nothing: no object was rejected or given up.</p>`;
  return table('Not in the tables', [['Updated'], ['Customer'], ['Object'], ['Status'], ['Reason']], bad, MOST_ROWS);
}

function misfits(state: State): Html {
  const found = inLayer(state, 'raw')
    .filter(({ item }) => item.status === 'SUCCEEDED' && (item.values_rescued || item.rows_short))
    .map(({ customer, item }) => [
      customer, html`<code>${keyOf(item)}</code>`, number(item.rows_out), number(item.values_rescued),
      number(item.rows_short), Object.keys(item.rescued_by_column ?? {}).join(', '),
      html`<div class="reason">${item.advice?.map((each) => html`<p>${each}</p>`)}</div>`,
    ]);
  if (!found.length) return html`<p>None: every value fits its column.</p>`;
  return table('Values that did not fit', [
    ['Customer'], ['Object'], ['Rows', true], ['Rescued', true], ['Short rows', true], ['Columns'], ['Advice'],
  ], found, MOST_ROWS);
}

function usage(state: State): Html {
  const rows = [...sums(state, 'month')].reverse().map(({ customer, period, ...sum }) => (
    [period, customer, number(sum.files), bytes(sum.bytes), number(sum.rows)]));
  return table('Usage by customer and month', [
    ['Month'], ['Customer'], ['Files', true], ['Uploaded', true], ['Rows', true],
  ], rows, MOST_ROWS);
}

/** What the page leaves out. */
function bounds({ customers }: State): Html {
  const read = customers.reduce((sum, { items }) => sum + items.length, 0);
  const cut = customers.filter(({ since }) => since);
  const all = `All figures are of the ${counted(read, 'object version')} in the manifest.`;
  if (!cut.length) return html`<p>${all}</p>`;
  const rows = cut.map(({ customer, since }) => [customer, local(since)]);
  return html`<p>All figures are of the newest ${counted(read, 'object version')}. ${
    counted(cut.length, 'customer')} of ${number(customers.length)} ${cut.length === 1 ? 'has' : 'have'} older ones that
are not counted here; <code>--objects</code> reads more of them.</p>
${folded('From when on each customer is complete', table('Completeness', [['Customer'], ['Complete since']], rows))}`;
}
