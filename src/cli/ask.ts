/** `fanfold ask`: a model that reads a folder, and changes it where it may, until it has an answer. */
import { budget } from "../core/budget/budget.ts";
import { describeError } from "../core/errors.ts";
import { answersIn } from "../core/http-answer.ts";
import { agent } from "../models/agent.ts";
import type { AgentFinish, AgentResult, AgentRun } from "../models/agent-run.ts";
import type { ModelSpent } from "../models/meter.ts";
import type { ModelMessage } from "../models/model.ts";
import { killAllGroups } from "../system/process-group.ts";
import { codingTools } from "../tools/coding/coding-tools.ts";
import type { Tool } from "../tools/tool.ts";
import { toolbox } from "../tools/toolbox.ts";
import { AskView, describeProblem, describeSpent } from "./ask-view.ts";
import { askedModel, type AskedModelOptions } from "./asked-model.ts";
import { endAtOnce } from "./end-process.ts";
import { exitCodeOf, watchSignals } from "./signals.ts";
import { EXIT_PIPE, watchStdout } from "./stdout.ts";

/** Options of `fanfold ask`. */
export interface AskOptions extends AskedModelOptions {
  readonly root: string;
  readonly write?: boolean;
  readonly maxSteps?: number;
  readonly json?: boolean;
}

/** The document of `--json`. Described in docs/cli.md; fields are added, never renamed. */
interface AskDocument {
  readonly finish: AgentFinish | "failed" | "cancelled";
  /** What the model said last; absent where the run failed or was cancelled. */
  readonly answer?: string;
  /** How many responses there were. */
  readonly steps: number;
  readonly spent?: ModelSpent;
  readonly error?: { readonly name: string; readonly message: string };
  readonly messages: readonly ModelMessage[];
}

/**
 * Asks, and returns the exit code.
 *
 * @throws `RangeError` or `Error` when the question is empty, the model cannot be asked, or there is no such folder; nothing was asked
 */
export async function ask(question: string, options: AskOptions): Promise<number> {
  const { root, write = false, json = false, maxSteps } = options;
  if (question.trim() === "") {
    throw new RangeError("Cannot ask as the question is empty");
  }
  const model = askedModel(options);
  // The tools make their results fit by themselves: nothing is put aside in the folder.
  const tools = toolbox(toolsIn(root, write), { root, maxResultBytes: Infinity });
  const asked = agent({
    model,
    toolbox: tools,
    instructions: instructionsFor(write),
    maxSteps,
    budget: options.budget === undefined ? undefined : budget({ usd: options.budget }),
  });
  const view = new AskView({
    onText: (text) => json || process.stdout.write(text),
    onLine: (line) => process.stderr.write(`${line}\n`),
  });
  const cancel = new AbortController();
  // Whatever ends this process, a second signal or a bug: the commands end with it.
  process.once("exit", killAllGroups);
  const signals = watchSignals({
    cancel: (signal) => {
      view.line("Cancelling; a second signal ends everything at once.");
      cancel.abort(signal);
    },
    end: (signal) => {
      endAtOnce(exitCodeOf(signal)).catch(() => process.exit(exitCodeOf(signal)));
    },
  });
  const stdout = watchStdout({
    onClosed: () => cancel.abort("nobody reads the output"),
    divert: undefined,
  });
  let steps = 0;
  const run = asked.run(question, {
    signal: cancel.signal,
    onEvent: (event) => {
      steps = event.type === "step-completed" ? event.step : steps;
      view.show(event);
    },
  });
  // It ends when all that its calls have started has.
  const document = await documentOf(run, { cancelled: cancel.signal, steps: () => steps });
  signals.nothingToCancel();
  view.line(closingLine(document));
  if (json) {
    process.stdout.write(`${JSON.stringify(document, undefined, 2)}\n`);
  }
  signals.stop();
  return stdout.isClosed
    ? EXIT_PIPE
    : signals.received === undefined
      ? Number(document.finish !== "answered")
      : exitCodeOf(signals.received);
}

/** Without `write` those that only read. None asks the network: there would be no host that it may ask. */
function toolsIn(root: string, write: boolean): readonly Tool[] {
  return codingTools({ root }).filter(
    ({ name, effect }) => name !== "fetch_url" && (write || effect === "read"),
  );
}

function instructionsFor(write: boolean): string {
  return [
    "You answer questions about the files of one folder, and do tasks in it. Paths are relative to that folder.",
    "Tool calls of one response run at the same time where they do not touch the same: make all calls at once that do not need each other's results.",
    write
      ? "You may change files and run commands in the folder, as far as the user asks for it."
      : "You can only read: you have no tools that change files or run commands. Where the user asks for that, say so, and what you would do.",
  ].join("\n");
}

async function documentOf(
  run: AgentRun,
  { cancelled, steps }: { readonly cancelled: AbortSignal; readonly steps: () => number },
): Promise<AskDocument> {
  try {
    const result: AgentResult = await run;
    const { finish, text: answer, spent, messages } = result;
    return { finish, answer, steps: result.steps, spent, messages };
  } catch (error) {
    const { messages } = run;
    return cancelled.aborted
      ? { finish: "cancelled", steps: steps(), messages }
      : { finish: "failed", steps: steps(), error: shownError(error), messages };
  }
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

function closingLine({ finish, steps, spent, error }: AskDocument): string {
  switch (finish) {
    case "failed":
      return error?.message ?? finish;
    case "cancelled":
      return "Cancelled.";
    default: {
      const took = spent === undefined ? "" : describeSpent(steps, spent);
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
