/** How one section is written: by one call, by a model that calls tools, or by a program. */
import type { Starter, TaskContext, TaskHandle } from "../core/task.ts";
import type { Toolbox } from "../tools/toolbox.ts";
import { agent } from "./agent.ts";
import type { Agent } from "./agent-run.ts";
import type { Model } from "./model.ts";
import type { ModelWork } from "./model-run.ts";
import { describeInput, fillPrompt } from "./prompt.ts";
import {
  describeOutline,
  describeSection,
  describeTopic,
  SECTION_PROMPT,
} from "./prompts/section.ts";
import { list, object, text, type DataOf } from "./shape.ts";

/** What a section says. */
export interface SectionContent {
  readonly content: string;
  readonly keyPoints: readonly string[];
}

/** What a section is written by and with; where it says nothing, as the document. */
export interface SectionWriting {
  /** Who writes. */
  readonly model?: Model | undefined;
  /** What the model is told. @defaultValue `SECTION_PROMPT` */
  readonly prompt?: typeof SECTION_PROMPT | undefined;
  /**
   * What the model may call: it is then an `agent`, whose answer is the section. Each of its responses is a call like all others, its tools obey the limits
   * of the run, and a cancel stops both. @defaultValue nothing
   */
  readonly toolbox?: Toolbox | undefined;
  /** With a `toolbox`: how many responses a section may take, the last being the section: an integer from 1. @defaultValue 20 */
  readonly maxSteps?: number | undefined;
}

/** A section to be written. */
export interface SectionDefinition extends SectionWriting {
  /** Its name, and the key of its task. Unique. */
  readonly name: string;
  /** What it is to say. @defaultValue what the name says */
  readonly about?: string | undefined;
  /** Writes it instead: a program. @defaultValue the model */
  readonly write?: ((ctx: TaskContext) => Promise<SectionContent> | SectionContent) | undefined;
}

/** What all sections of a document have in common. */
export interface SectionDocument extends SectionWriting {
  readonly model: Model;
  readonly topic?: string | undefined;
  readonly input?: string | undefined;
  readonly maxOutputTokens?: number | undefined;
}

/** Starts sections, as tasks. */
export class SectionWriter {
  readonly #document: SectionDocument;
  readonly #shared: { readonly input: string; readonly topic: string; readonly outline: string };

  /** @param names - of all sections, in order */
  constructor(document: SectionDocument, names: readonly string[]) {
    const { topic, input } = document;
    this.#document = document;
    this.#shared = {
      input: describeInput(input),
      topic: describeTopic(topic),
      outline: describeOutline(names),
    };
  }

  start(
    work: ModelWork,
    definition: SectionDefinition,
    within: Starter,
  ): TaskHandle<SectionContent> {
    const { maxOutputTokens, ...document } = this.#document;
    const { name, about, write, model = document.model } = definition;
    const { toolbox = document.toolbox, maxSteps = document.maxSteps } = definition;
    const { prompt = document.prompt ?? SECTION_PROMPT } = definition;
    if (write !== undefined) {
      return within.start(name, write);
    }
    const section = describeSection(name, about);
    const filled = fillPrompt(prompt, { ...this.#shared, section });
    if (toolbox !== undefined) {
      const { instructions, prompt: task } = filled;
      const settings = { toolbox, maxSteps, maxOutputTokens, instructions, schema: SHAPE };
      const writer = agent({ ...settings, model: work.own(model) });
      return within.start(name, async (ctx) => await byAgent(writer, task, ctx));
    }
    const request = { ...filled, maxOutputTokens, schema: SHAPE };
    return within.start(name, async (ctx) => {
      const { object } = await work.ask(model, request, { within: ctx, key: "ask" });
      return object;
    });
  }
}

const SHAPE = object({ content: text(), keyPoints: list(text()) });

/** @throws `Error` when the agent ended without an answer, as after its last step. */
async function byAgent(writer: Agent, task: string, ctx: TaskContext): Promise<SectionContent> {
  const { finish, object, steps } = await writer.run(task, { within: ctx, signal: ctx.signal });
  if (finish !== "answered") {
    throw new Error(
      `Cannot write section "${ctx.key}" as its agent ended without it: ${finish}, step ${steps}`,
    );
  }
  return object as DataOf<typeof SHAPE>; // An answer fits its schema.
}
