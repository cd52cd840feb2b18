/**
 * The documents point to what is there, and say the same of one thing.
 */
import { spawnSync } from 'child_process';
import { existsSync, readdirSync, readFileSync } from 'fs';
import { dirname, join, relative } from 'path';
import { Customers } from '../src';

const ROOT = join(__dirname, '..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf-8');
const folder = (path: string) => readdirSync(join(ROOT, path), { withFileTypes: true })
  .flatMap((entry) => (entry.isFile() ? [join(path, entry.name)] : []));
const documents = [...folder('.'), ...folder('docs'), ...folder('docs/decisions')]
  .filter((path) => path.endsWith('.md') && path !== 'API.md'); // jsii-docgen writes that one

/** Anchors that GitHub makes of a document's headings. */
const anchors = (path: string) => [...read(path).matchAll(/^#+ (.+)$/gm)]
  .map(([, heading]) => heading.toLowerCase().replaceAll(/[^\w -]/g, '').replaceAll(' ', '-'));

/** Links of a document that lead to no file, or to no heading of one. */
function deadLinks(path: string): string[] {
  const links = [...read(path).matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)];
  return links.filter(([, target, anchor]) => {
    const file = target ? relative(ROOT, join(ROOT, dirname(path), target)) : path;
    return !existsSync(join(ROOT, file)) || (anchor && !anchors(file).includes(anchor));
  }).map(([link]) => link);
}

test.each(documents)('every link in %s leads to a file, and to a heading that it has', (path) => {
  expect(deadLinks(path)).toEqual([]);
});

test.each(documents)('every path that %s names is there', (path) => {
  const named = [...read(path).matchAll(/`((?:src|test|docs|tools|schemas|examples|integ|glue-assets)\/[\w./-]+)`/g)];
  expect(named.map(([, name]) => name).filter((name) => !existsSync(join(ROOT, name)))).toEqual([]);
});

test.each(documents)('bash understands every block of commands in %s', (path) => {
  for (const [, commands] of read(path).matchAll(/```sh\n(.*?)```/gs)) {
    const { stderr } = spawnSync('bash', ['-n'], { input: commands, encoding: 'utf-8' });
    expect([commands, stderr]).toEqual([commands, '']);
  }
});

test('SQL stands only in documents whose statements a test runs', () => {
  expect(documents.filter((path) => read(path).includes('```sql'))).toEqual([
    'docs/analyse.md', // test/local/test_analyse.py
    'docs/operate.md', // test/cli/test_usage.py
  ]);
});

test('the customers in the README are those of examples/minimal', () => {
  const [, customers] = /```json\n(.*?)```/s.exec(read('README.md'))!;
  expect(customers).toBe(read('examples/minimal/customers.json'));
});

test('every declaration that docs/data.md shows is accepted', () => {
  const shown = [...read('docs/data.md').matchAll(/```json\n(.*?)```/gs)].map(([, text]) => JSON.parse(text));
  expect(shown.length).toBeGreaterThan(0);
  for (const part of shown) {
    const dataset = part.type ? { name: 'shown', columns: [part] } : { name: 'shown', ...part };
    expect(() => Customers.of([{ customerId: 'acme', datasets: [dataset] }])).not.toThrow();
  }
});

test('every decision is in the list of decisions', () => {
  const listed = [...read('docs/decisions/README.md').matchAll(/\]\((\d\d-[^)]+)\)/g)].map(([, name]) => name);
  const written = folder('docs/decisions').map((path) => path.split('/').pop()!).filter((name) => /^\d/.test(name));
  expect(listed).toEqual(written.sort());
});

test('the README gives the costs that docs/cost.md adds up', () => {
  const [million, idle] = [...read('docs/cost.md').matchAll(/\| \*\*sum\*\* \| \*\*([\d.]+)\*\* \|/g)]
    .map(([, sum]) => Number(sum));
  const [, perMillion, perMonth] = /\*\*Cost:\*\* about \$(\d+) .*? \$([\d.]+) a month/s.exec(read('README.md'))!;
  expect([Number(perMillion), Number(perMonth)]).toEqual([Math.round(million), idle]);
});

test('the sums of docs/cost.md are those of their tables', () => {
  const tables = read('docs/cost.md').split('\n\n').filter((block) => block.includes('**sum**'));
  expect(tables).toHaveLength(2);
  for (const table of tables) {
    const values = [...table.matchAll(/\| \*{0,2}([\d.]+)\*{0,2} \|$/gm)].map(([, value]) => Number(value));
    const [sum, ...parts] = values.reverse();
    expect(parts.reduce((total, part) => total + part, 0)).toBeCloseTo(sum, 2);
  }
});
