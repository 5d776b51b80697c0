/** The results of steps as parts of what a model reads. */
import { formatDuration } from "../core/format-duration.ts";
import { formatAnswer, type FetchUrlOutput } from "../tools/coding/fetch-url.ts";
import { headAndTail, type Pieces } from "../tools/coding/head-and-tail.ts";
import { formatEntries, type ListFilesOutput } from "../tools/coding/list-files.ts";
import { formatFiles, type ReadFilesOutput } from "../tools/coding/read-files.ts";
import { formatMatches, type SearchOutput } from "../tools/coding/search.ts";
import { counted } from "../core/counted.ts";
import type { EditFileOutput } from "../tools/coding/edit-file.ts";
import type { WriteFileOutput } from "../tools/coding/write-file.ts";
import type { CallWait, ToolResult } from "../tools/result.ts";
import type { BatchEnd } from "./batch-run.ts";
import { namedBy } from "./order-steps.ts";
import { keptPart, printed } from "./printed.ts";
import { LEAST_WAIT_MS, queueNotes } from "./queue-notes.ts";
import { CommandFailed, type RunOutput } from "./run-step.ts";
import type { Part, Summary } from "./shown-result.ts";
import type { Step } from "./step.ts";
import { leftOutput } from "./stopped-outputs.ts";

/** What a batch that has ended comes to. */
export function summaryOf(
  { batch, results, report, queued, server }: BatchEnd,
  facts: Summary["facts"] = {},
): Summary {
  const needed = (step: Step): readonly ToolResult[] => {
    const ids = namedBy(step);
    return results.flatMap((result) => (result && ids.includes(result.id) ? result : []));
  };
  return {
    facts,
    parts: batch.steps.map((step, index) => partOf(step, results[index], needed(step))),
    wallMs: report?.wallMs ?? 0,
    sequentialMs: report?.full.sequentialMs ?? 0,
    notes: queueNotes({ queued, server }),
  };
}

function partOf(
  { id, kind, fields }: Step,
  result: ToolResult | undefined,
  needed: readonly ToolResult[],
): Part {
  const part = framedPart({ id, kind }, result);
  if (result === undefined) {
    return part;
  }
  const { error } = result;
  // One that is skipped has the error of the step that it needs.
  const failed = result.status === "failed" && error instanceof CommandFailed ? error : undefined;
  const notes = [failed?.message, part.note].filter((note) => note !== undefined);
  return {
    ...part,
    status: failed?.timedOut === true ? "timed-out" : part.status,
    note: notes.length === 0 ? undefined : notes.join("; "),
    ...outputOf({ result, failed, fields, needed }),
  };
}

/** A part as far as it does not depend on what was done. */
export function framedPart(
  { id, kind }: { readonly id: string; readonly kind: string },
  result: ToolResult | undefined,
): Part {
  if (result === undefined) {
    const show = (): string => "It was not run, as the call was cancelled.";
    return { id, kind, status: "cancelled", ms: 0, show };
  }
  const { sharedWith, status, runMs, waits, text } = result;
  const waited = waits
    .filter(({ ms, reason }) => ms >= LEAST_WAIT_MS && reason !== "commit")
    .map(describeWait);
  return {
    id,
    kind,
    status,
    ms: runMs,
    waited: sharedWith !== undefined || waited.length === 0 ? undefined : waited.join(", "),
    note: sharedWith === undefined ? undefined : `the same as ${sharedWith}`,
    ...cut(text),
  };
}

function outputOf({
  result,
  failed,
  fields,
  needed,
}: {
  readonly needed: readonly ToolResult[];
  readonly result: ToolResult;
  readonly failed: CommandFailed | undefined;
  readonly fields: Step["fields"];
}): Pick<Part, "show" | "whole" | "hasGaps"> {
  const { name, status, text } = result;
  const output = failed?.output ?? result.output;
  const broken = needed.find((each) => each.isError);
  if (status === "skipped" && broken !== undefined) {
    return cut(`It was not run, as step ${JSON.stringify(broken.id)} ended as ${broken.status}.`);
  }
  if (status !== "completed" && failed === undefined) {
    const left = status === "cancelled" ? leftOutput(fields) : undefined;
    const until = left === undefined ? [] : printedBy(left);
    return until.length === 0 ? cut(text) : keptPart([`${text} It had printed:\n`, ...until]);
  }
  switch (name) {
    case "read":
      return { show: (bytes) => formatFiles(output as ReadFilesOutput, bytes) };
    case "search":
      return { show: (bytes) => formatMatches(output as SearchOutput, bytes) };
    case "list":
      return { show: (bytes) => formatEntries(output as ListFilesOutput, bytes) };
    case "fetch": {
      const from = Number(fields["from"] ?? 0);
      return { show: (bytes) => formatAnswer(output as FetchUrlOutput, { from, bytes }) };
    }
    case "run":
      return keptPart(printedBy(output as RunOutput));
    case "edit": {
      const { path, replacements } = output as EditFileOutput;
      const count = replacements.reduce((sum, each) => sum + each, 0);
      return cut(`Edited ${path}: ${counted(count, "replacement")}.`);
    }
    default: {
      const { path, bytes, isNew } = output as WriteFileOutput;
      return cut(`${isNew ? "Created" : "Replaced"} ${path} (${counted(bytes, "byte")}).`);
    }
  }
}

function printedBy({
  stdout = "",
  stdoutEnds = [stdout],
  stderr = "",
  stderrEnds = [stderr],
}: RunOutput): Pieces {
  return printed({ stdout: stdoutEnds, stderr: stderrEnds });
}

function cut(text: string): Pick<Part, "show"> {
  return { show: (bytes) => headAndTail(text, bytes) };
}

function describeWait({ reason, ms, on, limit }: CallWait): string {
  const what = limit ?? on.join(", ");
  return `${formatDuration(ms)}${what === "" ? "" : ` for ${what}`} (${reason})`;
}
