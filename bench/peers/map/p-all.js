/** `p-all`: a function for each item. */
import pAll from "p-all";

export async function run({ items, task }, limit) {
  const results = await pAll(
    items.map((item) => () => task(item)),
    { concurrency: limit },
  );
  return results.length;
}
