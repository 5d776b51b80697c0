/** Holds a plan shown in the docs to the rules of plan files. */
import { parsePlan } from "../../src/plan/index.ts";

/**
 * Reads and checks a plan under the name of its place in the docs.
 *
 * @throws `PlanError`, as a rejection, when the plan is refused; each problem begins with `place`
 */
export async function checkPlan(text: string, place: string): Promise<void> {
  parsePlan(text, { file: place });
}
