/** How long the tasks of a plan took when it last ran. */
import { buildReport } from "../core/report/build-report.ts";
import type { Origin } from "./format.ts";
import { readRecording, readStart } from "./read-recording.ts";
import { listRunFolders } from "./run-folder.ts";

/**
 * The running times of the tasks that completed, in milliseconds by name, from the newest recordings of the same command and
 * source below `cwd`. A task that did not complete in the newest is looked for in those before. Empty when there is none.
 */
export async function lastDurations({
  command,
  source,
  cwd,
}: Pick<Origin, "command" | "source" | "cwd">): Promise<ReadonlyMap<string, number>> {
  const durations = new Map<string, number>();
  let read = 0;
  for (const folder of await listRunFolders(cwd)) {
    const start = await readStart(folder);
    if (start?.origin.command !== command || start.origin.source !== source) {
      continue;
    }
    for (const [key, ms] of await durationsOf(folder)) {
      durations.set(key, durations.get(key) ?? ms);
    }
    read += 1;
    if (read >= 3) {
      break;
    }
  }
  return durations;
}

async function durationsOf(folder: string): Promise<readonly (readonly [string, number])[]> {
  try {
    const { events } = await readRecording(folder);
    const { full } = buildReport(events, events.at(-1)?.atMs ?? 0); // Times and names are as they were.
    const timings = full?.timings ?? [];
    const parents = new Set(timings.map(({ parentTaskId }) => parentTaskId));
    return (
      timings
        // Below them, and those of an `each`, tasks have names that a plan knows nothing of.
        .filter(
          ({ status, parentTaskId, key }) =>
            status === "completed" && (parentTaskId === undefined || key.endsWith("]")),
        )
        .map(({ key, taskId, runMs, startedAtMs = 0, settledAtMs = 0 }) => [
          key,
          // A task that starts others takes as long as they do.
          parents.has(taskId) ? settledAtMs - startedAtMs : runMs,
        ])
    );
  } catch {
    return []; // A recording that cannot be read says nothing.
  }
}
