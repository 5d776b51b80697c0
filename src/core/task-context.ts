/** What a running task is handed. */
import { abortReason } from "./abort-reason.ts";
import { givenAmounts, type Amounts } from "./budget/amounts.ts";
import { SkippedError } from "./errors.ts";
import type { Kernel } from "./kernel.ts";
import { startTask } from "./start-task.ts";
import { causeOf, coldOf, type TaskRecord } from "./task-record.ts";
import type { Cost, Task, TaskContext, TaskHandle } from "./task.ts";

/** Makes the context of the attempt that begins. */
export function createContext(kernel: Kernel, record: TaskRecord): TaskContext {
  return new Context(kernel, record);
}

/**
 * Which record a context belongs to.
 *
 * @throws `TypeError` when it is not a context of this package.
 */
export function recordOf(ctx: TaskContext): {
  readonly kernel: Kernel;
  readonly record: TaskRecord;
} {
  if (!(ctx instanceof Context)) {
    throw new TypeError(
      `Cannot run within a task as "within" must be the context that a task was handed: ${typeof ctx}`,
    );
  }
  return ctx.internals;
}

/**
 * Reads what a task says it has spent.
 *
 * @throws `RangeError` when that is not a number from 0.
 */
export function spentAmounts(key: string, spent: Cost): Partial<Amounts> {
  return givenAmounts(spent, `Cannot spend in task "${key}"`);
}

class Context implements TaskContext {
  readonly attempt: number;
  readonly #kernel: Kernel;
  readonly #record: TaskRecord;

  constructor(kernel: Kernel, record: TaskRecord) {
    this.#kernel = kernel;
    this.#record = record;
    this.attempt = record.attempts;
  }

  get key(): string {
    return this.#record.key;
  }

  get internals(): { readonly kernel: Kernel; readonly record: TaskRecord } {
    return { kernel: this.#kernel, record: this.#record };
  }

  get signal(): AbortSignal {
    const record = this.#record;
    const cold = coldOf(record);
    if (cold.controller === undefined) {
      cold.controller = new AbortController();
      const { decision } = record;
      if (decision !== undefined && decision.status !== "completed") {
        cold.controller.abort(abortReason(record.key, causeOf(decision)));
      }
    }
    return cold.controller.signal;
  }

  start<T>(key: string, task: Task<T>): TaskHandle<T> {
    return startTask(this.#kernel, this.#record, key, task);
  }

  skip(condition: string): never {
    throw new SkippedError(this.key, { kind: "condition", condition });
  }

  spend(spent: Cost): void {
    const amounts = spentAmounts(this.key, spent);
    if (this.attempt === this.#record.attempts) {
      this.#record.grants?.forEach((grant) => grant.spend(amounts));
    }
  }

  progress(progress: unknown): void {
    const { log } = this.#kernel.options;
    if (log.wanted && this.#record.state === "running") {
      log.add({ type: "task-progressed", taskId: this.#record.id, progress });
    }
  }
}
