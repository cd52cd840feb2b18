/** US dollars for a million objects of 30 KB through both stages, as docs/cost.md has them. */
const [SUM, GLUE, BYTES] = [49.29, 4.56, 30e9];
const MILLION = 1_000_000;

/** What objects cost at most on their way through both stages, without storage: US dollars, by list prices. */
export function priceOf(objects: number, bytes: number): number {
  return objects * (SUM - GLUE) / MILLION + bytes * GLUE / BYTES;
}

/** `US$ 0.05`, rounded up. */
export const dollars = (price: number): string => `US$ ${(Math.ceil(price * 100) / 100).toFixed(2)}`;
