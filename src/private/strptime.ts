/** What the directives of Python's strptime read, where they read more than their own letter. */
const PARTS: Record<string, string> = { c: 'abdHMSY', x: 'mdy', X: 'HMS' };

const DIRECTIVE = /%(.)/g;
const WEEKDAYS = 'aAwu';

/**
 * What is wrong with a format that has known directives only: Python fails on it, or reads a value that is not meant.
 *
 * @returns undefined if nothing is; otherwise what continues "must", and what to write
 */
export function formatProblem(format: string): [string, string] | undefined {
  if (!format.includes('%')) return undefined; // an epoch
  const letters = [...format.matchAll(DIRECTIVE)].flatMap(([, letter]) => [...PARTS[letter] ?? letter])
    .filter((letter) => letter !== '%');
  const has = (some: string) => letters.some((letter) => some.includes(letter));
  const twice = letters.find((letter, index) => letters.indexOf(letter) !== index);
  if (twice) return [`have each part of a time once, %${twice} is in it twice`, 'leave one of them out'];
  if (!has('YyG')) return ['have a year, without which Python takes 1900', 'write "%d.%m.%Y", for example'];
  if ('YyG'.split('').filter(has).length > 1) return ['have one year', 'write %Y, %y or %G'];
  if (has('GV') && !(has('G') && has('V') && has(WEEKDAYS))) {
    return ['have %G, %V and a weekday together', 'write "%G-W%V-%u", for example'];
  }
  if (has('G') && has('jUW')) return ['have no %j, %U or %W beside %G', 'write "%G-W%V-%u", for example'];
  if (has('UW') && !has(WEEKDAYS)) return ['have a weekday beside %U or %W', 'write "%Y-%W-%w", for example'];
  if (has('I') !== has('p')) return ['have %I and %p together', 'write "%I:%M %p" or "%H:%M", for example'];
  if (has('I') && has('H')) return ['have %H or %I, not both', 'write "%I:%M %p" or "%H:%M", for example'];
  return undefined;
}
