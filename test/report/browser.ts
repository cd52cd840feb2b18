import { execFileSync } from 'child_process';
import { mkdirSync } from 'fs';
import { join } from 'path';
import { Browser, chromium } from 'playwright-core';

const ROOT = join(__dirname, '../..');
/** The package's binary is compressed: it is unpacked here once. */
const UNPACKED = join(ROOT, 'node_modules/.cache/chromium');
const LIBRARIES = join(ROOT, 'node_modules/@sparticuz/chromium/bin/al2023.tar.br');
/** The package is an ES module, which Jest cannot load. Libraries that a bare machine lacks are in an archive of it. */
const UNPACK = `
import chromium, { inflate } from '@sparticuz/chromium';
await inflate(${JSON.stringify(LIBRARIES)});
process.stdout.write(await chromium.executablePath());
`;

/** Starts the Chromium of the npm package. */
export function start(): Promise<Browser> {
  mkdirSync(UNPACKED, { recursive: true });
  const environment = { ...process.env, TMPDIR: UNPACKED };
  const unpack = ['--input-type=module', '--eval', UNPACK];
  const executablePath = execFileSync(process.execPath, unpack, { cwd: ROOT, env: environment, encoding: 'utf-8' });
  const libraries = [process.env.LD_LIBRARY_PATH, join(UNPACKED, 'al2023/lib')].filter(Boolean).join(':');
  return chromium.launch({
    executablePath,
    args: ['--no-sandbox'], // root, as in a container, can have none
    env: { ...process.env, LD_LIBRARY_PATH: libraries, FONTCONFIG_PATH: join(UNPACKED, 'fonts') },
  });
}
