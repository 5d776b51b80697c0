/** Work that was left undone for want of money. */
import { SkippedError, TasksFailedError } from "../core/errors.ts";

/** Says that nothing was done, as the first call did not fit into a budget. */
export class UnpaidError extends Error {
  override readonly name = "UnpaidError";

  constructor() {
    super("its first call does not fit into a budget");
  }
}

/** Why work could not be paid, in words; undefined where something else went wrong as well, or instead. */
export function unpaidReason(error: unknown): string | undefined {
  if (error instanceof UnpaidError) {
    return error.message;
  }
  if (TasksFailedError.isInstance(error)) {
    const reasons = error.errors.map((failure) => unpaidReason(failure.error));
    return reasons.includes(undefined) ? undefined : reasons[0];
  }
  if (!SkippedError.isInstance(error) || error.because.kind !== "budget") {
    return undefined;
  }
  const { budget, needed, left } = error.because;
  return `it does not fit into the budget "${budget}": $${needed.toFixed(6)} estimated, $${left.toFixed(6)} left`;
}
