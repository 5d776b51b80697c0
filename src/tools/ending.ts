/** How a call ended, before its text is made to fit. */
import type { TimedOutError } from "../core/errors.ts";
import type { Outcome } from "../core/outcome.ts";
import type { TaskRecord } from "../core/task-record.ts";
import type { Work } from "./call-state.ts";
import { cancelledText, failedText, outputText, skippedText, timedOutText } from "./result-text.ts";
import type { ResultStatus } from "./result.ts";

/** How a call ended. */
export interface Ending {
  readonly status: ResultStatus;
  readonly text: string;
  readonly output?: unknown;
  readonly error?: unknown;
}

/** What the outcome of its task says of a call. */
export function endingOf({ tool, input, record }: Work, outcome: Outcome<unknown>): Ending {
  const { name } = tool;
  switch (outcome.status) {
    case "completed":
      try {
        const output = outcome.value;
        return { status: "completed", text: outputText(tool, output, input), output };
      } catch (error) {
        const text = `${name} has ended, but its output could not be shown: ${failedText(name, error, 1)}`;
        return { status: "failed", text, error };
      }
    case "failed": {
      const { error, attempts } = outcome;
      return isTimeoutOf(record, error)
        ? timedOut(name, error)
        : { status: "failed", text: failedText(name, error, attempts), error };
    }
    case "cancelled": {
      const { reason, attempts } = outcome;
      const text = cancelledText(name, reason, attempts > 0);
      return { status: "cancelled", text, error: reason };
    }
    case "skipped":
      return { status: "skipped", text: skippedText(name, outcome.because), error: undefined };
  }
}

/** A call that took too long. */
export function timedOut(name: string, error: TimedOutError): Ending {
  return { status: "timed-out", text: timedOutText(name, error.limitMs), error };
}

/** Whether it says that the task itself took too long, not something around it or that the tool did. */
export function isTimeoutOf({ cold }: TaskRecord, error: unknown): error is TimedOutError {
  return error !== undefined && error === cold?.timedOut;
}

/** Whether it did not do what the model wanted, for a reason of its own. */
export function isFailure({ status }: Ending): boolean {
  return status !== "completed" && status !== "cancelled";
}
