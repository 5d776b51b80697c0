/** What a turn explains of itself. */
import { buildReport } from "../core/report/build-report.ts";
import type { FullReport, Report } from "../core/report/report.ts";
import type { CallLog } from "./call-log.ts";
import { timesOf, type CallState } from "./call-state.ts";
import type { ToolResult } from "./result.ts";

/**
 * What each call of a turn waited for and how long it ran, and what running at once has gained. `wallMs` counts from the first call to the end
 * of the last, or to now; the keys of tasks are the ids of calls. Calls that nothing ran for are only in `calls`.
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

/** The report of a turn, as of now. */
export function turnReport(calls: readonly CallState[], log: CallLog): TurnReport {
  const { events, wallMs } = log.fromFirst();
  const { full, ...report } = buildReport(events, wallMs, { isOpen: true });
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
