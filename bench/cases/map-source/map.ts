/** `map` over an async source, in the order of completion, each result handed to a function. */
import { map } from "../../../src/index.ts";
import type { SourceInput } from "./input.ts";

export async function run({ source, task }: SourceInput, limit: number): Promise<number> {
  let count = 0;
  await map(source, task, { limit, order: "completion" }).forEach((value) => {
    count += value < 0 ? 0 : 1;
  });
  return count;
}
