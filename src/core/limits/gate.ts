/** What lets an attempt through besides slots: the time has come, or a budget allows it. */
import type { Amounts } from "../budget/amounts.ts";
import type { Waiter } from "../start-queue.ts";

/** How an attempt ended, as far as it concerns those who let it through. */
export type GrantEnd =
  | { readonly kind: "completed" }
  /** The service sent it away: with the wait that it asked for, if any. */
  | { readonly kind: "rejected"; readonly askedMs: number | undefined }
  | { readonly kind: "other" };

/** With what an attempt was let through. */
export interface Grant {
  /** It has really cost so much, besides what was told before. */
  spend(amounts: Partial<Amounts>): void;
  /** Its function has ended; what it started may go on. */
  end(end: GrantEnd): void;
  /** All that it started has ended too. */
  close?(): void;
}

/** Stands at a limit, where those who have their turn and their slots come by. */
export interface Gate {
  /** What events say that those wait for who have to wait here. */
  readonly reason: "rate" | "budget";
  /** Whether an attempt has to wait. */
  holds(waiter: Waiter): boolean;
  /** Whether an attempt may start now. If not, the gate wakes its limit when it may, or refuses the attempt for good. */
  admits(waiter: Waiter): boolean;
  /** An attempt starts now. */
  admit(waiter: Waiter): Grant;
}
