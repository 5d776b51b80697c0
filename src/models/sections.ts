/** `sections`: a document written in sections at once, and made one. */
import { firstRepeated } from "../core/first-repeated.ts";
import type { Outcome } from "../core/outcome.ts";
import { checkSome, fanOut } from "./fan-out.ts";
import type { Model } from "./model.ts";
import { modelRun, type ModelRun, type ModelRunOptions, type ModelWork } from "./model-run.ts";
import { Outlet } from "./outlet.ts";
import { coverageOf, reasonOf, type MissingResult } from "./source-result.ts";
import { synthesizeIn, type Synthesis, type SynthesisOptions } from "./synthesize.ts";
import {
  SectionWriter,
  type SectionContent,
  type SectionDefinition,
  type SectionWriting,
} from "./write-section.ts";

/** Options of {@link sections}: a `topic`, an `input`, or both. */
export type SectionsOptions = ModelRunOptions &
  SectionWriting & {
    readonly model: Model;
    /** The sections, in the order of the document: one at the least. */
    readonly sections: readonly (string | SectionDefinition)[];
    /** How the sections are made one answer; false where they are not. @defaultValue by `model` */
    readonly synthesize?:
      | false
      | Partial<
          Pick<SynthesisOptions, "model" | "task" | "conflict" | "prompt" | "maxOutputTokens">
        >
      | undefined;
    /** The longest section, in tokens: an integer from 1. @defaultValue that of the service */
    readonly maxOutputTokens?: number | undefined;
    /** Whether a section that fails is a gap, or stops the run. @defaultValue "continue" */
    readonly failure?: "stop" | "continue" | undefined;
  } & (
    | {
        /** What the document is about. @defaultValue what the `input` is about */
        readonly topic: string;
        /** What all sections are written from. @defaultValue nothing: what the model knows, and what its tools find */
        readonly input?: string | undefined;
      }
    | { readonly topic?: undefined; readonly input: string }
  );

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
export interface SectionsRun extends ModelRun<SectionsResult> {
  /**
   * Each section as it ends, in that order; it is over with the last, or when the run is stopped: those that are stopped with it are not
   * in it. For any number of loops, each from the first section.
   */
  readonly finished: AsyncIterable<Section>;
}

/**
 * Writes the sections of a document at once, one call each, and has them made one. A section with a `toolbox` takes as many calls as its model needs.
 *
 * Guarantees: exactly one result for each section, in the order given, whatever the order in which they end; the synthesis is asked once, after
 * all of them, with the sections in that order, and is told which are missing and why.
 *
 * @throws `TypeError` or `RangeError`, at once, when there is no section, or one twice, or neither a topic nor an input.
 * @throws `RangeError`, as a rejection, when `maxSteps` is no integer from 1.
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
  const definitions = definitionsOf(options);
  const writer = new SectionWriter(
    options,
    definitions.map(({ name }) => name),
  );
  const finished = new Outlet<Section>();
  const { failure, ...rest } = options;
  const close = (): void => finished.close();
  const run = modelRun("sections", rest, async (work) => {
    const outcomes = await fanOut(
      definitions.map((definition) => (within) => writer.start(work, definition, within)),
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

function definitionsOf({
  topic,
  input,
  sections: given,
}: SectionsOptions): readonly SectionDefinition[] {
  if (topic === undefined && input === undefined) {
    throw new TypeError('Cannot write sections as "topic" or "input" must be given: neither');
  }
  const definitions = given.map((each) => (typeof each === "string" ? { name: each } : each));
  const twice = firstRepeated(definitions.map(({ name }) => name));
  if (twice !== undefined) {
    throw new TypeError(`Cannot write sections as their names must be unique: "${twice}"`);
  }
  if (definitions.length === 0) {
    throw new RangeError("Cannot write sections as there must be one: none");
  }
  return definitions;
}

function sectionOf(outcome: Outcome<SectionContent>): Section {
  const { key: name, status } = outcome;
  if (status === "completed") {
    const { content, keyPoints } = outcome.value;
    return { name, status, content, keyPoints };
  }
  return { name, status, reason: reasonOf(outcome) ?? status };
}

/** What the synthesis is to do where the document has no topic. */
const UNNAMED_TASK = "Say what all results say together. Each is a section of one document.";

async function resultOf(
  work: ModelWork,
  options: SectionsOptions,
  sections: readonly Section[],
): Promise<SectionsResult> {
  const { model, topic = UNNAMED_TASK, synthesize = {} } = options;
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
