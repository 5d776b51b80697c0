/** A run as its caller sees it: a promise with events, a report and a way to cancel. */
import { checkRunOptions } from "./check-run-options.ts";
import { cancelRecord } from "./cancel.ts";
import { systemClock } from "./clock.ts";
import { CancelledError, TimedOutError } from "./errors.ts";
import { EventLog } from "./event-log.ts";
import { inProcess } from "./executor.ts";
import { Kernel } from "./kernel.ts";
import { startedBy } from "./notes.ts";
import type { Outcome } from "./outcome.ts";
import { plainSpec } from "./plain-spec.ts";
import { buildReport } from "./report/build-report.ts";
import type { Report } from "./report/report.ts";
import type { Run, RunOptions } from "./run-options.ts";
import { recordOf } from "./task-context.ts";
import type { TaskRecord } from "./task-record.ts";
import { together } from "./task-spec.ts";
import { workingTask } from "./wait-rules.ts";
import { waitFor } from "./waits.ts";

/** What a run does: adds tasks under the record that it is handed. Its end is that of the record. */
export type RunBody = (kernel: Kernel, record: TaskRecord) => unknown;

/** How the outcome of the record becomes the result of the run. */
export type RunResult<T> = (outcome: Outcome<unknown>, kernel: Kernel, record: TaskRecord) => T;

/** Starts a run, or a group of tasks within another. */
export function startRun<T>(
  options: RunOptions,
  defaultFailure: "stop" | "continue",
  body: RunBody,
  result: RunResult<T>,
): Run<T> {
  checkRunOptions(options);
  return options.within === undefined
    ? startRoot(options, defaultFailure, body, result)
    : startWithin(options, options.within, defaultFailure, body, result);
}

function startRoot<T>(
  options: RunOptions,
  defaultFailure: "stop" | "continue",
  body: RunBody,
  result: RunResult<T>,
): Run<T> {
  const { clock = systemClock, name = "run", report = "totals" } = options;
  const log = new EventLog({ clock, keep: report === "full", observe: options.observe });
  const kernel: Kernel = new Kernel(
    {
      clock,
      log,
      executor: options.executor ?? inProcess,
      onAbandon: options.onAbandon ?? "release",
      agingMs: options.agingMs ?? 30_000,
      plainSpec: plainSpec(options, defaultFailure),
    },
    { key: name, run: () => begin(kernel, kernel.root, body, options.signal) },
  );
  if (log.wanted) {
    log.add({ type: "run-started", name });
  }
  const disconnect = connect(kernel, kernel.root, options);
  let endedAtMs: number | undefined;
  const promise = new Promise<Outcome<unknown>>((resolve) => {
    const onOutcome = (outcome: Outcome<unknown>): void => {
      disconnect();
      endedAtMs = clock.now();
      log.end(statusOf(outcome));
      resolve(outcome);
    };
    kernel.root.watchers = [{ onOutcome }];
  }).then((outcome) => result(outcome, kernel, kernel.root));
  kernel.begin(kernel.root);
  return decorate(promise, {
    kernel,
    record: kernel.root,
    report: () => reportOf(kernel, (endedAtMs ?? clock.now()) - log.startedAtMs),
  });
}

function startWithin<T>(
  options: RunOptions,
  within: NonNullable<RunOptions["within"]>,
  defaultFailure: "stop" | "continue",
  body: RunBody,
  result: RunResult<T>,
): Run<T> {
  const { kernel, record: parent } = recordOf(within);
  const outer = parent.plainSpec;
  const { graceMs = outer.graceMs, timeoutMs = outer.timeoutMs } = options;
  const own = plainSpec({ ...options, graceMs, timeoutMs, clock: outer.clock }, defaultFailure);
  const limits = together(outer.limits, own.limits);
  const defaults = { ...own, limits, budgets: together(outer.budgets, own.budgets) };
  const spec = {
    ...defaults,
    limits: [],
    budgets: [],
    timeoutMs: undefined,
    detached: true,
    isGroup: true,
    defaults,
  };
  const record: TaskRecord = kernel.add(parent, {
    key: options.name ?? "group",
    spec,
    run: () => begin(kernel, record, body, options.signal),
    enabledBy: kernel.options.log.wanted ? startedBy(parent, workingTask(kernel)) : undefined,
  });
  const disconnect = connect(kernel, record, options);
  const promise = waitFor(kernel, {
    starter: parent,
    target: record,
    read(outcome) {
      disconnect();
      return result(outcome, kernel, record);
    },
  });
  return decorate(promise, {
    kernel,
    record,
    report: () => reportOf(kernel, kernel.now() - kernel.options.log.startedAtMs),
  });
}

/** Calls the body. Where the run was cancelled before, the tasks that it adds are cancelled before one of them starts. */
function begin(
  kernel: Kernel,
  record: TaskRecord,
  body: RunBody,
  signal: AbortSignal | undefined,
): unknown {
  const result = body(kernel, record);
  if (signal?.aborted === true) {
    cancelRecord(kernel, record, { status: "cancelled", reason: signal.reason });
  }
  return result;
}

/** Connects the outside: one abort listener and one deadline for the whole run. */
function connect(kernel: Kernel, record: TaskRecord, options: RunOptions): () => void {
  const { signal, deadlineMs } = options;
  const onAbort = (): void =>
    cancelRecord(kernel, record, { status: "cancelled", reason: signal?.reason });
  signal?.addEventListener("abort", onAbort, { once: true });
  const timer =
    deadlineMs === undefined
      ? undefined
      : kernel.options.clock.schedule(deadlineMs, () => {
          const error = new TimedOutError(record.key, "deadline", deadlineMs);
          cancelRecord(kernel, record, { status: "failed", error });
        });
  return () => {
    timer?.cancel();
    signal?.removeEventListener("abort", onAbort);
  };
}

function statusOf(outcome: Outcome<unknown>): "completed" | "failed" | "cancelled" {
  return outcome.status === "skipped" ? "cancelled" : outcome.status;
}

function reportOf(kernel: Kernel, wallMs: number): Report {
  const { kept } = kernel.options.log;
  return kept === undefined ? { wallMs, tasks: { ...kernel.counts } } : buildReport(kept, wallMs);
}

function decorate<T>(
  promise: Promise<T>,
  run: { readonly kernel: Kernel; readonly record: TaskRecord; readonly report: () => Report },
): Run<T> {
  const { kernel, record, report } = run;
  return Object.defineProperties(promise, {
    events: { get: () => kernel.options.log.iterate() },
    report: { get: report },
    cancel: {
      value: (reason?: unknown): void =>
        cancelRecord(kernel, record, { status: "cancelled", reason }),
    },
  }) as Run<T>; // The three properties defined here are all that Run adds.
}

/** The error of a run that was cancelled from outside. */
export function cancelledRun(name: string, reason: unknown): CancelledError {
  return reason instanceof CancelledError
    ? reason
    : new CancelledError(`Run "${name}" was cancelled`, reason);
}
