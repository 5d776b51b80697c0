/** The same tasks through `settle`, with their claims left away: what is missing here is the price of claims. */
import type { TaskDefinition } from "../../../src/index.ts";
import type { ClaimingTask } from "./input.ts";

export { count, run } from "./settle.ts";

export function prepare(tasks: readonly ClaimingTask[]): readonly TaskDefinition<number>[] {
  return tasks.map(({ task }) => ({ run: task }));
}
