/** Questions that go on with the conversation of an earlier one, as its recording has it. */
import { existsSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { counted } from "../core/counted.ts";
import {
  conversationsIn,
  type AgentConversation,
  type UnfinishedCall,
} from "../models/conversations-in.ts";
import type { ModelMessage } from "../models/model.ts";
import { EVENTS_FILE, type RecordedEvent } from "../recording/format.ts";
import { readRecording, readStart } from "../recording/read-recording.ts";
import { isUnderWay, listRunFolders } from "../recording/run-folder.ts";
import { callTitle, describeProblem } from "./ask-view.ts";
import { shownLine } from "./shown-line.ts";

/** What a run of `fanfold ask` says of itself first, as the progress of its task. */
export interface AskStarted {
  readonly type: "ask-started";
  /** What was asked; undefined where the model just went on. */
  readonly question: string | undefined;
  /** The name of the model. */
  readonly model: string;
  readonly write: boolean;
  /** The run that it goes on with. */
  readonly resumes: string | undefined;
}

/** An earlier run of `fanfold ask`. */
export interface EarlierAsk {
  readonly id: string;
  /** The folder that the model read. */
  readonly root: string;
  /** Undefined where it was stopped before it said so. */
  readonly started: AskStarted | undefined;
  readonly conversation: AgentConversation;
  /** Whether its process still runs, as far as can be told. */
  readonly isUnderWay: boolean;
}

/** What the model reads first of what follows. */
export interface Opening {
  readonly messages: readonly ModelMessage[];
  /** Undefined where there is nothing to add to the messages. */
  readonly prompt: string | undefined;
}

/** How much of the arguments of a call is repeated, in characters. */
const SHOWN_INPUT = 500;

/** How much of a question is repeated, in characters. */
const SHOWN_QUESTION = 60;

/**
 * Reads the run that is to go on: by its id or its folder, or the last that asked a model in `cwd`.
 *
 * @throws `Error` that says why there is nothing to go on with; `RecordingError` when the recording was damaged, or is of a newer version.
 */
export async function readAsk(run: string | true, cwd: string): Promise<EarlierAsk> {
  const folder = run === true ? await lastAsk(cwd) : await folderOf(run, cwd);
  const { start, events } = await readRecording(folder);
  const id = basename(folder);
  if (start.origin.command !== "ask") {
    throw new Error(
      `Cannot resume run "${id}" as it is none of "fanfold ask", but of "fanfold ${start.origin.command}"`,
    );
  }
  const [conversation] = conversationsIn(events);
  if (conversation === undefined || conversation.messages.length === 0) {
    throw new Error(`Cannot resume run "${id}" as nothing was asked yet when its recording ends`);
  }
  const { source: root } = start.origin;
  const started = events.map(askStarted).find((each) => each !== undefined);
  return { id, root, started, conversation, isUnderWay: await isUnderWay(folder) };
}

async function lastAsk(cwd: string): Promise<string> {
  for (const folder of await listRunFolders(cwd)) {
    if ((await readStart(folder))?.origin.command === "ask") {
      return folder;
    }
  }
  throw new Error(
    `Cannot resume as no question was recorded here: ${join(cwd, ".fanfold", "runs")}`,
  );
}

async function folderOf(run: string, cwd: string): Promise<string> {
  const folders = await listRunFolders(cwd);
  const known = folders.find((folder) => basename(folder) === run);
  const given = resolve(cwd, run);
  if (known === undefined && !existsSync(join(given, EVENTS_FILE))) {
    throw new Error(
      `Cannot resume a run as there is none of this id, nor a folder with a recording: ${run} (a question stands before --resume)`,
    );
  }
  return known ?? given;
}

function askStarted(event: RecordedEvent): AskStarted | undefined {
  if (event.type !== "task-progressed") {
    return undefined;
  }
  const progress = event.progress as Partial<AskStarted> | null | undefined; // Its type is checked: only `ask` says this.
  return progress?.type === "ask-started" ? (progress as AskStarted) : undefined;
}

/**
 * What the model reads when a run goes on: its conversation, what had been under way, and the new question.
 *
 * @throws `RangeError` when there is neither a question nor anything that the model has not answered yet.
 */
export function openingOf(
  { id, conversation }: EarlierAsk,
  {
    question,
    readers,
  }: { readonly question: string | undefined; readonly readers: ReadonlySet<string> },
): Opening {
  const { messages } = conversation;
  const begun = effectsOf(conversation, readers);
  if (question === undefined && messages.at(-1)?.role === "assistant") {
    throw new RangeError(`Cannot go on with run "${id}" as the model has answered: ask something`);
  }
  const parts = [
    ...(begun.length === 0 ? [] : [noteOf(begun)]),
    ...(question === undefined ? [] : [question]),
  ];
  return { messages, prompt: parts.length === 0 ? undefined : parts.join("\n\n") };
}

/** The calls that may have had effects which the conversation does not tell of; `readers` are the tools that have none. */
function effectsOf(
  { unfinished }: AgentConversation,
  readers: ReadonlySet<string>,
): readonly UnfinishedCall[] {
  return unfinished.filter(({ call, state }) => state !== "not-started" && !readers.has(call.name));
}

function noteOf(begun: readonly UnfinishedCall[]): string {
  return [
    "The program was interrupted while calls of your last response ran. That response is not in this conversation. These calls had begun and may have had effects: look before you repeat them.",
    ...begun.map(({ call, state }) => {
      const input = call.inputText ?? JSON.stringify(call.input) ?? "";
      const end = state === "ended" ? "had ended" : "was under way, and may still be";
      return `- ${call.name} ${shownLine(input, SHOWN_INPUT)} (${end})`;
    }),
  ].join("\n");
}

/** What the user should know of a run that goes on, in lines. */
export function describeResumed(
  ask: EarlierAsk,
  now: {
    readonly root: string;
    readonly model: string;
    readonly write: boolean;
    readonly readers: ReadonlySet<string>;
  },
): readonly string[] {
  const { id, root, started, conversation } = ask;
  const { messages, steps, isWhole } = conversation;
  const [first] = messages;
  const question = started?.question ?? (first?.role === "user" ? first.text : "");
  const begun = effectsOf(conversation, now.readers);
  return [
    `Going on with ${id}, after ${counted(steps, "step")}: ${shownLine(describeProblem(question), SHOWN_QUESTION)}`,
    ...(ask.isUnderWay ? ["Its process seems to be still under way."] : []),
    ...(isWhole ? [] : ["The recording lacks events: what came after that step is lost."]),
    ...(root === now.root ? [] : [`It was about ${root}; this one is about ${now.root}.`]),
    ...(started === undefined || started.model === now.model
      ? []
      : [`It asked ${started.model}; this one asks ${now.model}.`]),
    ...(started?.write === true && !now.write
      ? ["It could change files; this one only reads."]
      : []),
    ...(begun.length === 0
      ? []
      : [`Had begun when it ended: ${begun.map(({ call }) => callTitle(call)).join("; ")}`]),
  ];
}
