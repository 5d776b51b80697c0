/**
 * Runs the tasks of a `map` through the kernel: where they share a limit with others, belong to a task, run elsewhere, or somebody
 * wants their events. Here is only what pulls the items, and adds each as a task when there is room.
 */
import { estimateOf } from "../core/budget/estimate.ts";
import { cancelRecord } from "../core/cancel.ts";
import { callIn } from "../core/context.ts";
import type { TaskFailure } from "../core/errors.ts";
import type { Kernel, NewTask } from "../core/kernel.ts";
import { Limit } from "../core/limits/limit.ts";
import type { Outcome } from "../core/outcome.ts";
import type { Report } from "../core/report/report.ts";
import type { Run } from "../core/run-options.ts";
import { notePaused } from "../core/notes.ts";
import { startRun } from "../core/run.ts";
import { createContext } from "../core/task-context.ts";
import { childrenOf } from "../core/children.ts";
import { addWatcher, type TaskRecord, type Watcher } from "../core/task-record.ts";
import { checkUnits, specOf, type TaskSpec } from "../core/task-spec.ts";
import type { Cost, TaskContext, TaskFunction } from "../core/task.ts";
import { isThenable } from "../core/thenable.ts";
import { failureOf } from "./failure-of.ts";
import { reasonOf, type EngineOptions, type MapEngine, type StopCause } from "./map-engine.ts";
import type { LateEvents } from "./map-events.ts";
import { Intake, type IntakeOwner } from "./map-intake.ts";
import type { MapOptions } from "./map-options.ts";
import { Pulse } from "./map-pulse.ts";
import { PlacedContext } from "./placed-context.ts";
import { listen } from "./listen.ts";

/** Whether a run needs more than slots of its own. */
export function needsKernel(options: MapOptions<never>, wantsEvents: boolean): boolean {
  const { limit, budget, within, executor, observe, report, onAbandon, retry } = options;
  return (
    wantsEvents ||
    limit instanceof Limit ||
    budget !== undefined ||
    within !== undefined ||
    executor !== undefined ||
    observe !== undefined ||
    report === "full" ||
    onAbandon === "hold" ||
    (typeof retry === "object" && retry.budget !== undefined)
  );
}

/** A look costs a thirtieth of a task here: once in so many it is not to be seen. */
const COARSE = 16;

/** Runs tasks through a kernel. */
export class FullMap implements MapEngine, Watcher, IntakeOwner {
  readonly #options: EngineOptions;
  readonly #events: LateEvents;
  /** How many tasks until the next look at the clock. */
  #untilLook = 1;
  readonly #failures: TaskFailure[] = [];
  #run: Run<Outcome<unknown>> | undefined;
  #pump:
    | {
        readonly kernel: Kernel;
        readonly record: TaskRecord;
        readonly spec: TaskSpec;
        readonly pulse: Pulse;
      }
    | undefined;
  /** The number of the first task among the children of the run. */
  #first = 0;
  readonly #intake = new Intake(this);
  #next = 0;
  #running = 0;
  #groupEnd: number;
  #exhausted = false;
  /** The tasks that have no outcome, where failed attempts are repeated. */
  readonly #repeatable = new Set<TaskRecord>();
  #filling = false;
  #stopped = false;
  #ended = false;
  #cause: StopCause | undefined;
  #done: (() => void) | undefined;

  constructor(options: EngineOptions, events: LateEvents) {
    this.#options = options;
    this.#events = events;
    this.#groupEnd = options.settings.batch;
  }

  get report(): Report {
    const nothing = { completed: 0, failed: 0, cancelled: 0, skipped: 0 };
    return this.#run?.report ?? { wallMs: 0, tasks: nothing };
  }

  begin(): void {
    if (this.#cause !== undefined) {
      this.#events.begin(undefined);
      this.#finish();
      return;
    }
    const { options, failure, name } = this.#options.settings;
    const { limit = 16 } = options;
    try {
      this.#run = startRun(
        { ...options, name, limit, failure },
        failure,
        (kernel, record) => this.#begin(kernel, record),
        (outcome) => outcome,
      );
    } catch (error) {
      this.#events.begin(undefined);
      this.#endedEarly({ kind: "ended", error });
      return;
    }
    this.#events.begin(this.#run.events);
    // A run that has begun is told of its end by its record: later than this where it belongs to a task that was cancelled.
    listen(
      this.#run,
      (outcome) => this.#endedEarly(causeOfOutcome(outcome as Outcome<unknown>, [])),
      (error) => this.#endedEarly({ kind: "ended", error }),
    );
  }

  resume(): void {
    this.#fill();
  }

  stop(cause: StopCause): void {
    if (this.#cause !== undefined || this.#ended) {
      return;
    }
    this.#cause = cause;
    if (this.#pump !== undefined) {
      const { kernel, record } = this.#pump;
      const reason = reasonOf(cause);
      const isFailure = cause.kind !== "cancelled" && cause.kind !== "left";
      cancelRecord(
        kernel,
        record,
        isFailure ? { status: "failed", error: reason } : { status: "cancelled", reason },
      );
    } else {
      this.#run?.cancel(reasonOf(cause));
    }
  }

  /** A task has ended. */
  onOutcome(outcome: Outcome<unknown>, record: TaskRecord): void {
    const { outbox, settings } = this.#options;
    const index = record.index - this.#first;
    this.#running -= 1;
    this.#repeatable.delete(record);
    const failure = failureOf(outcome);
    if (failure !== undefined && (!settings.settles || settings.failure === "stop")) {
      this.#failures.push(failure);
    }
    // The kernel would stop the others a moment later, when the reader had been told and made room for the next.
    if (failure !== undefined && settings.failure === "stop") {
      this.stop({ kind: "failed", error: failure.error });
    }
    if (settings.settles) {
      outbox.put(index, outcome);
    } else if (outcome.status === "completed") {
      outbox.put(index, outcome.value);
    } else {
      outbox.leaveOut(index);
    }
    this.#fill();
  }

  /** The body of the run: its promise ends when all is done. */
  #begin(kernel: Kernel, record: TaskRecord): Promise<void> {
    const { options } = this.#options.settings;
    const { timeoutMs, graceMs, retry, limit, cost } = options;
    const own = limit instanceof Limit ? limit : undefined;
    const common = typeof cost === "function" ? undefined : cost;
    const declared = { timeoutMs, graceMs, retry, limit: own, cost: common };
    const { clock } = kernel.options; // Within a task, that of the run around it.
    const pulse = new Pulse({ clock, coarse: COARSE, onTurn: this.#fill });
    this.#pump = { kernel, record, spec: specOf("map", declared, record.plainSpec), pulse };
    this.#first = childrenOf(record).added + 1;
    // What keeps the run open does not move by itself, or nobody would see that all the others stand still.
    kernel.moving -= 1;
    notePaused(kernel.options.log, record);
    createContext(kernel, record).signal.addEventListener("abort", () => this.#onStop(), {
      once: true,
    });
    addWatcher(record, {
      onOutcome: (outcome) => {
        this.#cause ??= causeOfOutcome(outcome, this.#failures);
        this.#finish();
      },
    });
    return new Promise((resolve) => {
      this.#done = () => {
        this.#done = undefined;
        kernel.moving += 1;
        resolve();
      };
      // Later, so that loops over the events can join before the first task.
      queueMicrotask(() => {
        this.#open();
        this.#fill();
      });
    });
  }

  #open(): void {
    if (!this.#stopped) {
      callIn(this.#options.context, () => this.#intake.open(this.#options.source));
    }
  }

  /** Adds tasks while there is room. */
  readonly #fill = (): void => {
    if (this.#filling || this.#pump === undefined) {
      return;
    }
    this.#filling = true;
    callIn(this.#options.context, () => {
      while (this.#hasRoom && this.#pullOne()) {
        // It returns as soon as there is no room, or nothing that comes at once.
      }
    });
    this.#filling = false;
    this.#checkEnd();
  };

  get #hasRoom(): boolean {
    const { outbox, settings } = this.#options;
    const { limit } = settings.options;
    const atOnce =
      limit instanceof Limit ? Math.min(limit.concurrency, settings.window) : settings.atOnce;
    if (this.#running === 0 && this.#next >= this.#groupEnd) {
      this.#groupEnd += settings.batch;
    }
    return (
      !this.#stopped &&
      !this.#exhausted &&
      !this.#intake.isPulling &&
      this.#pump?.pulse.paused !== true &&
      this.#running - this.#delayed < atOnce &&
      this.#next < outbox.freed + settings.window &&
      this.#next < this.#groupEnd
    );
  }

  /** How many tasks wait for their next attempt: they hold no slot. */
  get #delayed(): number {
    let count = 0;
    for (const { cold } of this.#repeatable) {
      count += cold?.retry === undefined ? 0 : 1;
    }
    return count;
  }

  /** Takes one item. Returns whether more may be taken at once. */
  #pullOne(): boolean {
    const { items } = this.#intake;
    if (items !== undefined) {
      this.#exhausted = this.#next >= items.length;
      return !this.#exhausted && this.#add(items[this.#next]);
    }
    if (this.#intake.isAsync) {
      this.#move(1);
      this.#intake.pull();
      return false;
    }
    return this.#intake.pullSync() && this.#add(this.#intake.pulled);
  }

  onItem(item: unknown): void {
    this.#move(-1);
    this.#add(item);
    this.#fill();
  }

  onSourceEnd(failed: { readonly error: unknown } | undefined): void {
    this.#exhausted = true;
    this.#move(this.#intake.isAsync ? -1 : 0);
    if (failed !== undefined && this.#options.settings.failure === "stop") {
      this.stop({ kind: "source", error: failed.error });
    }
  }

  onSourceQuiet(): void {
    this.#checkEnd();
  }

  /** What is on its way from the source counts as moving. */
  #move(by: number): void {
    if (this.#pump !== undefined) {
      this.#pump.kernel.moving += by;
    }
  }

  #add(item: unknown): boolean {
    const pump = this.#pump;
    if (pump === undefined || this.#stopped) {
      return false;
    }
    const { fn, keyOf, context, settings } = this.#options;
    const index = this.#next;
    this.#next += 1;
    this.#running += 1;
    this.#countStart(pump.pulse);
    const work = (ctx: TaskContext): unknown => fn(item, new PlacedContext(index, ctx.key, ctx));
    const run = settings.retry === undefined ? work : this.#watched(work);
    const task = { key: keyOf(index), spec: pump.spec, run, watchers: [this] as const };
    const priced =
      typeof settings.options.cost === "function" ? this.#priced(task, item, index) : task;
    const record = pump.kernel.add(pump.record, priced, context);
    if (settings.retry !== undefined) {
      this.#repeatable.add(record);
    }
    return true;
  }

  /** Every task counts, however its item came: the run may have to pause after it. */
  #countStart(pulse: Pulse): void {
    this.#untilLook -= 1;
    if (this.#untilLook === 0) {
      pulse.look();
      this.#untilLook = pulse.interval;
    }
  }

  /** A task with its own cost; one that fails, where that cannot be. */
  #priced(task: NewTask, item: unknown, index: number): NewTask {
    const { key, spec } = task;
    const cost = this.#options.settings.options.cost as CostOf; // It was given with the source of the items.
    try {
      const estimate = estimateOf(key, { cost: cost(item, index) });
      checkUnits(key, spec.weight, estimate, spec.limits);
      return { ...task, spec: { ...spec, estimate } };
    } catch (error) {
      const run = (): never => {
        throw error;
      };
      return { ...task, spec: { ...spec, retry: undefined }, run };
    }
  }

  /** Looks for room after a failed attempt: there may be some until the next. The kernel hears of the failure first. */
  #watched(work: TaskFunction<unknown>): TaskFunction<unknown> {
    const look = (): void => queueMicrotask(this.#fill);
    return (ctx) => {
      try {
        const result = work(ctx);
        if (isThenable(result)) {
          listen(result, () => undefined, look);
        }
        return result;
      } catch (error) {
        look();
        throw error;
      }
    };
  }

  /** The run was cancelled, by whomever, or has failed. */
  #onStop(): void {
    this.#stopped = true;
    callIn(this.#options.context, () => this.#intake.close());
    this.#checkEnd();
  }

  #checkEnd(): void {
    const isBusy = this.#running > 0 || this.#intake.isBusy || this.#filling;
    if (!isBusy && (this.#stopped || this.#exhausted)) {
      this.#done?.();
    }
  }

  #endedEarly(cause: StopCause | undefined): void {
    if (this.#pump === undefined) {
      this.#cause ??= cause;
      this.#finish();
    }
  }

  #finish(): void {
    if (this.#ended) {
      return;
    }
    this.#ended = true;
    this.#options.onEnd({
      cause: this.#cause,
      sourceError: this.#intake.error,
      failures: this.#failures,
    });
  }
}

type CostOf = (item: unknown, index: number) => Cost;

/** Why the run ended as it did, where nobody of us has stopped it. */
function causeOfOutcome(
  outcome: Outcome<unknown>,
  failures: readonly TaskFailure[],
): StopCause | undefined {
  switch (outcome.status) {
    case "completed":
      return undefined;
    case "failed":
      return failures.some(({ error }) => error === outcome.error)
        ? { kind: "failed", error: outcome.error }
        : { kind: "ended", error: outcome.error };
    case "cancelled":
      return { kind: "cancelled", reason: outcome.reason };
    case "skipped":
      return { kind: "cancelled", reason: outcome.because };
  }
}
