/** Who has waited in line for too long, as others went first. */
import type { Waiter } from "./start-queue.ts";

/** The waiters of a heap, the longest waiting first: times are kept here, in a plain list, not by each waiter. */
export class Ages {
  #waiters: Waiter[] = [];
  #sinceMs: number[] = [];
  #oldest = 0;
  /** With so many, those who have left the line are forgotten: nothing else may keep them alive. */
  #most = 1024;

  constructor(waiters: readonly (Waiter | undefined)[]) {
    for (const each of waiters) {
      if (each !== undefined) {
        this.add(each);
      }
    }
  }

  add(waiter: Waiter, passedSinceMs?: number): void {
    if (this.#waiters.length >= this.#most) {
      const isWaiting = this.#waiters.map(({ waits }, at) => waits && at >= this.#oldest);
      this.#waiters = this.#waiters.filter((_, at) => isWaiting[at]);
      this.#sinceMs = this.#sinceMs.filter((_, at) => isWaiting[at]);
      this.#oldest = 0;
      this.#most = 1024 + this.#waiters.length * 2;
    }
    this.#waiters.push(waiter);
    this.#sinceMs.push(passedSinceMs ?? waiter.owner.now());
  }

  /** Raises those who have waited for too long. Returns whether there were any. */
  raise(): boolean {
    let raised = false;
    for (; this.#oldest < this.#waiters.length; this.#oldest += 1) {
      const waiter = this.#waiters[this.#oldest];
      if (waiter?.waits === true) {
        const { priority } = waiter;
        if (!age(waiter, this.#sinceMs[this.#oldest] ?? 0)) {
          break;
        }
        raised ||= priority !== waiter.priority;
      }
    }
    return raised;
  }
}

/** Gives the highest priority to one whom others have passed for too long. Returns whether it needs no more: take-backs do not. */
export function age(waiter: Waiter, sinceMs: number): boolean {
  if (!waiter.takesBack && waiter.owner.hasAged(sinceMs)) {
    waiter.priority = Infinity;
  }
  return waiter.takesBack || waiter.priority === Infinity;
}
