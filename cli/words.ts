/** `1 row`, `2,000 rows`. */
export const counted = (count: number, noun: string): string => (
  `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`);
