/** Claims end to end: `settle` with `reads` and `writes`. */
import { settle, type Outcome, type TaskDefinition } from "../../../src/index.ts";
import type { ClaimingTask } from "./input.ts";

type Definitions = readonly TaskDefinition<number>[];

export function prepare(tasks: readonly ClaimingTask[]): Definitions {
  return tasks.map(({ task, reads, writes }) => ({
    reads: [reads],
    writes: [writes],
    run: task,
  }));
}

export async function run(tasks: Definitions, limit: number): Promise<readonly Outcome<number>[]> {
  return await settle(tasks, { limit });
}

export function count(outcomes: readonly Outcome<number>[]): number {
  return outcomes.filter(({ status }) => status === "completed").length;
}
