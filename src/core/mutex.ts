/** A mutex: one at a time through a section of code that awaits in the middle. */
import { callMarked, currentOwner, isMarked } from "./context.ts";
import { CancelledError } from "./errors.ts";
import type { Kernel } from "./kernel.ts";
import { recordOf } from "./task-context.ts";
import { TaskRecord } from "./task-record.ts";
import type { TaskContext } from "./task.ts";
import { isAtWork, stopReason } from "./wait-rules.ts";
import { beginWait, endWait, type PendingLock, type PendingWait } from "./waits.ts";

/** Options of {@link mutex}. */
export interface MutexOptions {
  /** What events and errors call it. @defaultValue "mutex" */
  readonly name?: string | undefined;
}

/** Options of a wait for a mutex. */
export interface LockOptions {
  /** Gives up waiting when it is aborted. Has no effect once the mutex is locked. */
  readonly signal?: AbortSignal | undefined;
  /** The context of the task that waits. @defaultValue the task whose code calls, where the runtime can tell */
  readonly within?: TaskContext | undefined;
}

/** The right to be alone, until it is released. */
export interface Lock {
  /** Lets the next one in, at once. A second call does nothing. */
  release(): void;
}

/**
 * Lets one at a time through. Make one with {@link mutex}.
 *
 * Guarantees: who asks first goes first; a lock that is released belongs to the next waiter before that one wakes, so that nobody
 * can take it in between; a task that waits lends its slots and has them back before it goes on; a task that is cancelled while
 * it waits leaves the line, and the wait rejects.
 *
 * Does not guarantee anything about code that does not ask, or about other processes. What a task reads and writes as a whole
 * is better declared (`writes`): then nothing can be forgotten, and others wait without having started.
 */
export interface Mutex {
  /** What events and errors call it. */
  readonly name: string;
  /** Whether somebody holds it. */
  readonly locked: boolean;
  /** How many wait for it. */
  readonly waiting: number;
  /**
   * Runs `section` when nobody else is in one, and lets the next one in when it has ended, by a value or an error.
   *
   * @throws `TypeError` (as a rejection) when called inside a section of the same mutex: it would wait for itself.
   * @throws `CancelledError` (as a rejection) when `signal` is aborted, or the task stopped, before the section has begun.
   * @throws `WaitRefusedError` (as a rejection) when the task that holds the mutex was abandoned and nothing else can move.
   */
  run<T>(section: () => T | PromiseLike<T>, options?: LockOptions): Promise<Awaited<T>>;
  /**
   * Waits for the lock, for sections that are not one function. It must be released, whatever happens: prefer {@link Mutex.run}.
   *
   * @throws as {@link Mutex.run}.
   */
  acquire(options?: LockOptions): Promise<Lock>;
}

/**
 * Makes a mutex. It may be used inside and outside of tasks, and by any number of runs.
 *
 * @example
 * ```ts
 * import { all, mutex } from "fanfold";
 *
 * const account = mutex({ name: "account" });
 * let balance = 0;
 * const deposit = () =>
 *   account.run(async () => {
 *     const before = balance;
 *     await Promise.resolve();
 *     balance = before + 1;
 *   });
 * await all([deposit, deposit]);
 * console.log(balance); // 2
 * ```
 */
export function mutex(options: MutexOptions = {}): Mutex {
  return new FairMutex(options.name ?? "mutex");
}

/** A mutex whose waiters stand in a list, so that one who gives up leaves it at once. */
export class FairMutex implements Mutex {
  readonly name: string;
  readonly #onIdle: (() => void) | undefined;
  #held: Request | undefined;
  #first: Request | undefined;
  #last: Request | undefined;
  #waiting = 0;

  /** `onIdle` is called each time that nobody holds it any more and nobody waits. */
  constructor(name: string, onIdle?: () => void) {
    this.name = name;
    this.#onIdle = onIdle;
  }

  get locked(): boolean {
    return this.#held !== undefined;
  }

  get waiting(): number {
    return this.#waiting;
  }

  /** The task that holds it. */
  get holder(): TaskRecord | undefined {
    return this.#held?.task;
  }

  async run<T>(section: () => T | PromiseLike<T>, options?: LockOptions): Promise<Awaited<T>> {
    const lock = await this.acquire(options);
    try {
      return await callMarked(lock, section);
    } finally {
      lock.release();
    }
  }

  acquire({ signal, within }: LockOptions = {}): Promise<Lock> {
    return new Promise((resolve, reject) => {
      if (this.#held !== undefined && isMarked(this.#held)) {
        throw new TypeError(
          `Cannot lock mutex "${this.name}" as a section must end before the next begins: it is already inside one`,
        );
      }
      const request = new Request(this, taskOf(within), { resolve, reject, signal });
      if (this.#held === undefined) {
        this.#held = request;
        request.resume();
      } else if (request.error === undefined) {
        this.#enter(request);
        request.wait();
      } else {
        request.resume();
      }
    });
  }

  /** The next one has the lock from now on, although it may have to wait for its slots. */
  release(request: Request): void {
    if (this.#held === request) {
      const next = this.#first;
      this.#held = next;
      if (next === undefined) {
        this.#onIdle?.();
      } else {
        this.leave(next);
        next.endWait(request.task);
      }
    }
  }

  #enter(request: Request): void {
    request.previous = this.#last;
    if (this.#last === undefined) {
      this.#first = request;
    } else {
      this.#last.next = request;
    }
    this.#last = request;
    this.#waiting += 1;
    request.isInLine = true;
  }

  /** Takes one that waits out of the line. */
  leave(request: Request): void {
    const { previous, next } = request;
    if (previous === undefined) {
      this.#first = next;
    } else {
      previous.next = next;
    }
    if (next === undefined) {
      this.#last = previous;
    } else {
      next.previous = previous;
    }
    this.#waiting -= 1;
    request.isInLine = false;
  }
}

/** The task on whose behalf code waits; none outside, and for what a task left behind. */
function taskOf(within: TaskContext | undefined): TaskRecord | undefined {
  const owner = within === undefined ? currentOwner() : recordOf(within).record;
  return owner instanceof TaskRecord && isAtWork(owner) ? owner : undefined;
}

/** How the promise of a request ends. */
interface RequestEnd {
  readonly resolve: (lock: Lock) => void;
  readonly reject: (error: unknown) => void;
  readonly signal: AbortSignal | undefined;
}

/** Somebody who wants the lock, and then has it. */
class Request implements Lock, PendingLock, PendingWait {
  readonly task: TaskRecord | undefined;
  previous: Request | undefined;
  next: Request | undefined;
  isInLine = false;
  readonly #mutex: FairMutex;
  readonly #end: RequestEnd;
  #refusal: Error | undefined;

  constructor(mutex: FairMutex, task: TaskRecord | undefined, end: RequestEnd) {
    this.#mutex = mutex;
    this.task = task;
    this.#end = end;
  }

  get name(): string {
    return this.#mutex.name;
  }

  get holder(): TaskRecord | undefined {
    return this.#mutex.holder;
  }

  get lock(): this {
    return this;
  }

  /** Why its section is not to begin. */
  get error(): Error | undefined {
    const { signal } = this.#end;
    if (this.#refusal !== undefined) {
      return this.#refusal;
    }
    return signal?.aborted === true
      ? new CancelledError(`The wait for mutex "${this.name}" was cancelled`, signal.reason)
      : this.task && stopReason(this.task);
  }

  /** Begins to wait, in the line. */
  wait(): void {
    this.#end.signal?.addEventListener("abort", this.#leave);
    if (this.task !== undefined) {
      beginWait(kernelOf(this.task), this.task, this);
    }
  }

  /** Ends the wait, out of the line: `by` has let it in. */
  endWait(by: TaskRecord | undefined): void {
    this.#end.signal?.removeEventListener("abort", this.#leave);
    if (this.task === undefined) {
      this.resume();
    } else {
      endWait(kernelOf(this.task), this.task, this, by);
    }
  }

  resume(): void {
    const { error } = this;
    if (error === undefined) {
      this.#end.resolve(this);
    } else {
      this.#end.reject(error);
      this.release();
    }
  }

  interrupt(): void {
    this.#leave();
  }

  refuse(error: Error): void {
    this.#refusal = error;
    if (this.isInLine) {
      this.#leave();
    } else {
      this.resume(); // It has the lock, or has left already, and was waiting for its slots.
    }
  }

  release(): void {
    this.#mutex.release(this);
  }

  readonly #leave = (): void => {
    this.#mutex.leave(this);
    this.endWait(undefined);
  };
}

function kernelOf({ owner }: TaskRecord): Kernel {
  return owner as Kernel; // Records are made by kernels alone.
}
