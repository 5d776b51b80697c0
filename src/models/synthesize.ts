/** `synthesize`: one answer from many results, by a model that is told what is missing. */
import { checkStrategy, type ConflictStrategy } from "./conflict.ts";
import type { Model } from "./model.ts";
import { modelRun, type ModelRun, type ModelRunOptions, type ModelWork } from "./model-run.ts";
import { fillPrompt } from "./prompt.ts";
import {
  describeMissing,
  describeResults,
  describeStrategy,
  SYNTHESIS_PROMPT,
} from "./prompts/synthesis.ts";
import { list, number, object, text } from "./shape.ts";
import {
  checkResults,
  coverageOf,
  type MissingResult,
  type SourceResult,
} from "./source-result.ts";

/** What is made one, and how. */
export interface SynthesisOptions {
  readonly model: Model;
  /** What the answer is to do: the question, or the document to write. */
  readonly task: string;
  /** What the sources say: one at the least. */
  readonly results: readonly SourceResult[];
  /** The sources that say nothing. @defaultValue none */
  readonly failed?: readonly MissingResult[] | undefined;
  /** Who is to be believed where results contradict each other. @defaultValue "report-both" */
  readonly conflict?: ConflictStrategy | undefined;
  /** What the model is told. @defaultValue `SYNTHESIS_PROMPT` */
  readonly prompt?: typeof SYNTHESIS_PROMPT | undefined;
  /** The longest answer, in tokens: an integer from 1. @defaultValue that of the service */
  readonly maxOutputTokens?: number | undefined;
}

/** A contradiction, as the model sees it. */
export interface SynthesisConflict {
  readonly about: string;
  /** Who says what: two results at the least. */
  readonly claims: readonly { readonly key: string; readonly claim: string }[];
  /** What the answer makes of it. */
  readonly resolution: string;
}

/** Something that the answer lacks. */
export interface SynthesisGap {
  readonly about: string;
  /** The key of the result that is missing; absent where the model says that no result speaks of it. */
  readonly key?: string | undefined;
}

/** One answer, and how sure it is. */
export interface Synthesis {
  readonly answer: string;
  readonly conflicts: readonly SynthesisConflict[];
  /** Every result that is missing, in the order given; then what else the model misses. */
  readonly gaps: readonly SynthesisGap[];
  /** How sure the answer is, from 0 to 1: what the model says, and never more than `coverage`. */
  readonly confidence: number;
  /** Which share of the results is there, from 0 to 1. */
  readonly coverage: number;
}

/**
 * Has a model make one answer of many results.
 *
 * Guarantees: the model is shown every result with its key and source, between fences that no result can close, and every missing one
 * with the reason; all missing results are in `gaps`, whatever the model says; `confidence` never exceeds `coverage`; conflicts name
 * only results that are there.
 *
 * Does not guarantee that the model obeys the strategy, or that it does not obey a result: fences make that harder, and no more. Use
 * `merge` for data, where code can decide.
 *
 * @throws `TypeError` or `RangeError`, at once, when the results are none or not as they should be.
 * @throws as a rejection: `ModelOutputError` when the model does not answer in the shape; `CancelledError` when the run was cancelled.
 * @example
 * ```ts
 * import { synthesize } from "fanfold/models";
 * import { scripted } from "fanfold/testing";
 *
 * const model = scripted([{ object: { answer: "From 39.90.", conflicts: [], gaps: [], confidence: 0.9 } }]);
 * const { answer, confidence, gaps } = await synthesize({
 *   model,
 *   task: "What does the kettle cost?",
 *   results: [{ key: "shop", value: { price: 39.9 }, source: "https://shop.example" }],
 *   failed: [{ key: "market", reason: "503 Service Unavailable" }],
 * });
 * console.log(answer, confidence, gaps);
 * ```
 */
export function synthesize(options: SynthesisOptions & ModelRunOptions): ModelRun<Synthesis> {
  checkSynthesis(options);
  return modelRun("synthesis", options, (work) => synthesizeIn(work, options));
}

/** @throws `TypeError` or `RangeError` when there is nothing to be made one, or it is not as it should be. */
function checkSynthesis({
  results,
  failed = [],
  conflict = "report-both",
}: SynthesisOptions): void {
  checkResults("Cannot synthesise", { results, failed });
  checkStrategy(conflict);
  if (results.length === 0) {
    throw new RangeError(`Cannot synthesise as one result must be there: ${failed.length} failed`);
  }
}

const SHAPE = object({
  answer: text(),
  conflicts: list(
    object({
      about: text(),
      claims: list(object({ key: text(), claim: text() })),
      resolution: text(),
    }),
  ),
  gaps: list(text()),
  confidence: number(0, 1),
});

/** Synthesises as a part of another pattern. */
export async function synthesizeIn(work: ModelWork, options: SynthesisOptions): Promise<Synthesis> {
  const { model, task, results, failed = [], conflict = "report-both" } = options;
  const { prompt = SYNTHESIS_PROMPT, maxOutputTokens } = options;
  const filled = fillPrompt(prompt, {
    task,
    results: describeResults(results),
    failed: describeMissing(failed),
    conflict: describeStrategy(conflict),
  });
  const request = { ...filled, maxOutputTokens, schema: SHAPE };
  const { object: said } = await work.ask(model, request, { within: work.ctx, key: "synthesis" });
  const coverage = coverageOf(results.length, failed.length);
  return {
    answer: said.answer,
    conflicts: knownConflicts(said.conflicts, results),
    gaps: [
      ...failed.map(({ key, reason }) => ({ about: reason, key })),
      ...said.gaps.map((about) => ({ about })),
    ],
    confidence: Math.min(said.confidence, coverage),
    coverage,
  };
}

/** Those between two results that are there: models also name some that are not. */
function knownConflicts(
  conflicts: readonly SynthesisConflict[],
  results: readonly SourceResult[],
): readonly SynthesisConflict[] {
  const known = new Set(results.map(({ key }) => key));
  return conflicts
    .map((each) => ({ ...each, claims: each.claims.filter(({ key }) => known.has(key)) }))
    .filter(({ claims }) => new Set(claims.map(({ key }) => key)).size > 1);
}
