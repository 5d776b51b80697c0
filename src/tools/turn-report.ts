/** What a turn explains of itself. */
import { buildReport } from "../core/report/build-report.ts";
import type { FullReport, Report } from "../core/report/report.ts";
import type { CallLog } from "./call-log.ts";
import { timesOf, type CallState } from "./call-state.ts";
import type { ToolResult } from "./result.ts";

/**
 * What each call of a turn waited for and how long it ran, and what running at once has gained. `wallMs` counts from the first call to the end
 * of the last, or to now; the keys of tasks are the ids of calls. Calls that nothing ran for are only in `calls`.
 *
 * `full.sequentialMs` is the time that they would have taken one after another from the moment of the commit, as whoever waits for the whole
 * response runs them: the rest of the response included.
 */
export interface TurnReport extends Report {
  /** Each call, in order. */
  readonly calls: readonly CallReport[];
  readonly full: FullReport;
}

/** One call of a turn. Of one that was answered before its work stopped, it is that work. */
export type CallReport = Pick<
  ToolResult,
  "id" | "name" | "sharedWith" | "attempts" | "queuedMs" | "runMs" | "waits"
> & {
  readonly status: ToolResult["status"] | "unfinished";
};

/** The report of a turn that was committed at `committedAtMs`, as of now. */
export function turnReport(
  calls: readonly CallState[],
  log: CallLog,
  committedAtMs: number | undefined,
): TurnReport {
  const startMs = calls[0]?.addedAtMs ?? 0;
  const { events, wallMs } = log.eventsFrom(startMs);
  const aheadMs = Math.max(0, (committedAtMs ?? startMs) - startMs);
  const { full, ...report } = buildReport(events, wallMs, { isOpen: true, aheadMs });
  return {
    ...report,
    calls: calls.map((state) => ({
      id: state.call.id,
      name: state.call.name,
      status: state.result?.status ?? "unfinished",
      sharedWith: state.sharedWith,
      ...timesOf(state, log),
    })),
    full: full as FullReport, // That of a whole log is there.
  };
}
