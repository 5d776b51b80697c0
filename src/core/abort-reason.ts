/** What the signal of a stopped task says. */
import { CancelledError } from "./errors.ts";

/** The error that stopped the task where it is one, else a `CancelledError` around the reason. */
export function abortReason(key: string, reason: unknown): Error {
  return reason instanceof Error
    ? reason
    : new CancelledError(`Task "${key}" was cancelled`, reason);
}
