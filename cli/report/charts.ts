import { DOMImplementation, XMLSerializer } from '@xmldom/xmldom';
import { Sum } from './figures';
import { folded, Html, html, table } from './html';

const DAY = 86_400_000;
/** Fewer days make bars of absurd width. */
const LEAST_DAYS = 14;
/** The page has no script that could draw again, so it has a chart for wide and one for narrow screens. */
const SIZES = { wide: { width: 1000, height: 260 }, narrow: { width: 330, height: 220 } };

export interface Chart {
  readonly title: string;
  /** What is counted, as in `12 files`. */
  readonly noun: 'files' | 'rows';
  readonly sums: readonly Sum[];
  /** Customers in the order of their colours. */
  readonly names: readonly string[];
  readonly until: Date;
}

/** Bars by day, stacked by customer, with the same figures as a table. */
export async function chart({ title, noun, sums, names, until }: Chart): Promise<Html> {
  const shown = sums.filter((sum) => sum[noun]);
  const total = shown.reduce((sum, each) => sum + each[noun], 0);
  const label = `${title}: ${total.toLocaleString('en-US')} ${noun} of ${names.length} customers. A table follows.`;
  const figures = await Promise.all(Object.entries(SIZES).map(async ([name, size]) => html`
<div class="${name}" role="img" aria-label="${label}"><div aria-hidden="true">${
  await drawing(shown, noun, names, until, size)}</div></div>`));
  const rows = [...shown].reverse().map((sum) => [sum.period, sum.customer, sum[noun].toLocaleString('en-US')]);
  return html`<figure><figcaption><h3>${title}</h3></figcaption>
<ul class="legend">${names.map((name, at) => html`<li><span class="swatch c${at}"></span>${name}</li>`)}</ul>
${figures}
${folded('As a table', table(title, [['Day'], ['Customer'], [noun, true]], rows, 500))}</figure>`;
}

async function drawing(
  sums: readonly Sum[], noun: Chart['noun'], names: readonly string[], until: Date,
  size: { width: number; height: number },
): Promise<Html> {
  const { plot, rectY, ruleY } = await import('@observablehq/plot'); // an ES module, which no other command needs
  const last = Date.parse(until.toISOString().slice(0, 10)) + DAY;
  const first = Math.min(last - LEAST_DAYS * DAY, ...sums.map(({ period }) => Date.parse(period)));
  const svg = plot({
    document: new DOMImplementation().createDocument('http://www.w3.org/1999/xhtml', 'html', null) as never,
    ...size,
    style: 'font-size: 12px', // an object would need a document with styles
    marginLeft: 52,
    marginTop: 14,
    x: { type: 'utc', domain: [first, last], label: null, ticks: size.width / 90 },
    y: { grid: true, label: null, ticks: 4, tickFormat: 's' },
    color: { domain: names, range: names.map((_, at) => `var(--c${at})`) },
    marks: [
      rectY(sums, {
        x1: ({ period }: Sum) => Date.parse(period),
        x2: ({ period }: Sum) => Date.parse(period) + DAY,
        y: noun,
        fill: 'customer',
        order: [...names],
        inset: 0.5,
        title: (sum: Sum) => `${sum.period}, ${sum.customer}: ${sum[noun].toLocaleString('en-US')} ${noun}`,
      }),
      ruleY([0]),
    ],
  });
  return new Html(new XMLSerializer().serializeToString(svg as never));
}
