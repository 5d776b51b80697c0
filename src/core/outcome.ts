/** How a task ended: one of four, as data. */

/** How a task ended. Exactly one per task, whatever happens. */
export type Outcome<T> = CompletedOutcome<T> | FailedOutcome | CancelledOutcome | SkippedOutcome;

interface OutcomeBase {
  /** The key of the task. */
  readonly key: string;
  /** How many attempts were started: 0 when the task never ran. */
  readonly attempts: number;
}

/** The task returned. */
export interface CompletedOutcome<T> extends OutcomeBase {
  readonly status: "completed";
  /** What it returned. */
  readonly value: T;
}

/** The task threw, or ran out of time. */
export interface FailedOutcome extends OutcomeBase {
  readonly status: "failed";
  /** What was thrown, unchanged (`===`); a `TimedOutError` when time ran out. */
  readonly error: unknown;
  /** Whether the work ignored its signal for the whole grace and may still be going on. */
  readonly abandoned: boolean;
}

/** The task was cancelled before it could end by itself. */
export interface CancelledOutcome extends OutcomeBase {
  readonly status: "cancelled";
  /** What was handed to `cancel`, the reason of the signal, or the failure of the sibling that stopped the scope. */
  readonly reason: unknown;
  /** Whether the work ignored its signal for the whole grace and may still be going on. */
  readonly abandoned: boolean;
}

/** The task did not do its work. */
export interface SkippedOutcome extends OutcomeBase {
  readonly status: "skipped";
  /** Why it was skipped. */
  readonly because: SkipCause;
}

/** Why a task did not do its work. */
export type SkipCause =
  /** A task that it comes after did not complete. */
  | {
      readonly kind: "dependency";
      readonly task: string;
      readonly status: "failed" | "cancelled" | "skipped";
    }
  /** It waited for what abandoned work still holds, and nothing else of the run could move. */
  | { readonly kind: "abandoned"; readonly task: string }
  /**
   * It did not fit into a budget any more: of `unit`, in the unit's own measure, it needed more than was left. Nothing needed means
   * that it declared nothing of a unit of which nothing was left.
   */
  | {
      readonly kind: "budget";
      readonly budget: string;
      readonly unit: "usd" | "tokens" | "calls" | "timeMs";
      readonly needed: number;
      readonly left: number;
    }
  /** It found, when its turn came, that there was nothing to do: it called `ctx.skip`. */
  | { readonly kind: "condition"; readonly condition: string };

/** The four ways to end. */
export type OutcomeStatus = Outcome<unknown>["status"];
