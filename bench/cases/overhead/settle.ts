/** `settle` on an array of functions: an outcome for each. */
import { settle } from "../../../src/index.ts";
import type { NoOperation } from "./input.ts";

export async function run(functions: readonly NoOperation[], limit: number): Promise<number> {
  const outcomes = await settle(functions, { limit });
  return outcomes.filter(({ status }) => status === "completed").length;
}
