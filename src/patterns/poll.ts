/**
 * Runs samples of one task until enough have ended: at any moment as many as are needed at the least, and `ahead` more.
 *
 * Where `ahead` is 0 and what is needed is a true lower bound, no sample is asked in vain: whoever asks one after the other, and has
 * heard the same `n` samples, also asks at least `needs` more.
 */
import { cancelEachChild } from "../core/cancel.ts";
import { captureContext, type ContextRunner } from "../core/context.ts";
import { InternalError, TasksFailedError, type TaskFailure } from "../core/errors.ts";
import type { Kernel } from "../core/kernel.ts";
import type { Outcome } from "../core/outcome.ts";
import { cancelledRun, startRun } from "../core/run.ts";
import type { Run } from "../core/run-options.ts";
import type { TaskContext, TaskFunction } from "../core/task.ts";
import type { TaskRecord, Watcher } from "../core/task-record.ts";
import { functionOf, specOf, type TaskSpec } from "../core/task-spec.ts";
import { waitForInside } from "../core/waits.ts";
import { failureOf } from "./failure-of.ts";
import type { Sample, Sampling, SamplingOptions } from "./sampling.ts";

/** How a sample ended that was not cancelled. */
export type SampleEnd = "answered" | "abstained" | "failed";

/** What samples are asked for. */
export interface Purpose<A> {
  /** How many may be asked altogether. */
  readonly of: number;
  /** Reads an answer inside the task of its sample, which fails with what this throws. */
  read(answer: A, sample: number, ctx: TaskContext): unknown;
  /** Takes in that a sample has ended; what it answered has been read. */
  count(sample: number, end: SampleEnd): void;
  /** How many samples more must end at the least, where `left` have not; 0 where it is settled. */
  needs(left: number): number;
}

/** Asks samples and returns what `result` makes of them. */
export function poll<A, T>(
  sample: Sample<A>,
  purpose: Purpose<A>,
  options: SamplingOptions,
  result: (sampling: Sampling) => T,
): Run<T> {
  const { ahead = 0 } = options;
  checkInteger("of", purpose.of, 1);
  if (ahead !== Infinity) {
    checkInteger("ahead", ahead, 0);
  }
  const run = functionOf("sample", sample);
  if (purpose.needs(purpose.of) === 0) {
    throw new RangeError(
      `Cannot ask samples as a rule must not be settled without any: of ${purpose.of}`,
    );
  }
  let polling: Poll<A> | undefined;
  return startRun(
    { ...options, failure: "continue" },
    "continue",
    (kernel, record) => {
      const spec = specOf("sample", sample, record.plainSpec);
      polling = new Poll({ kernel, record, run, spec, purpose, ahead });
      return polling.run();
    },
    (outcome) => {
      const sampling = samplingOf(polling, outcome);
      if (sampling.failures.length > 0 && sampling.failures.length === polling?.ended) {
        throw new TasksFailedError(sampling.failures);
      }
      return result(sampling);
    },
  );
}

function samplingOf<A>(polling: Poll<A> | undefined, outcome: Outcome<unknown>): Sampling {
  if (polling?.sampling !== undefined) {
    return polling.sampling;
  }
  switch (outcome.status) {
    case "failed":
      throw outcome.error;
    case "cancelled":
      throw cancelledRun(outcome.key, outcome.reason);
    default:
      throw new InternalError(`Cannot return samples as run "${outcome.key}" has not settled them`);
  }
}

function checkInteger(name: string, value: number, least: number): void {
  if (!Number.isSafeInteger(value) || value < least) {
    throw new RangeError(
      `Cannot ask samples as "${name}" must be an integer from ${least}: ${String(value)}`,
    );
  }
}

interface PollOptions<A> {
  readonly kernel: Kernel;
  readonly record: TaskRecord;
  readonly run: TaskFunction<A>;
  readonly spec: TaskSpec;
  readonly purpose: Purpose<A>;
  readonly ahead: number;
}

/** One call of {@link poll}. */
class Poll<A> implements Watcher {
  /** What it took; undefined until it is settled. */
  sampling: Sampling | undefined;
  /** How many samples have ended by themselves. */
  ended = 0;
  readonly #options: PollOptions<A>;
  /** Of whoever asked, not of the sample whose end let the next one start. */
  readonly #context: ContextRunner | undefined = captureContext();
  readonly #failures: TaskFailure[] = [];
  /** The rounds of the samples that are under way. */
  readonly #rounds = new Map<number, number>();
  #added = 0;
  #asked = 0;
  /** The greatest round of a sample that has started, and of one that has ended. */
  #latest = 0;
  #latestEnded = 0;
  #abstained = 0;
  #over = false;
  #end: { resolve(): void; reject(error: unknown): void } | undefined;

  constructor(options: PollOptions<A>) {
    this.#options = options;
  }

  run(): Promise<void> {
    const { kernel, record } = this.#options;
    waitForInside(kernel, record);
    return new Promise((resolve, reject) => {
      this.#end = { resolve, reject };
      this.#goOn();
    });
  }

  onOutcome(outcome: Outcome<unknown>, record: TaskRecord): void {
    if (this.#over) {
      return;
    }
    if (this.#options.record.decision !== undefined || outcome.status === "cancelled") {
      this.#over = true;
      this.#end?.resolve();
      return;
    }
    const sample = Number(record.key);
    this.ended += 1;
    this.#latestEnded = Math.max(this.#latestEnded, this.#rounds.get(sample) ?? 0);
    this.#rounds.delete(sample);
    this.#options.purpose.count(sample, this.#endOf(outcome));
    this.#goOn();
  }

  /** Settles, or asks as many more as are needed. What a rule of the user throws ends the run. */
  #goOn(): void {
    const { kernel, purpose, ahead } = this.#options;
    try {
      const needs = purpose.needs(purpose.of - this.ended);
      if (needs === 0) {
        this.#settle();
        return;
      }
      const enough = Math.min(purpose.of, this.ended + needs + ahead);
      while (this.#added < enough) {
        this.#ask();
      }
      // Those that were just added may wait for abandoned work as well.
      queueMicrotask(() => kernel.checkStalled());
    } catch (error) {
      this.#stop();
      this.#end?.reject(error);
    }
  }

  #ask(): void {
    const { kernel, record, run, spec, purpose } = this.#options;
    const sample = this.#added;
    this.#added += 1;
    const task = async (ctx: TaskContext): Promise<A> => {
      if (ctx.attempt === 1) {
        this.#asked += 1;
        this.#latest = this.#latestEnded + 1;
        this.#rounds.set(sample, this.#latest);
      }
      const answer = await run(ctx);
      await purpose.read(answer, sample, ctx);
      return answer;
    };
    kernel.add(record, { key: String(sample), run: task, spec, watchers: [this] }, this.#context);
  }

  #endOf(outcome: Exclude<Outcome<unknown>, { readonly status: "cancelled" }>): SampleEnd {
    if (outcome.status === "completed") {
      return "answered";
    }
    if (outcome.status === "skipped" && outcome.because.kind === "condition") {
      this.#abstained += 1;
      return "abstained";
    }
    const failure = failureOf(outcome);
    if (failure !== undefined) {
      this.#failures.push(failure);
    }
    return "failed";
  }

  /** Enough have ended: what is under way can no longer matter. */
  #settle(): void {
    const { purpose } = this.#options;
    this.sampling = {
      asked: this.#asked,
      saved: purpose.of - this.#asked,
      cancelled: this.#rounds.size,
      abstained: this.#abstained,
      failures: this.#failures,
      rounds: this.#latest,
    };
    this.#stop();
    this.#end?.resolve();
  }

  /** Now, before the slot that the last sample freed is handed on to another. */
  #stop(): void {
    const { kernel, record } = this.#options;
    this.#over = true;
    cancelEachChild(kernel, record, "enough samples have ended");
  }
}
