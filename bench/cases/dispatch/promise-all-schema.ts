/** All calls of a turn at once, their arguments checked by a schema. */
import { measure, measured, type Turns } from "./turns.ts";

export async function run(turns: Turns): Promise<number> {
  let count = 0;
  for (const calls of turns) {
    const results = await Promise.all(
      calls.map(async ({ input }) => await measure(await measured.parseAsync(input))),
    );
    count += results.length;
  }
  return count;
}
