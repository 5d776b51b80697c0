/** Starting one task inside a scope or task, and the handle that comes back. */
import type { Predecessor, Until } from "./dependents.ts";
import type { Kernel } from "./kernel.ts";
import { cancelRecord } from "./cancel.ts";
import { CancelledError, SkippedError } from "./errors.ts";
import { startedBy } from "./notes.ts";
import type { Outcome } from "./outcome.ts";
import type { TaskRecord } from "./task-record.ts";
import { functionOf, specOf } from "./task-spec.ts";
import type { Dependency, Task, TaskHandle, TaskReference, TaskState } from "./task.ts";
import { workingTask } from "./wait-rules.ts";
import { waitFor } from "./waits.ts";

/** Starts a task under `parent`. */
export function startTask<T>(
  kernel: Kernel,
  parent: TaskRecord,
  key: string,
  task: Task<T>,
): TaskHandle<T> {
  const run = functionOf(key, task);
  const enabledBy = kernel.options.log.wanted ? startedBy(parent, workingTask(kernel)) : undefined;
  const spec = specOf(key, task, parent.plainSpec);
  const declared = typeof task === "function" ? undefined : task.after;
  if (declared !== undefined && !Array.isArray(declared)) {
    throw new TypeError(`Cannot start task "${key}" as "after" must be a list of handles`);
  }
  const after = declared?.map((each) => dependencyOf(key, parent, each));
  return new Handle<T>(kernel, kernel.add(parent, { key, spec, run, after, enabledBy }));
}

function dependencyOf(key: string, parent: TaskRecord, dependency: Dependency): Predecessor {
  if (dependency instanceof Handle) {
    return predecessorOf(key, parent, dependency, "completed");
  }
  const isDetailed = typeof dependency === "object" && "until" in dependency;
  return isDetailed
    ? predecessorOf(key, parent, dependency.task, dependency.until)
    : predecessorOf(key, parent, dependency, "completed");
}

function predecessorOf(
  key: string,
  parent: TaskRecord,
  task: TaskReference,
  until: Until,
): Predecessor {
  if (!(task instanceof Handle)) {
    throw new TypeError(
      `Cannot start task "${key}" as each of "after" must be the handle of a started task: ${describeReference(task)}`,
    );
  }
  if (task.record.parent !== parent) {
    throw new TypeError(
      `Cannot start task "${key}" as each of "after" must be of the same scope: "${task.key}"`,
    );
  }
  return { record: task.record, until };
}

function describeReference(task: unknown): string {
  return typeof task === "string" ? JSON.stringify(task) : typeof task;
}

/** The value of an outcome, or the error that stands for it. */
export function valueOf<T>(outcome: Outcome<T>): T {
  switch (outcome.status) {
    case "completed":
      return outcome.value;
    case "failed":
      throw outcome.error;
    case "cancelled":
      throw outcome.reason instanceof CancelledError
        ? outcome.reason
        : new CancelledError(`Task "${outcome.key}" was cancelled`, outcome.reason);
    case "skipped":
      throw new SkippedError(outcome.key, outcome.because);
  }
}

class Handle<T> implements TaskHandle<T> {
  readonly #kernel: Kernel;
  /** @internal */
  readonly record: TaskRecord;

  constructor(kernel: Kernel, record: TaskRecord) {
    this.#kernel = kernel;
    this.record = record;
  }

  get key(): string {
    return this.record.key;
  }

  get state(): TaskState {
    return this.record.state;
  }

  get outcome(): Outcome<T> | undefined {
    return this.record.outcome as Outcome<T> | undefined; // The record runs the task of type T that it was made with.
  }

  get value(): T {
    const { outcome } = this;
    if (outcome === undefined) {
      throw new TypeError(
        `Cannot read the value of task "${this.key}" as it has not ended: ${this.state}`,
      );
    }
    return valueOf(outcome);
  }

  settled(): Promise<Outcome<T>> {
    return this.#wait((outcome) => outcome);
  }

  cancel(reason?: unknown): void {
    cancelRecord(this.#kernel, this.record, { status: "cancelled", reason });
  }

  // A handle is awaited like a promise: that is what it is for.
  // oxlint-disable-next-line unicorn/no-thenable
  then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    // Not by way of `settled`: each promise costs as much as the scheduling of a task.
    return this.#wait<T>(valueOf).then(onFulfilled, onRejected);
  }

  catch<U>(onRejected: (error: unknown) => U | PromiseLike<U>): Promise<T | U> {
    return this.then(undefined, onRejected);
  }

  finally(onFinally: () => void): Promise<T> {
    return this.then().finally(onFinally);
  }

  #wait<R>(read: (outcome: Outcome<T>) => R): Promise<R> {
    const target = this.record;
    const starter = target.parent as TaskRecord; // Every started task has one.
    return waitFor(this.#kernel, {
      starter,
      target,
      read: read as (outcome: Outcome<unknown>) => R,
    }); // As for `outcome`.
  }
}
