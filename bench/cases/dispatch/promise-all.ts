/** The least: all calls of a turn at once, with whatever arguments came. */
import { measure, type Measured, type Turns } from "./turns.ts";

export async function run(turns: Turns): Promise<number> {
  let count = 0;
  for (const calls of turns) {
    const results = await Promise.all(calls.map(({ input }) => measure(input as Measured)));
    count += results.length;
  }
  return count;
}
