/** Holds a task to what it has claimed, where its paths were not known before it ran. */
import { covers, resourceName } from "../core/resource.ts";
import { fileResource } from "../system/file-resource.ts";
import type { PlanTask } from "./plan.ts";

/**
 * Checks that paths lie within what a task claims to read or write.
 *
 * @throws `RangeError` naming the first path that does not: another task may be using it.
 */
export function checkClaimed(
  task: PlanTask,
  verb: "reads" | "writes",
  paths: readonly string[],
): void {
  const claims = (verb === "reads" ? [...task.reads, ...task.writes] : task.writes).map(
    resourceName,
  );
  for (const path of paths) {
    const resource = resourceName(fileResource(path));
    if (!claims.some((claim) => covers(claim, resource))) {
      throw new RangeError(
        `Cannot go on as task "${task.name}" ${verb} a path outside of what it claims to: ${path}; add it to "${verb}"`,
      );
    }
  }
}
