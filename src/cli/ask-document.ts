/** What `fanfold ask` says of a run that has ended. */
import { counted } from "../core/counted.ts";
import { describeError } from "../core/errors.ts";
import { answersIn } from "../core/http-answer.ts";
import type { Outcome } from "../core/outcome.ts";
import type { AgentFinish, AgentResult } from "../models/agent-run.ts";
import type { ModelSpent } from "../models/meter.ts";
import type { ModelMessage } from "../models/model.ts";
import { describeProblem } from "./ask-view.ts";
import { describeSpent } from "./describe-spent.ts";

/** The document of `--json`. Described in docs/cli.md; fields are added, never renamed. */
export interface AskDocument {
  /** Where the run is recorded; without fields where it is not. */
  readonly run: { readonly id: string | undefined; readonly folder: string | undefined };
  readonly finish: AgentFinish | "failed" | "cancelled";
  /** What the model said last; absent where the run failed or was cancelled. */
  readonly answer?: string;
  /** How many responses there were. */
  readonly steps: number;
  readonly spent?: ModelSpent;
  readonly error?: { readonly name: string; readonly message: string };
  readonly messages: readonly ModelMessage[];
}

/** A run that has ended. */
export interface EndedAsk extends Pick<AskDocument, "run" | "messages"> {
  readonly outcome: Outcome<unknown>;
  /** What came of it; undefined where it failed or was cancelled. */
  readonly result: AgentResult | undefined;
  /** How many responses were complete. */
  readonly steps: number;
  readonly wasCancelled: boolean;
}

/** How a run ended, as data. */
export function askDocument({ outcome, result, wasCancelled, ...ended }: EndedAsk): AskDocument {
  const { run, steps, messages } = ended;
  if (result !== undefined) {
    const { finish, text: answer, spent } = result;
    return { run, finish, answer, steps: result.steps, spent, messages };
  }
  return outcome.status === "failed" && !wasCancelled
    ? { run, finish: "failed", steps, error: shownError(outcome.error), messages }
    : { run, finish: "cancelled", steps, messages };
}

function shownError(error: unknown): { readonly name: string; readonly message: string } {
  const status = answersIn(error).find((answer) => answer.status !== undefined)?.status;
  const refused = status === undefined || status < 400 ? "" : ` with status ${status}`;
  const hint = status === 401 || status === 403 ? " (is OPENAI_API_KEY that of this service?)" : "";
  return {
    name: error instanceof Error ? error.name : "Error",
    message: `The model failed${refused}: ${describeProblem(describeError(error))}${hint}`,
  };
}

/** The same in a line. */
export function closingLine({ finish, steps, spent, error }: AskDocument): string {
  switch (finish) {
    case "failed":
      return error?.message ?? finish;
    case "cancelled":
      return "Cancelled.";
    default: {
      const took = spent === undefined ? "" : describeSpent(counted(steps, "step"), spent);
      return finish === "answered" ? took : `Not answered: ${REASONS[finish]} (${took})`;
    }
  }
}

const REASONS: Readonly<Record<Exclude<AgentFinish, "answered">, string>> = {
  length: "the response was cut off as it was too long",
  "content-filter": "the service filtered the response",
  error: "the service ended the response with an error",
  other: "the service ended the response for a reason of its own",
  "max-steps": "there may be no more steps; see --max-steps",
  budget: "another response does not fit into --budget",
};
