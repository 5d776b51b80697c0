/** `settle` on an array of functions: an outcome for each. */
import { settle, type Outcome } from "../../../src/index.ts";
import type { NoOperation } from "./input.ts";

export async function run(
  functions: readonly NoOperation[],
  limit: number,
): Promise<readonly Outcome<number>[]> {
  return await settle(functions, { limit });
}

export function count(outcomes: readonly Outcome<number>[]): number {
  return outcomes.filter(({ status }) => status === "completed").length;
}
