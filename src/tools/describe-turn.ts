/** A turn in words. */
import { formatDuration } from "../core/format-duration.ts";
import type { CallWait } from "./result.ts";
import type { CallReport, TurnReport } from "./turn-report.ts";

/**
 * What each call of a turn waited for and how long it ran, a line each, and what running them at once has gained.
 *
 * @example
 * ```ts
 * import { defineTool, describeTurn, toolbox } from "fanfold/tools";
 *
 * const turn = toolbox([defineTool({ name: "now", effect: "read", run: () => Date.now() })]).turn();
 * turn.call({ id: "call_1", name: "now" });
 * turn.commit();
 * await turn.results();
 * console.log(describeTurn(turn.report()));
 * ```
 */
export function describeTurn({ wallMs, calls, full }: TurnReport): string {
  const width = Math.max(0, ...calls.map((call) => titleOf(call).length));
  const lines = calls.map((call) => `${titleOf(call).padEnd(width)}  ${describeCall(call)}`);
  const { sequentialMs, speedup } = full;
  const count = calls.length === 1 ? "1 call" : `${calls.length} calls`;
  const gain = `one after another ${formatDuration(sequentialMs)}: ${speedup.toFixed(1)} times faster`;
  return [...lines, `${count} in ${formatDuration(wallMs)}; ${gain}`].join("\n");
}

function titleOf({ id, name }: CallReport): string {
  return `${id} ${name}`;
}

function describeCall(call: CallReport): string {
  const { status, sharedWith, runMs, queuedMs, waits, attempts } = call;
  if (sharedWith !== undefined) {
    return `${status}, as ${sharedWith}`;
  }
  const ran = attempts === 0 ? "" : ` in ${formatDuration(runMs)}`;
  const tries = attempts > 1 ? `, ${attempts} attempts` : "";
  const reasons = waits.map(describeWait).join(", ");
  const waited = reasons === "" ? "" : `; waited ${formatDuration(queuedMs)}: ${reasons}`;
  return `${status}${ran}${tries}${waited}`;
}

function describeWait({ reason, ms, on, limit }: CallWait): string {
  const what = limit ?? on.join(", ");
  return `${reason}${what === "" ? "" : ` ${what}`} ${formatDuration(ms)}`;
}
