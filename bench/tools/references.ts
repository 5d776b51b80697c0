/** Calls that use the results of others of the same response: what is gained where they need not wait for a response of their own. */
import { sum } from "../support/statistics.ts";
import { printTable } from "../support/table.ts";
import { boundOf } from "./baselines.ts";
import { makespanOf, type Call, type Edge } from "./call.ts";
import { conflictsOf } from "./conflicts.ts";
import { headOf, WIDTHS } from "./contest.ts";
import { brokenEdges } from "./safety.ts";
import { runSchedule } from "./schedule.ts";

/** Prints, for each kind of work, how much faster it is than one call after another, and than no schedule can be. */
export async function printReferences(
  kinds: Readonly<Record<string, readonly (readonly Call[])[]>>,
): Promise<void> {
  const rows: string[][] = [];
  for (const [title, works] of Object.entries(kinds)) {
    const cells: string[] = [];
    for (const width of WIDTHS) {
      cells.push(...(await compare(works, width)));
    }
    const rounds = sum(works.map((calls) => boundOf(calls.length, usesOf(calls), Infinity)));
    rows.push([title, String(sizeOf(works)), String(rounds), String(works.length), ...cells]);
  }
  printTable(
    [
      "calls",
      "number",
      "responses without",
      "with",
      ...WIDTHS.flatMap((width) => [headOf(width), "bound"]),
    ],
    rows,
  );
}

async function compare(
  works: readonly (readonly Call[])[],
  width: number,
): Promise<readonly string[]> {
  let [totalMs, boundMs] = [0, 0];
  for (const calls of works) {
    const edges = [...usesOf(calls), ...conflictsOf(calls)];
    const schedule = await runSchedule(calls, { width });
    if (brokenEdges(schedule, edges).length > 0) {
      throw new Error("Cannot trust this schedule as it must keep the order");
    }
    totalMs += makespanOf(schedule);
    boundMs += boundOf(calls.length, edges, width);
  }
  return [totalMs, boundMs].map((ms) => (sizeOf(works) / ms).toFixed(2));
}

function usesOf(calls: readonly Call[]): readonly Edge[] {
  return calls.flatMap(({ after = [] }, later) => after.map((earlier): Edge => [earlier, later]));
}

function sizeOf(works: readonly (readonly Call[])[]): number {
  return sum(works.map((calls) => calls.length));
}
