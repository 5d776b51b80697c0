/** Claims end to end for the third time in one process, as in a server: by then the most of it is compiled. */
import type { ClaimingTask } from "./input.ts";
import { prepare as define, run } from "./settle.ts";

export async function prepare(tasks: readonly ClaimingTask[]): Promise<ReturnType<typeof define>> {
  const definitions = define(tasks);
  await run(definitions, 16);
  await run(definitions, 16);
  return definitions;
}

export { count, run } from "./settle.ts";
