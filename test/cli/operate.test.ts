import { status } from '../../cli/operate/status';

/** The options of a command line, without running the command. */
const optionsOf = (...words: string[]) => {
  const command = status();
  command.parseOptions(words);
  return command.opts();
};

test.each([
  [[], undefined],
  [['--watch'], 10],
  [['--watch', '2.5'], 2.5],
])('status %j is shown again after %p seconds', (words, seconds) => {
  expect(optionsOf(...words).watch).toBe(seconds);
});
