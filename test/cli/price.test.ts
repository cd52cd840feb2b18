import { readFileSync } from 'fs';
import { join } from 'path';
import { dollars, priceOf } from '../../cli/operate/price';

const COST = readFileSync(join(__dirname, '../../docs/cost.md'), 'utf-8');
const figure = (name: string) => Number(new RegExp(`^\\| ${name} \\| \\**([0-9.]+)\\** \\|$`, 'm').exec(COST)![1]);

test('a million objects of 30 KB cost what docs/cost.md says', () => {
  expect(priceOf(1e6, 30e9)).toBeCloseTo(figure('\\*\\*sum\\*\\*'), 6);
});

test('larger objects cost more by the time of Glue alone', () => {
  expect(priceOf(1e6, 60e9) - priceOf(1e6, 30e9)).toBeCloseTo(figure('Glue, at most'), 6);
});

test.each([[0, 'US$ 0.00'], [0.00001, 'US$ 0.01'], [12.341, 'US$ 12.35']])('%p is %s', (price, text) => {
  expect(dollars(price)).toBe(text);
});
