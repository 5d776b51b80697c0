/**
 * Who hears of the end of an attempt. A listener that has heard serves the next attempt: two functions for each that runs, not for
 * each that ever ran.
 */
import { endAttempt } from "./attempt.ts";
import type { Kernel } from "./kernel.ts";
import type { TaskRecord } from "./task-record.ts";

/** More than this many idle listeners are not kept: they would outlive a burst for the rest of the run. */
const MOST_IDLE = 256;

/** The listeners of one run. */
export class Listeners {
  readonly #kernel: Kernel;
  readonly #idle: Listener[] = [];

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** Ends the attempt of `record` as `result` ends: once, however often it reports. */
  listen(record: TaskRecord, result: PromiseLike<unknown>): void {
    // A promise reports once. Anything else may report again, when its listener would already serve another attempt.
    const isPromise = result.then === Promise.prototype.then;
    const listener =
      (isPromise ? this.#idle.pop() : undefined) ??
      new Listener(this.#kernel, isPromise ? this.#idle : undefined);
    listener.record = record;
    try {
      result.then(listener.onReturn, listener.onThrow);
    } catch (error) {
      listener.onThrow(error);
    }
  }
}

class Listener {
  record: TaskRecord | undefined;
  readonly onReturn: (value: unknown) => void;
  readonly onThrow: (error: unknown) => void;

  constructor(kernel: Kernel, idle: Listener[] | undefined) {
    const hear = (ok: boolean, result: unknown): void => {
      const { record } = this;
      if (record === undefined) {
        return; // A thenable that reports twice.
      }
      this.record = undefined;
      if (idle !== undefined && idle.length < MOST_IDLE) {
        idle.push(this);
      }
      endAttempt(kernel, record, ok, result);
    };
    this.onReturn = (value) => hear(true, value);
    this.onThrow = (error) => hear(false, error);
  }
}
