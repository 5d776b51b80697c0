/** What a turn explains of itself. */
import type { FullReport } from "../core/report/report.ts";
import type { ToolResult } from "./result.ts";

/** What each call of a turn waited for and how long it ran, and what running at once has gained. */
export interface TurnReport {
  /** From the first call to the end of the last, or to now, in milliseconds. */
  readonly wallMs: number;
  /** Each call, in order. */
  readonly calls: readonly CallReport[];
  /** Speedup, critical path and the rest, with the ids of calls as keys. */
  readonly full: FullReport;
}

/** One call of a turn. */
export type CallReport = Pick<
  ToolResult,
  "id" | "name" | "sharedWith" | "attempts" | "queuedMs" | "runMs" | "waits"
> & {
  readonly status: ToolResult["status"] | "unfinished";
};
