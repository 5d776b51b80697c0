/** `async`: `eachLimit` over an async iterable. */
import async from "async";

export async function run({ source, task }, limit) {
  let count = 0;
  const each = async.asyncify(async (item) => {
    count += (await task(item)) < 0 ? 0 : 1;
  });
  await async.eachLimit(source(), limit, each);
  return count;
}
