/** `mapSettled`: an outcome for each item. */
import { mapSettled } from "../../../src/index.ts";
import type { MapInput } from "./input.ts";

export async function run({ items, task }: MapInput, limit: number): Promise<number> {
  const outcomes = await mapSettled(items, task, { limit }).toArray();
  return outcomes.filter(({ status }) => status === "completed").length;
}
