/** `sections`: a document written in sections at once, and made one. */
import type { Outcome } from "../core/outcome.ts";
import type { Run } from "../core/run-options.ts";
import type { Starter, TaskContext, TaskHandle } from "../core/task.ts";
import { checkSome, fanOut } from "./fan-out.ts";
import type { Model } from "./model.ts";
import { modelRun, type ModelRunFacts, type ModelRunOptions, type ModelWork } from "./model-run.ts";
import { Outlet } from "./outlet.ts";
import { describeInput, fillPrompt } from "./prompt.ts";
import { describeOutline, describeSection, SECTION_PROMPT } from "./prompts/section.ts";
import { list, object, text } from "./shape.ts";
import { coverageOf, reasonOf, type MissingResult } from "./source-result.ts";
import { synthesizeIn, type Synthesis, type SynthesisOptions } from "./synthesize.ts";

/** What a section says. */
export interface SectionContent {
  readonly content: string;
  readonly keyPoints: readonly string[];
}

/** A section to be written. */
export interface SectionDefinition {
  /** Its name, and the key of its task. Unique. */
  readonly name: string;
  /** What it is to say. @defaultValue what the name says */
  readonly about?: string | undefined;
  /** Who writes it. @defaultValue that of the document */
  readonly model?: Model | undefined;
  /** What the model is told. @defaultValue that of the document */
  readonly prompt?: typeof SECTION_PROMPT | undefined;
  /** Writes it instead of one call: a program, or a model with tools. @defaultValue one call of the model */
  readonly write?: ((ctx: TaskContext) => Promise<SectionContent> | SectionContent) | undefined;
}

/** Options of {@link sections}. */
export interface SectionsOptions extends ModelRunOptions {
  readonly model: Model;
  /** What the document is about. */
  readonly topic: string;
  /** What all sections are written from. @defaultValue nothing: what the model knows */
  readonly input?: string | undefined;
  /** The sections, in the order of the document: one at the least. */
  readonly sections: readonly (string | SectionDefinition)[];
  /** How the sections are made one answer; false where they are not. @defaultValue by `model` */
  readonly synthesize?:
    | false
    | Partial<Pick<SynthesisOptions, "model" | "task" | "conflict" | "prompt" | "maxOutputTokens">>
    | undefined;
  /** What the model is told. @defaultValue `SECTION_PROMPT` */
  readonly prompt?: typeof SECTION_PROMPT | undefined;
  /** The longest section, in tokens: an integer from 1. @defaultValue that of the service */
  readonly maxOutputTokens?: number | undefined;
  /** Whether a section that fails is a gap, or stops the run. @defaultValue "continue" */
  readonly failure?: "stop" | "continue" | undefined;
}

/** A section as it ended: written, or not. */
export type Section =
  | (SectionContent & { readonly name: string; readonly status: "completed" })
  | {
      readonly name: string;
      readonly status: "failed" | "cancelled" | "skipped";
      /** Why it is not there, in words. */
      readonly reason: string;
    };

/** A document in sections. */
export interface SectionsResult {
  /** Every section, in the order given. */
  readonly sections: readonly Section[];
  /** The key points of all sections that are there, in the order of the sections. */
  readonly keyPoints: readonly string[];
  /** The sections that are not there, in the order given. */
  readonly failed: readonly MissingResult[];
  /** Which share of the sections is there, above 0 and up to 1. */
  readonly coverage: number;
  /** What was made of them; undefined with `synthesize: false`. */
  readonly synthesis: Synthesis | undefined;
}

/** Sections under way. */
export interface SectionsRun extends Run<SectionsResult & ModelRunFacts> {
  /**
   * Each section as it ends, in that order; it is over with the last, or when the run is stopped: those that are stopped with it are not
   * in it. For any number of loops, each from the first section.
   */
  readonly finished: AsyncIterable<Section>;
}

/**
 * Writes the sections of a document at once, one call each, and has them made one.
 *
 * Guarantees: exactly one result for each section, in the order given, whatever the order in which they end; the synthesis is asked once, after
 * all of them, with the sections in that order, and is told which are missing and why.
 *
 * @throws `TypeError` or `RangeError`, at once, when there is no section, or one twice.
 * @throws `TasksFailedError`, as a rejection, when no section could be written, one failed with `failure: "stop"`, or the synthesis failed;
 * `CancelledError` when the run was cancelled.
 * @example
 * ```ts
 * import { sections } from "fanfold/models";
 * import { scripted } from "fanfold/testing";
 *
 * const model = scripted(() => ({ object: { content: "…", keyPoints: ["It pays"] } }));
 * const run = sections({ model, topic: "Parallel agents", sections: ["Cost", "Speed"], synthesize: false });
 * for await (const { name, status } of run.finished) console.log(name, status);
 * const { keyPoints, spent } = await run;
 * console.log(keyPoints, spent.calls);
 * ```
 */
export function sections(options: SectionsOptions): SectionsRun {
  const definitions = definitionsOf(options.sections);
  const finished = new Outlet<Section>();
  const { failure, ...rest } = options;
  const close = (): void => finished.close();
  const run = modelRun("sections", rest, async (work) => {
    const outcomes = await fanOut(
      definitions.map((definition) => (within) => start(work, { definition, within, options })),
      {
        within: work.ctx,
        name: "write",
        failure: failure ?? "continue",
        onEnd: (outcome) => finished.put(sectionOf(outcome)),
      },
    );
    close();
    checkSome(outcomes);
    return await resultOf(work, options, outcomes.map(sectionOf));
  });
  run.catch(close);
  return Object.assign(run, { finished });
}

function definitionsOf(given: SectionsOptions["sections"]): readonly SectionDefinition[] {
  const definitions = given.map((each) => (typeof each === "string" ? { name: each } : each));
  const twice = definitions.find(
    ({ name }, index) => definitions.findIndex((other) => other.name === name) !== index,
  );
  if (twice !== undefined) {
    throw new TypeError(`Cannot write sections as their names must be unique: "${twice.name}"`);
  }
  if (definitions.length === 0) {
    throw new RangeError("Cannot write sections as there must be one: none");
  }
  return definitions;
}

const SHAPE = object({ content: text(), keyPoints: list(text()) });

interface Start {
  readonly definition: SectionDefinition;
  readonly within: Starter;
  readonly options: SectionsOptions;
}

function start(
  work: ModelWork,
  { definition, within, options }: Start,
): TaskHandle<SectionContent> {
  const { name, about, write, model = options.model } = definition;
  const { prompt = options.prompt ?? SECTION_PROMPT } = definition;
  if (write !== undefined) {
    return within.start(name, write);
  }
  const { topic, input, sections, maxOutputTokens } = options;
  const filled = fillPrompt(prompt, {
    input: describeInput(input),
    topic,
    outline: describeOutline(definitionsOf(sections).map((each) => each.name)),
    section: describeSection(name, about),
  });
  const request = { ...filled, maxOutputTokens, schema: SHAPE };
  return within.start(name, async (ctx) => {
    const { object } = await work.ask(model, request, { within: ctx, key: "ask" });
    return object;
  });
}

function sectionOf(outcome: Outcome<SectionContent>): Section {
  const { key: name, status } = outcome;
  if (status === "completed") {
    const { content, keyPoints } = outcome.value;
    return { name, status, content, keyPoints };
  }
  return { name, status, reason: reasonOf(outcome) ?? status };
}

async function resultOf(
  work: ModelWork,
  options: SectionsOptions,
  sections: readonly Section[],
): Promise<SectionsResult> {
  const { model, topic, synthesize = {} } = options;
  const written = sections.filter((section) => section.status === "completed");
  const failed = sections.flatMap((section) =>
    section.status === "completed" ? [] : [{ key: section.name, reason: section.reason }],
  );
  const results = written.map(({ name, content }) => ({ key: name, value: content }));
  return {
    sections,
    keyPoints: written.flatMap(({ keyPoints }) => keyPoints),
    failed,
    coverage: coverageOf(written.length, failed.length),
    synthesis:
      synthesize === false
        ? undefined
        : await synthesizeIn(work, { model, task: topic, ...synthesize, results, failed }),
  };
}
