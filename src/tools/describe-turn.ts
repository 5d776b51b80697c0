/** A turn in words. */
import { formatDuration } from "../core/format-duration.ts";
import { describeReport } from "../core/report/describe-report.ts";
import type { CallWait } from "./result.ts";
import type { CallReport, TurnReport } from "./turn-report.ts";

/**
 * What each call of a turn waited for and how long it ran, a line each, and then, as `describeReport` says it, what running them at once has
 * gained.
 *
 * Not promised: the wording. Programs read the report itself.
 *
 * @example
 * ```ts
 * import { defineTool, describeTurn, toolbox } from "fanfold/tools";
 *
 * const turn = toolbox([defineTool({ name: "now", effect: "read", run: () => Date.now() })]).turn();
 * turn.call({ id: "call_1", name: "now" });
 * turn.commit();
 * await turn.results();
 * for (const line of describeTurn(turn.report())) console.log(line);
 * ```
 */
export function describeTurn(report: TurnReport): readonly string[] {
  const { calls } = report;
  const width = Math.max(0, ...calls.map((call) => titleOf(call).length));
  const lines = calls.map((call) => `${titleOf(call).padEnd(width)}  ${describeCall(call)}`);
  return [...lines, ...describeReport(report)];
}

function titleOf({ id, name }: CallReport): string {
  return `${id} ${name}`;
}

function describeCall(call: CallReport): string {
  const { status, sharedWith, runMs, waits, attempts } = call;
  if (sharedWith !== undefined) {
    return `${status}, as ${sharedWith}`;
  }
  const ran = attempts === 0 ? "" : ` in ${formatDuration(runMs)}`;
  const tries = attempts > 1 ? `, ${attempts} attempts` : "";
  const reasons = waits.map(describeWait).join(", ");
  const waited = reasons === "" ? "" : `; waited ${reasons}`;
  return `${status}${ran}${tries}${waited}`;
}

function describeWait({ reason, ms, on, limit }: CallWait): string {
  const what = limit ?? on.join(", ");
  return `${formatDuration(ms)}${what === "" ? "" : ` for ${what}`} (${reason})`;
}
