/** `fanfold ask`: a model that reads a folder, and changes it where it may, until it has an answer. */
import { isatty } from "node:tty";
import { relative, resolve } from "node:path";
import { budget } from "../core/budget/budget.ts";
import type { TaskContext } from "../core/task.ts";
import { agent } from "../models/agent.ts";
import type { Agent, AgentEvent, AgentRun } from "../models/agent-run.ts";
import { settle } from "../patterns/settle.ts";
import { killAllGroups } from "../system/process-group.ts";
import { isWithin, realPath } from "../system/real-path.ts";
import { folderInstructions, folderToolbox } from "../tools/coding/folder-toolbox.ts";
import { askDocument, closingLine, type AskDocument } from "./ask-document.ts";
import { AskView } from "./ask-view.ts";
import { askedModel, type AskedModelOptions } from "./asked-model.ts";
import { endAtOnce } from "./end-process.ts";
import { LiveCalls } from "./live-calls.ts";
import { packageVersion } from "./package-version.ts";
import {
  describeResumed,
  openingOf,
  readAsk,
  type AskStarted,
  type Opening,
} from "./resumed-ask.ts";
import { closeRecord, RunRecord } from "./run-record.ts";
import { exitCodeOf, watchSignals } from "./signals.ts";
import { EXIT_PIPE, watchStdout } from "./stdout.ts";
import { openTerminal } from "./terminal.ts";

/** Options of `fanfold ask`. */
export interface AskOptions extends AskedModelOptions {
  readonly root: string;
  readonly write?: boolean;
  readonly maxSteps?: number;
  readonly json?: boolean;
  /** The run to go on with; true for the last. */
  readonly resume?: string | true;
  readonly out?: string;
  readonly keep: number;
}

/** A question, ready to be asked. */
interface Asking {
  readonly asked: Agent;
  readonly started: AskStarted;
  readonly opening: Opening;
  readonly record: RunRecord;
  readonly json: boolean;
  /** What to say before it is asked. */
  readonly lines: readonly string[];
}

/**
 * Asks, and returns the exit code.
 *
 * @throws `RangeError` or `Error` when there is no question, the model cannot be asked, there is no such folder or no such run to go on with, or
 * the run cannot be recorded where it should be; nothing was asked
 */
export async function ask(question: string | undefined, options: AskOptions): Promise<number> {
  const { write = false, json = false, out } = options;
  checkQuestion(question, options);
  const { model, secrets } = askedModel(options);
  const box = folderToolbox({ root: options.root, write });
  const [cwd, root] = [process.cwd(), resolve(options.root)];
  checkOut(out, root);
  const readers = new Set(
    [...box.tools.values()].flatMap(({ name, effect }) => (effect === "read" ? [name] : [])),
  );
  const earlier = options.resume === undefined ? undefined : await readAsk(options.resume, cwd);
  const asking = {
    asked: agent({
      model,
      toolbox: box,
      instructions: folderInstructions(write),
      maxSteps: options.maxSteps,
      budget: options.budget === undefined ? undefined : budget({ usd: options.budget }),
    }),
    started: { type: "ask-started", question, model: model.name, write, resumes: earlier?.id },
    opening:
      earlier === undefined
        ? { messages: [], prompt: question }
        : openingOf(earlier, { question, readers }),
    lines:
      earlier === undefined
        ? []
        : describeResumed(earlier, { root, model: model.name, write, readers }),
    json,
  } as const;
  const record = await RunRecord.open({
    environments: [process.env, secrets],
    keyVariables: Object.keys(secrets),
    origin: { command: "ask", source: root, cwd, fanfold: packageVersion() },
    out,
    keep: options.keep,
  });
  return await askNow({ ...asking, record });
}

/** Asks, shows what happens, and returns the exit code. */
async function askNow({ asked, started, opening, record, json, lines }: Asking): Promise<number> {
  const { view, live } = openView(json);
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
  lines.forEach((line) => view.line(line));
  let steps = 0;
  let run: AgentRun | undefined;
  const onEvent = (event: AgentEvent): void => {
    steps = event.type === "step-completed" ? event.step : steps;
    view.show(event);
    live?.show(event);
  };
  const work = async (within: TaskContext): Promise<void> => {
    within.progress(started);
    run = asked.run(opening.prompt, { messages: opening.messages, within, onEvent });
    await run; // What came of it is the value of its own task: once is enough in a recording.
  };
  // It ends when all that its calls have started has.
  const { ask: outcome } = await settle(
    { ask: work },
    {
      name: "ask",
      signal: cancel.signal,
      observe: (event) => {
        record.record(event);
        live?.see(event);
      },
    },
  );
  signals.nothingToCancel();
  live?.end();
  const document = askDocument({
    run: { id: record.id, folder: record.path },
    outcome,
    result: outcome.status === "completed" ? await run : undefined,
    steps,
    messages: run?.messages ?? opening.messages,
    wasCancelled: cancel.signal.aborted,
  });
  conclude(document, { view, json });
  await closeRecord(record);
  signals.stop();
  return stdout.isClosed
    ? EXIT_PIPE
    : signals.received === undefined
      ? Number(document.finish !== "answered")
      : exitCodeOf(signals.received);
}

/** What the user sees: calls under way on standard error where that is a terminal, and above them what the model says, where it goes to one too. */
function openView(json: boolean): { readonly view: AskView; readonly live: LiveCalls | undefined } {
  const terminal = openTerminal({ stream: process.stderr });
  const writeText = (text: string): void => {
    process.stdout.write(text);
  };
  const startedAtMs = performance.now();
  const live = terminal.isLive
    ? new LiveCalls({
        terminal,
        writeText,
        titleOf: (id) => view.titleOf(id),
        nowMs: () => performance.now() - startedAtMs,
      })
    : undefined;
  const say = live !== undefined && isatty(process.stdout.fd) ? live.say.bind(live) : writeText;
  const view: AskView = new AskView({
    onText: (text) => json || say(text),
    onLine: (line) => (live === undefined ? process.stderr.write(`${line}\n`) : live.print(line)),
    isLive: terminal.isLive,
  });
  return { view, live };
}

function conclude(
  document: AskDocument,
  { view, json }: { readonly view: AskView; readonly json: boolean },
): void {
  view.line(closingLine(document));
  const { folder } = document.run;
  if (folder !== undefined) {
    view.line(`Recorded in ${relative(process.cwd(), folder)}`);
  }
  if (json) {
    process.stdout.write(`${JSON.stringify(document, undefined, 2)}\n`);
  }
}

/** @throws `RangeError` where there is nothing to ask. */
function checkQuestion(question: string | undefined, { resume }: AskOptions): void {
  if (question === undefined ? resume === undefined : question.trim() === "") {
    throw new RangeError(
      `Cannot ask as ${question === undefined ? "there is no question" : "the question is empty"}`,
    );
  }
}

/** @throws `Error` where the model would find the recording of its own run. It does not where that is usually. */
function checkOut(out: string | undefined, root: string): void {
  if (out !== undefined && isWithin(realPath(resolve(out)), realPath(root))) {
    throw new Error(
      `Cannot record into a folder that the model reads, as its searches would find the recording: ${out}`,
    );
  }
}
