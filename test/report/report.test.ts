import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import axe from 'axe-core';
import { buildSync } from 'esbuild';
import { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { start } from './browser';
import { Item } from '../../cli/operate/manifest';
import { Holding, State } from '../../cli/report/state';

const ROOT = join(__dirname, '../..');
/** The manifest of a lake in the local AWS, after uploads of which some were rejected and some replaced. */
const ITEMS: readonly Item[] = readFileSync(join(ROOT, 'test/cli/manifest.jsonl'), 'utf-8').trim().split('\n')
  .map((line) => JSON.parse(line)).filter(({ status }) => status)
  .sort((a, b) => b.updated_at.localeCompare(a.updated_at));
const HOSTILE = 'raw/readings/<script>alert(1)</script> & "x".csv';
const WIDE = { viewport: { width: 1200, height: 800 } };
const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

const holdingOf = (customer: string): Holding => (
  { customer, items: ITEMS.filter(({ object }) => object.startsWith(`${customer}#`)) });
const stage = (name: string, deadLetters: number) => (
  { stage: name, waiting: 0, inFlight: 0, deadLetters, running: 0, failedRuns: [] });
const LAKE: State = {
  organization: 'mycompany',
  environment: 'dev',
  account: '123456789012',
  region: 'eu-central-1',
  at: new Date('2026-11-25T19:00:00Z'),
  status: {
    stack: 'Lake',
    stages: [stage('ProcessCsv', 3), stage('AnalyticsTransform', 0)],
    ringing: [{
      alarm: 'Lake-DeadLetters',
      description: 'ProcessCsv: objects were given up. https://example.org/runbook.md#dead-letter-queue-not-empty',
      since: new Date('2026-11-25T18:38:41Z'),
    }],
  },
  customers: [holdingOf('acme'), holdingOf('globex')],
};

jest.setTimeout(60_000); // axe-core reads everything: one second alone, many on a busy machine

let pageOf: (state: State) => Promise<string>;
let browser: Browser;
const folder = mkdtempSync(join(tmpdir(), 'report-'));

/** What a state looks like in the browser. A request to anywhere but the file itself fails the test. */
async function open(state: State, options: BrowserContextOptions = WIDE): Promise<Page> {
  const file = join(folder, 'report.html');
  writeFileSync(file, await pageOf(state));
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.on('request', (request) => expect(request.url()).toBe(`file://${file}`));
  page.on('dialog', () => { throw new Error('a script of the page ran'); });
  await page.goto(`file://${file}`);
  return page;
}

/** What axe-core finds. It runs outside of the page's policy, which forbids all scripts. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations: found }: axe.AxeResults = await page.evaluate('axe.run()');
  return found.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}

/** Texts of a section's element, such as the cells of its table. */
const texts = (page: Page, heading: string, selector: string): Promise<string[]> => (
  page.locator('section', { has: page.getByRole('heading', { name: heading, exact: true }) })
    .locator(selector).allInnerTexts());

beforeAll(async () => {
  const outfile = join(folder, 'page.js');
  buildSync({ // as the command is bundled: Jest cannot load the library of the charts, an ES module
    entryPoints: [join(ROOT, 'cli/report/page.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    mainFields: ['module', 'main'],
    logLevel: 'error',
  });
  pageOf = jest.requireActual(outfile).page;
  browser = await start();
}, 120_000);

afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});

test('the flow has the counts of the manifest', async () => {
  const page = await open(LAKE);

  const count = (layer: string, ...statuses: string[]) => ITEMS.filter((item) => (
    item.layer === layer && (!statuses.length || statuses.includes(item.status))));
  const rows = count('analytics-ready', 'SUCCEEDED').reduce((sum, { rows_out }) => sum + rows_out!, 0);
  expect(await texts(page, 'Flow', 'strong')).toEqual([
    count('raw').length, 'idle', count('processed', 'SUCCEEDED').length, 'idle', rows.toLocaleString('en-US'),
  ].map(String));
  expect(await texts(page, 'Flow', '.alert li.alert')).toEqual([
    `${count('raw', 'REJECTED', 'FAILED').length} rejected or failed`, '3 dead letters',
  ]);
});

test('an alarm that rings stands first, with its heading in the runbook', async () => {
  const page = await open(LAKE);

  expect(await page.locator('.verdict').innerText()).toBe('1 alarm rings');
  const link = page.getByRole('link', { name: 'What to do: dead letter queue not empty' });
  expect(await link.getAttribute('href')).toBe('https://example.org/runbook.md#dead-letter-queue-not-empty');
});

test('every object that was refused has its reason', async () => {
  const refused = ITEMS.filter(({ status }) => status === 'REJECTED');

  const rows = await texts(await open(LAKE), 'Not in the tables', 'tbody tr');

  expect(rows).toHaveLength(refused.length);
  refused.forEach(({ object, error }, at) => {
    expect(rows[at]).toContain(object.split('#')[1]);
    expect(rows[at]).toContain(error!.message);
  });
});

test('figures by day and by month add up to the manifest', async () => {
  const page = await open(LAKE);
  const raw = ITEMS.filter(({ layer }) => layer === 'raw');
  const of = (customer: string) => raw.filter(({ object }) => object.startsWith(`${customer}#`));
  const rows = (customer: string) => of(customer).reduce((sum, { rows_out = 0 }) => sum + rows_out, 0);

  for (const summary of await page.getByText('As a table').all()) await summary.click();
  const [files, byRows] = await page.locator('figure').all();

  const shown = (customer: string, value: number) => `2026-11-25\t${customer}\t${value.toLocaleString('en-US')}`;
  expect(await files.locator('tbody tr').allInnerTexts())
    .toEqual(['globex', 'acme'].map((customer) => shown(customer, of(customer).length)));
  expect(await byRows.locator('tbody tr').allInnerTexts())
    .toEqual(['globex', 'acme'].map((customer) => shown(customer, rows(customer))));
  expect((await texts(page, 'Usage by customer and month', 'tbody tr')).map((row) => row.split('\t')[2]))
    .toEqual(['globex', 'acme'].map((customer) => String(of(customer).length)));
});

test('a month has its price, by the sums of docs/cost.md', async () => {
  const costs = readFileSync(join(ROOT, 'docs/cost.md'), 'utf-8');
  const [perMillion, lake] = [...costs.matchAll(/\| \*\*sum\*\* \| \*\*([\d.]+)\*\* \|/g)]
    .map(([, sum]) => Number(sum));
  const [file] = ITEMS.filter(({ layer, status }) => layer === 'raw' && status === 'SUCCEEDED');
  const items = Array.from({ length: 2000 }, (_, at): Item => (
    { ...file, object: `acme#raw/${at}.csv`, size_bytes: 500_000, uploaded_at: `2026-${at % 2 ? '10' : '11'}-01` }));

  const page = await open({ ...LAKE, customers: [{ customer: 'acme', items }] });

  const ofFiles = perMillion / 1000;
  const figures = ['1,000', ofFiles.toFixed(2), lake.toFixed(2), (ofFiles + lake).toFixed(2)].join('\t');
  expect(await texts(page, 'Price by month', 'tbody tr')).toEqual([`2026-11\t${figures}`, `2026-10\t${figures}`]);
  const [note] = await texts(page, 'Price by month', '.note');
  expect(note).toContain(`${perMillion} for a million files of 30 KB, and ${lake} a month`);
  expect(note).toContain('current versions are 1 GB, which is 0.02 a month');
});

test('the bars of a chart are as high as its figures', async () => {
  const page = await open(LAKE);

  const heights = await page.locator('figure').first().locator('.wide rect[height]').evaluateAll((bars) => (
    bars.map((bar) => Number(bar.getAttribute('height')))));

  const [acme, globex] = LAKE.customers.map(({ items }) => items.filter(({ layer }) => layer === 'raw').length);
  expect(heights).toHaveLength(2);
  expect(Math.max(...heights) / Math.min(...heights)).toBeCloseTo(acme / globex, 0);
});

test('by keyboard alone, the lineage unfolds from the customer to the table\'s file', async () => {
  const page = await open(LAKE);
  const focused = () => page.evaluate<string>('document.activeElement.innerText');

  const reach = async (text: string) => {
    for (let steps = 0; steps < 60; steps++) {
      await page.keyboard.press('Tab');
      if ((await focused()).startsWith(text)) return page.keyboard.press('Enter');
    }
    throw new Error(`Tab does not reach ${text}`);
  };
  await reach(`acme: ${LAKE.customers[0].items.filter(({ layer }) => layer === 'raw').length} uploads`);
  await reach('raw/orders/may.csv succeeded');

  const tree = await page.locator('.tree').filter({ visible: true }).innerText();
  expect(tree).toContain('analytics-ready/orders/year=2026/month=11/may-eb2d2d5e650c.parquet\nSUCCEEDED, 4 rows');
});

test.each([
  ['light', WIDE], ['dark', WIDE], ['light', PHONE], ['dark', PHONE],
] as const)('in %s colours at %j, everything unfolded, axe-core finds nothing', async (colorScheme, options) => {
  const page = await open(LAKE, { ...options, colorScheme });
  await page.locator('details').evaluateAll((all) => all.forEach((each: any) => { each.open = true; }));

  expect(await violations(page)).toEqual([]);
  const ground = await page.evaluate('getComputedStyle(document.body).backgroundColor');
  expect(ground).toBe(colorScheme === 'dark' ? 'rgb(19, 22, 25)' : 'rgb(251, 251, 250)');
});

test('a phone need not scroll sideways', async () => {
  const page = await open(LAKE, PHONE);

  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
  expect(await page.locator('.narrow').first().isVisible()).toBe(true);
  expect(await page.locator('.wide').first().isVisible()).toBe(false);
});

test('a name is text, whatever it is', async () => {
  const evil = '<img src=x onerror=alert(1)>"\'';
  const [broken] = ITEMS.filter(({ status }) => status === 'REJECTED');
  const items = [...holdingOf('globex').items, {
    ...broken, object: `globex#raw/${evil}.csv`, error: { type: evil, message: evil }, advice: [evil],
  }];
  const status = { ...LAKE.status, stack: evil, ringing: [{ alarm: evil, description: evil }] };

  const page = await open({ ...LAKE, status, organization: evil, customers: [{ customer: evil, items }] });

  expect(await page.locator('img, script, [onerror]').count()).toBe(0);
  expect(await texts(page, 'Not in the tables', 'tbody code')).toEqual([`raw/${evil}.csv`]);
  await page.locator('details').evaluateAll((all) => all.forEach((each: any) => { each.open = true; }));
  expect(await texts(page, 'Lineage', 'summary code')).toContain(HOSTILE);
});

test('the page forbids itself to load or to run anything', async () => {
  const policy = await (await open(LAKE)).locator('meta[http-equiv=Content-Security-Policy]').getAttribute('content');

  expect(policy).toContain('default-src \'none\'');
  expect(policy).not.toContain('script-src');
});

test('an empty lake says so', async () => {
  const status = { ...LAKE.status, ringing: [] };
  const page = await open({ ...LAKE, status, customers: [{ customer: 'acme', items: [] }] });

  expect(await page.locator('.verdict').innerText()).toBe('Healthy: no alarm rings. There is nothing to do.');
  expect(await texts(page, 'Lineage', 'p')).toEqual(['Nothing has been uploaded yet.']);
  expect(await violations(page)).toEqual([]);
});

test('what was left out is said, with the time from which a customer is complete', async () => {
  const cut = { customer: 'acme', items: LAKE.customers[0].items.slice(0, 5), since: '2026-11-25T18:38:49.298Z' };
  const page = await open({ ...LAKE, customers: [cut, LAKE.customers[1]] });

  const said = await page.locator('footer p').innerText();
  expect(said).toMatch(/^All figures are of the newest \d+ object versions. 1 customer of 2 has older ones/);
});

test('a hundred customers have six colours and one for all others', async () => {
  const customers = Array.from({ length: 100 }, (_, at) => ({ customer: `c${at}`, items: LAKE.customers[1].items }));
  const page = await open({ ...LAKE, customers });

  const legend = await page.locator('figure').first().locator('.legend li').allInnerTexts();
  expect(legend).toEqual(['c0', 'c1', 'c2', 'c3', 'c4', 'c5', 'others']);
});
