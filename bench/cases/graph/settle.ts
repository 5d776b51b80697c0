/** `settle` with `after`: an outcome under each key. */
import { settle, type TaskDefinition } from "../../../src/index.ts";
import type { Node } from "./input.ts";

type Definitions = Readonly<Record<string, TaskDefinition<number>>>;

export function prepare(nodes: readonly Node[]): Definitions {
  return Object.fromEntries(nodes.map(({ key, task, after }) => [key, { after, run: task }]));
}

export async function run(tasks: Definitions, limit: number): Promise<number> {
  const outcomes = await settle(tasks, { limit });
  return Object.values(outcomes).filter(({ status }) => status === "completed").length;
}
