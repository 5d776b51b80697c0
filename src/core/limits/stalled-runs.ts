/** Runs in which nothing moves, and that look again when something happens at a limit that their tasks wait for. */
import type { Waiter } from "../start-queue.ts";
import type { Limit } from "./limit.ts";

/** A run in which nothing moves, although tasks of it wait for limits. */
export interface Stalled {
  /** Starts or skips one of them, if others may go on for that. */
  checkStalled(): void;
}

/** Has them look again when the code that runs now has ended. */
export function tellStalled(limit: Limit): void {
  const { stalled } = limit;
  limit.stalled = undefined;
  if (stalled !== undefined) {
    queueMicrotask(() => stalled.forEach((each) => each.checkStalled()));
  }
}

/** Has the runs look again that wait for the limits of a waiter to have their turn. */
export function endTurn({ limits }: Waiter): void {
  limits.forEach(tellStalled);
}

/**
 * Has a run look again, once, when one of the limits of a waiter has had its turn and has kept somebody from starting who has room. Where
 * time is in its way, that will come.
 */
export function awaitTurn(waiter: Waiter, stalled: Stalled): void {
  for (const each of waiter.limits) {
    each.stalled ??= new Set();
    each.stalled.add(stalled);
    if (each.gate?.reason === "rate") {
      each.gate.admits(waiter); // It wakes the limit when it may start, also one who is not the first there.
    }
  }
}
