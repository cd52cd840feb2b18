/**
 * Takes the picture of a report for the documents: npx tsx test/report/picture.ts [page] [png]. The page is by default
 * the one that `npx projen demo` has written.
 */
import { join, resolve } from 'path';
import { start } from './browser';

const ROOT = join(__dirname, '../..');
/** The beginning of the page: health, flow and the first chart. */
const SIZE = { width: 1120, height: 978 };

async function main(page = join(ROOT, 'reports/report.html'), png = join(ROOT, 'docs/images/report.png')) {
  const browser = await start();
  try {
    const shown = await browser.newPage({ viewport: SIZE, colorScheme: 'light' });
    await shown.goto(`file://${resolve(page)}`);
    await shown.screenshot({ path: png });
  } finally {
    await browser.close();
  }
  console.log(png);
}

void main(...process.argv.slice(2));
