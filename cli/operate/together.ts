/**
 * Does work on each item, so many at a time.
 *
 * @param items on which to work
 * @param count how many at a time
 * @param work on one of them; its first error ends the whole
 * @param isOver once it is true, nothing more begins, and the results of the rest are missing
 * @returns the results, in the order of the items
 */
export async function together<Item, Result>(
  items: readonly Item[], count: number, work: (item: Item) => Promise<Result>, isOver = () => false,
): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  const lane = async () => {
    while (next < items.length && !isOver()) {
      const at = next++;
      results[at] = await work(items[at]);
    }
  };
  await Promise.all(Array.from({ length: count }, lane));
  return results;
}
