/** `aspects`: one input reviewed under several aspects at once. */
import { firstRepeated } from "../core/first-repeated.ts";
import type { Outcome } from "../core/outcome.ts";
import { checkSome, fanOut } from "./fan-out.ts";
import { foldFindings, SEVERITIES, type Finding } from "./fold-findings.ts";
import type { Model } from "./model.ts";
import { modelRun, type ModelRun, type ModelRunOptions } from "./model-run.ts";
import { fillPrompt } from "./prompt.ts";
import { ASPECT_PROMPT, ASPECTS, describeNumbered } from "./prompts/aspect.ts";
import { integer, list, object, oneOf, orNull, text, type DataOf } from "./shape.ts";
import { coverageOf, reasonOf, type MissingResult } from "./source-result.ts";

/** An aspect that is known by name. */
export type KnownAspect = keyof typeof ASPECTS;

/** An aspect of your own. */
export interface AspectDefinition {
  /** Its name, and the key of its task. Unique. */
  readonly name: string;
  /** What to look for. */
  readonly about: string;
  /** Who looks. @defaultValue that of the options */
  readonly model?: Model | undefined;
}

/** Options of {@link aspects}. */
export interface AspectsOptions extends ModelRunOptions {
  readonly model: Model;
  /** What is reviewed: a text, whose lines are numbered for the model. */
  readonly input: string;
  /** The aspects: names, or your own. One at the least. @defaultValue correctness, performance, security and style */
  readonly aspects?: readonly (KnownAspect | AspectDefinition)[] | undefined;
  /** What the model is told. @defaultValue `ASPECT_PROMPT` */
  readonly prompt?: typeof ASPECT_PROMPT | undefined;
  /** The longest answer, in tokens: an integer from 1. @defaultValue that of the service */
  readonly maxOutputTokens?: number | undefined;
  /** Whether an aspect that fails is a gap, or stops the run. @defaultValue "continue" */
  readonly failure?: "stop" | "continue" | undefined;
}

/** What was found under all aspects. */
export interface AspectsResult {
  /** Without duplicates, the gravest first: see `foldFindings`. */
  readonly findings: readonly Finding[];
  /** What was found under each aspect, by its name, in the order given; those that failed are absent. */
  readonly byAspect: Readonly<Record<string, readonly Finding[]>>;
  /** The aspects under which nobody looked, in the order given. */
  readonly failed: readonly MissingResult[];
  /** Which share of the aspects was looked at, above 0 and up to 1. */
  readonly coverage: number;
}

/**
 * Has one input reviewed under several aspects at once, one call each, and folds what several of them found.
 *
 * Guarantees: the findings and their order depend on what the models say alone, not on who says it first. A line that the input does not have
 * is dropped: the finding then is one of the whole input.
 *
 * @throws `TypeError` or `RangeError`, at once, when there is no aspect, one twice, or one that is not known.
 * @throws `TasksFailedError`, as a rejection, when no aspect was looked at, or one was not with `failure: "stop"`; `CancelledError` when the run
 * was cancelled.
 * @example
 * ```ts
 * import { aspects } from "fanfold/models";
 * import { scripted } from "fanfold/testing";
 *
 * const finding = { text: "The sum overflows", severity: "high", line: 2, endLine: null, suggestion: null };
 * const model = scripted([{ when: "correctness", object: { findings: [finding] } }, { object: { findings: [] } }]);
 * const { findings } = await aspects({ model, input: "a\nb", aspects: ["correctness", "style"] });
 * console.log(findings);
 * ```
 */
export function aspects(options: AspectsOptions): ModelRun<AspectsResult> {
  const { model, input, prompt = ASPECT_PROMPT, maxOutputTokens, failure, ...rest } = options;
  const { aspects: given, ...runOptions } = rest;
  const definitions = definitionsOf(given);
  const lines = input.split("\n").length;
  return modelRun("aspects", runOptions, async (work) => {
    const outcomes = await fanOut(
      definitions.map(({ name, about, model: own = model }) => (within) => {
        const filled = fillPrompt(prompt, { input: describeNumbered(input), aspect: about });
        const request = { ...filled, maxOutputTokens, schema: SHAPE };
        return within.start(name, async (ctx) => {
          const { object } = await work.ask(own, request, { within: ctx, key: "ask" });
          return object.findings.map((each) => findingOf(each, name, lines));
        });
      }),
      { within: work.ctx, name: "review", failure: failure ?? "continue" },
    );
    checkSome(outcomes);
    return resultOf(outcomes);
  });
}

function definitionsOf(
  given: AspectsOptions["aspects"] = Object.keys(ASPECTS) as KnownAspect[], // Its own names.
): readonly AspectDefinition[] {
  const definitions = given.map((each) =>
    typeof each === "string" ? { name: each, about: knownAspect(each) } : each,
  );
  const twice = firstRepeated(definitions.map(({ name }) => name));
  if (twice !== undefined) {
    throw new TypeError(`Cannot review as the names of aspects must be unique: "${twice}"`);
  }
  if (definitions.length === 0) {
    throw new RangeError("Cannot review as there must be an aspect: none");
  }
  return definitions;
}

function knownAspect(name: KnownAspect): string {
  if (!Object.hasOwn(ASPECTS, name)) {
    throw new TypeError(
      `Cannot review as an aspect must be one of ${Object.keys(ASPECTS).join(", ")} or say what to look for: "${name as string}"`,
    );
  }
  return ASPECTS[name];
}

const SHAPE = object({
  findings: list(
    object({
      text: text(),
      severity: oneOf(SEVERITIES),
      line: orNull(integer()),
      endLine: orNull(integer()),
      suggestion: orNull(text()),
    }),
  ),
});

function findingOf(
  said: DataOf<typeof SHAPE>["findings"][number],
  aspect: string,
  lines: number,
): Finding {
  const { text, severity, line, endLine, suggestion } = said;
  const isThere = line !== null && line >= 1 && line <= lines;
  const last = endLine ?? line ?? 0;
  const end = isThere && last > line ? { endLine: Math.min(last, lines) } : {};
  return {
    text,
    severity,
    ...(isThere ? { place: { line, ...end } } : {}),
    ...(suggestion === null ? {} : { suggestion }),
    aspects: [aspect],
  };
}

function resultOf(outcomes: readonly Outcome<readonly Finding[]>[]): AspectsResult {
  const done = outcomes.filter((outcome) => outcome.status === "completed");
  const failed = outcomes.flatMap((outcome) => {
    const reason = reasonOf(outcome);
    return reason === undefined ? [] : [{ key: outcome.key, reason }];
  });
  return {
    findings: foldFindings(done.flatMap(({ value }) => value)),
    byAspect: Object.fromEntries(done.map(({ key, value }) => [key, value])),
    failed,
    coverage: coverageOf(done.length, failed.length),
  };
}
