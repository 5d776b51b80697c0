/** Validators at once, for `validate` and `guard`: what they say, and what stops them. */
import type { Outcome } from "../core/outcome.ts";
import type { TaskFunction, TaskHandle } from "../core/task.ts";
import { fanOut } from "./fan-out.ts";
import type { ModelWork } from "./model-run.ts";
import { coverageOf, reasonOf, type MissingResult } from "./source-result.ts";
import { complaintsBy, type Validator } from "./validator.ts";

/** What one validator says is wrong. */
export interface Complaint {
  /** The name of the validator. */
  readonly validator: string;
  readonly text: string;
}

/** What all validators say. */
export interface Verdict {
  /** Whether all are content, one complains, or nobody complains and not all could check. */
  readonly verdict: "valid" | "invalid" | "unknown";
  /** All that is wrong, in the order of the validators. */
  readonly complaints: readonly Complaint[];
  /** The validators that said nothing, and why: they failed, or were stopped. In their order. */
  readonly unchecked: readonly MissingResult[];
  /** Which share of the validators has spoken, from 0 to 1. */
  readonly coverage: number;
}

/** What is checked, and what stops the checking. */
export interface Checking<I> {
  readonly input: I;
  readonly validators: Readonly<Record<string, Validator<I>>>;
  readonly failFast: boolean;
  /**
   * A task beside them, of use only where all are content: stopped by the first that is not, or says nothing. Its failure stops them.
   * @defaultValue none
   */
  readonly beside?: TaskFunction<unknown> | undefined;
}

/** Runs validators, and a task beside them. Its outcome comes with what they say. */
export async function check<I>(
  work: ModelWork,
  { input, validators, failFast, beside }: Checking<I>,
): Promise<{ readonly verdict: Verdict; readonly beside: Outcome<unknown> | undefined }> {
  const names = Object.keys(validators);
  const handles: TaskHandle<unknown>[] = [];
  const stop = (reason: string): void => {
    for (const handle of handles) {
      handle.cancel(reason);
    }
  };
  const tasks: readonly (readonly [string, TaskFunction<unknown>])[] = [
    ...names.map((name): [string, TaskFunction<unknown>] => [
      name,
      (ctx) => complaintsBy(work, validators[name] as Validator<I>, { input, ctx }), // It is one of its names.
    ]),
    ...(beside === undefined ? [] : [["answer", beside] as const]),
  ];
  const outcomes = await fanOut(
    tasks.map(([key, task]) => (s) => {
      const handle = s.start(key, task);
      handles.push(handle);
      return handle;
    }),
    {
      within: work.ctx,
      name: "check",
      failure: "continue",
      onEnd(outcome, index) {
        if (index >= names.length) {
          // One that was cancelled is of no use: the validators may still complain.
          if (outcome.status !== "completed" && outcome.status !== "cancelled") {
            stop("there is no answer to check");
          }
        } else if (failFast && complaintsIn(outcome).length > 0) {
          stop(`validator "${outcome.key}" complains`);
        } else if (outcome.status !== "completed") {
          handles[names.length]?.cancel(`validator "${outcome.key}" could not check`);
        }
      },
    },
  );
  return { verdict: verdictOf(outcomes.slice(0, names.length)), beside: outcomes[names.length] };
}

function verdictOf(outcomes: readonly Outcome<unknown>[]): Verdict {
  const complaints = outcomes.flatMap((outcome) =>
    complaintsIn(outcome).map((text) => ({ validator: outcome.key, text })),
  );
  const unchecked = outcomes.flatMap((outcome) => {
    const reason = reasonOf(outcome);
    return reason === undefined ? [] : [{ key: outcome.key, reason }];
  });
  return {
    verdict: complaints.length > 0 ? "invalid" : unchecked.length > 0 ? "unknown" : "valid",
    complaints,
    unchecked,
    coverage: coverageOf(outcomes.length - unchecked.length, unchecked.length),
  };
}

function complaintsIn(outcome: Outcome<unknown>): readonly string[] {
  return outcome.status === "completed" ? (outcome.value as readonly string[]) : []; // Of a validator.
}

/** @throws `RangeError` when there is no validator. */
export function checkValidators(validators: Readonly<Record<string, unknown>>): void {
  if (Object.keys(validators).length === 0) {
    throw new RangeError("Cannot validate as there must be a validator: none");
  }
}
