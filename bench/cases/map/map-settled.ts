/** `mapSettled`: an outcome for each item. */
import { mapSettled, type Outcome } from "../../../src/index.ts";
import type { MapInput } from "./input.ts";

export async function run(
  { items, task }: MapInput,
  limit: number,
): Promise<readonly Outcome<number>[]> {
  return await mapSettled(items, task, { limit }).toArray();
}

export function count(outcomes: readonly Outcome<number>[]): number {
  return outcomes.filter(({ status }) => status === "completed").length;
}
