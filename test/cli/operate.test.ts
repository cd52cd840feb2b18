import { status } from '../../cli/operate/status';
import { wholeNumber } from '../../cli/options';

/** The options of a command line, without running the command. */
const optionsOf = (...words: string[]) => {
  const command = status();
  command.parseOptions(words);
  return command.opts();
};

test.each([
  [[], undefined],
  [['--watch'], 10],
  [['--watch', '3'], 3],
])('status %j is shown again after %p seconds', (words, seconds) => {
  expect(optionsOf(...words).watch).toBe(seconds);
});

test.each([
  ['0', wholeNumber(1), 'It must be a whole number from 1.'],
  ['2.5', wholeNumber(1), 'It must be a whole number from 1.'],
  ['ten', wholeNumber(1), 'It must be a whole number from 1.'],
  ['1', wholeNumber(2, 299), 'It must be a whole number from 2 to 299.'],
  ['300', wholeNumber(2, 299), 'It must be a whole number from 2 to 299.'],
])('%s is refused where it is no number within the limits', (text, parse, message) => {
  expect(() => parse(text)).toThrow(message);
});

test.each([['2', 2], ['299', 299]])('%s is a number within the limits', (text, number) => {
  expect(wholeNumber(2, 299)(text)).toBe(number);
});
