/**
 * Writes the licences of what a bundle contains: `tsx cli/licenses.ts META LICENSES`, with esbuild's metafile. Fails
 * for a package without a text of its licence, unless the licence is this package's own.
 */
import { readdirSync, readFileSync, writeFileSync } from 'fs';
import { join } from 'path';

const [metafile, target] = process.argv.slice(2);
const { outputs } = JSON.parse(readFileSync(metafile, 'utf-8'));
const files = Object.values<{ inputs: object }>(outputs).flatMap(({ inputs }) => Object.keys(inputs));
const folders = new Set(files.map(packageOf).filter((folder) => folder !== undefined));
const own = JSON.parse(readFileSync('package.json', 'utf-8')).license;
const packages = new Map<string, string[]>(); // by the text of their licence
for (const folder of [...folders].sort()) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf-8'));
  const text = licenseOf(folder) ?? (license === own ? licenseOf('.') : undefined);
  if (!text) throw new Error(`${name} has no text of its licence, ${license}: do not bundle it`);
  packages.set(text, [...packages.get(text) ?? [], `${name} ${version}`]);
}
const sections = [...packages].map(([text, names]) => `${names.join(', ')}:\n\n${text}\n`);
writeFileSync(target, ['lib/cli/index.js contains these packages.\n', ...sections].join(`\n${'-'.repeat(80)}\n\n`));

/** `node_modules/a/node_modules/@b/c` for the files of @b/c; undefined for files of this project. */
function packageOf(file: string): string | undefined {
  return /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0];
}

function licenseOf(folder: string): string | undefined {
  const found = readdirSync(folder).filter((file) => /^(licen[cs]e|notice)/i.test(file)).sort();
  return found.map((file) => readFileSync(join(folder, file), 'utf-8').trim()).join('\n\n') || undefined;
}
