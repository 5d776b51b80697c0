/**
 * Starts redundant tasks one after the other until enough have succeeded, or no longer can; the others are cancelled.
 *
 * A task that has been under way for the stagger brings the next one. A start is *needed* while fewer are under way than successes
 * are still wanted; any other is *extra*, and where there is a budget for those, none happens without it.
 */
import { keyOf, type Batch } from "../core/batch-shape.ts";
import { cancelEachChild } from "../core/cancel.ts";
import type { Timer } from "../core/clock.ts";
import { captureContext } from "../core/context.ts";
import type { TaskFailure } from "../core/errors.ts";
import type { Kernel } from "../core/kernel.ts";
import type { Outcome } from "../core/outcome.ts";
import type { TaskContext, TaskFunction } from "../core/task.ts";
import type { TaskRecord, Watcher } from "../core/task-record.ts";
import { functionOf, specOf, type TaskSpec } from "../core/task-spec.ts";
import { waitForInside } from "../core/waits.ts";
import { failureOf } from "./failure-of.ts";
import type { Hedging } from "./hedging.ts";
import type { Percentile } from "./percentile.ts";

/** What is raced, and how. */
export interface RaceOptions {
  readonly batch: Batch;
  /** How many successes are wanted. */
  readonly count: number;
  readonly staggerMs: number | Percentile;
  readonly hedging: Hedging | undefined;
  /**
   * Whether they are copies of one task. The stagger of a copy counts from its first attempt, as it waits for the same limits as the
   * next would; and its failure brings no other, as that would be a retry. Only with `hedging`.
   */
  readonly areCopies: boolean;
}

/** One success. */
export interface Success {
  readonly key: string;
  readonly value: unknown;
}

interface PreparedTask {
  readonly key: string;
  readonly run: TaskFunction<unknown>;
  readonly spec: TaskSpec;
}

/** One race: inside the task that it is handed. */
export class Race {
  readonly winners: Success[] = [];
  readonly failures: TaskFailure[] = [];
  /** What was declared wrongly, as became known when its turn came. */
  misuse: { readonly error: unknown } | undefined;
  readonly #kernel: Kernel;
  readonly #record: TaskRecord;
  readonly #options: RaceOptions;
  readonly #tasks: readonly PreparedTask[];
  /** Of whoever races, not of the task whose end brings the next. */
  readonly #context = captureContext();
  readonly #timers = new Set<Timer>();
  #started = 0;
  #underWay = 0;
  #over = false;
  #finish: (() => void) | undefined;

  constructor(kernel: Kernel, record: TaskRecord, options: RaceOptions) {
    this.#kernel = kernel;
    this.#record = record;
    this.#options = options;
    this.#tasks = prepared(options.batch, record.plainSpec);
  }

  run(): Promise<void> {
    waitForInside(this.#kernel, this.#record);
    return new Promise((resolve) => {
      this.#finish = resolve;
      const { count, staggerMs, hedging } = this.#options;
      hedging?.call(count);
      const due = staggerMs === 0 ? this.#tasks.length : count;
      for (let index = 0; index < due; index += 1) {
        this.#startNext();
      }
    });
  }

  readonly #startNext = (): void => {
    const task = this.#tasks[this.#started];
    // The last of a run that was cancelled may take their grace to end.
    if (task === undefined || this.#over || this.#record.decision !== undefined) {
      return;
    }
    const { hedging } = this.#options;
    const isExtra = this.#underWay >= this.#options.count - this.winners.length;
    if (isExtra && hedging?.take() === false) {
      return;
    }
    this.#started += 1;
    this.#underWay += 1;
    try {
      this.#add(task, isExtra);
    } catch (error) {
      this.misuse = { error };
      this.#end();
    }
    // It may wait for abandoned work when nothing else is left to end.
    queueMicrotask(() => this.#kernel.checkStalled());
  };

  #add(task: PreparedTask, isExtra: boolean): void {
    const { hedging, areCopies } = this.#options;
    let timer: Timer | undefined;
    let begunAtMs: number | undefined;
    const watcher: Watcher = {
      onOutcome: (outcome) => {
        this.#forget(timer);
        if (hedging !== undefined && begunAtMs !== undefined) {
          this.#learn(hedging, outcome, this.#kernel.now() - begunAtMs, isExtra);
        }
        this.#count(outcome);
      },
    };
    const added = { ...task, watchers: [watcher] as const };
    // Who learns nothing pays for no function around the task.
    if (hedging !== undefined) {
      added.run = withBegin(task.run, () => {
        begunAtMs = this.#kernel.now();
        if (areCopies) {
          timer = this.#nextAfterStagger(task.key);
        }
      });
    }
    this.#kernel.add(this.#record, added, this.#context);
    if (!areCopies) {
      timer = this.#nextAfterStagger(task.key);
    }
  }

  /** Starts the next task later, where there is one and the stagger is known and neither 0 nor endless. */
  #nextAfterStagger(key: string): Timer | undefined {
    const { staggerMs, hedging } = this.#options;
    const delayMs =
      typeof staggerMs === "string" ? hedging?.percentileMs(key, staggerMs) : staggerMs;
    if (
      delayMs === undefined ||
      delayMs === 0 ||
      delayMs === Infinity ||
      this.#started >= this.#tasks.length ||
      this.#over
    ) {
      return undefined;
    }
    const timer = this.#kernel.options.clock.schedule(delayMs, () => {
      this.#timers.delete(timer);
      this.#startNext();
    });
    this.#timers.add(timer);
    return timer;
  }

  #forget(timer: Timer | undefined): void {
    if (timer !== undefined) {
      timer.cancel();
      this.#timers.delete(timer);
    }
  }

  #learn(hedging: Hedging, outcome: Outcome<unknown>, ms: number, isExtra: boolean): void {
    const isWon = this.winners.length >= this.#options.count;
    const isSuccess = outcome.status === "completed";
    hedging.learn(outcome.key, ms, isSuccess ? "ended" : "stopped");
    if (isWon) {
      hedging.waste(ms);
    } else if (isSuccess && isExtra) {
      hedging.win();
    }
  }

  #count(outcome: Outcome<unknown>): void {
    this.#underWay -= 1;
    const { key, status } = outcome;
    const failure = failureOf(outcome);
    if (status === "completed") {
      this.winners.push({ key, value: outcome.value });
    } else if (failure !== undefined) {
      this.failures.push(failure);
    }
    if (this.#over) {
      return;
    }
    const { count, areCopies } = this.#options;
    const toCome = this.#underWay + (areCopies ? 0 : this.#tasks.length - this.#started);
    const isPossible = this.winners.length + toCome >= count;
    const isStopping = this.#record.decision !== undefined;
    if (isStopping || this.winners.length >= count || !isPossible) {
      this.#end();
    } else if (status !== "completed" && !areCopies) {
      this.#startNext();
    }
  }

  /** It is decided: the rest is cancelled, and the run settles when that has ended. */
  #end(): void {
    this.#over = true;
    this.#timers.forEach((timer) => timer.cancel());
    this.#timers.clear();
    cancelEachChild(this.#kernel, this.#record, "enough tasks have ended");
    this.#finish?.();
  }
}

/** All tasks, checked before the first starts. */
function prepared({ tasks, keys }: Batch, plainSpec: TaskSpec): readonly PreparedTask[] {
  return tasks.map((task, index) => {
    const key = keyOf({ tasks, keys }, index);
    const run = functionOf(key, task);
    const spec = specOf(key, task, plainSpec);
    return { key, run, spec };
  });
}

/** The function of a task, with a call before its first attempt. */
function withBegin(run: TaskFunction<unknown>, begin: () => void): TaskFunction<unknown> {
  return (ctx: TaskContext) => {
    if (ctx.attempt === 1) {
      begin();
    }
    return run(ctx);
  };
}
