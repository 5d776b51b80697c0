/** Who has waited in line for too long, as others went first. */
import type { Waiter } from "./start-queue.ts";

/** The waiters of a heap, the longest waiting first: times are kept here, not by each waiter, as few ever need one. */
export class Ages {
  /** Since when each is in this line. Who stands in it again, for another attempt, waits anew. */
  readonly #sinceMs = new Map<Waiter, number>();

  constructor(waiters: readonly (Waiter | undefined)[]) {
    for (const each of waiters) {
      if (each !== undefined) {
        this.add(each);
      }
    }
  }

  add(waiter: Waiter, passedSinceMs?: number): void {
    this.#sinceMs.delete(waiter);
    this.#sinceMs.set(waiter, passedSinceMs ?? waiter.owner.now());
  }

  /** Somebody has left the line. */
  remove(waiter: Waiter): void {
    this.#sinceMs.delete(waiter);
  }

  /** Raises those who have waited for too long. Returns whether there were any. */
  raise(): boolean {
    let raised = false;
    for (const [waiter, sinceMs] of this.#sinceMs) {
      const { priority } = waiter;
      if (waiter.waits && !age(waiter, sinceMs)) {
        break;
      }
      raised ||= waiter.waits && priority !== waiter.priority;
      this.#sinceMs.delete(waiter);
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
