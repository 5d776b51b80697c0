/** Holds a plan shown in the docs to the rules of plan files. */
import { parseDocument } from "yaml";

/**
 * The seam for the plan loader: once `src/plan/index.ts` exists, load `text` with it here, under the name `place`.
 * Until then a plan has to be YAML without errors and warnings.
 *
 * @throws Error - when the plan is refused; the message begins with `place`
 */
export async function checkPlan(text: string, place: string): Promise<void> {
  const { errors, warnings } = parseDocument(text);
  const problems = [...errors, ...warnings].map(({ message }) => message);
  if (problems.length > 0) throw new Error(`${place}: ${problems.join("\n")}`);
  return await Promise.resolve();
}
