/** `settle` with `after`: an outcome under each key. */
import { settle, type Outcome, type TaskDefinition } from "../../../src/index.ts";
import type { Node } from "./input.ts";

type Definitions = Readonly<Record<string, TaskDefinition<number>>>;

export function prepare(nodes: readonly Node[]): Definitions {
  return Object.fromEntries(nodes.map(({ key, task, after }) => [key, { after, run: task }]));
}

type Outcomes = Readonly<Record<string, Outcome<number>>>;

export async function run(tasks: Definitions, limit: number): Promise<Outcomes> {
  return await settle(tasks, { limit });
}

export function count(outcomes: Outcomes): number {
  return Object.values(outcomes).filter(({ status }) => status === "completed").length;
}
