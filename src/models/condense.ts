/** `condense`: what many documents say, by map-reduce within the context window of a model. */
import { TasksFailedError, describeError } from "../core/errors.ts";
import { scope } from "../core/scope.ts";
import type { TaskContext } from "../core/task.ts";
import type { MapOptions, MapSource } from "../patterns/map-options.ts";
import { mapReduce } from "../patterns/map-reduce.ts";
import { taskContextOf } from "../patterns/placed-context.ts";
import { ContextRoom, type ContextRoomOptions } from "./context-room.ts";
import { REPAIRS } from "./defaults.ts";
import { documentParts, type DocumentPart, type SourceDocument } from "./document-parts.ts";
import type { Model } from "./model.ts";
import { modelRun, type ModelRun, type ModelRunOptions } from "./model-run.ts";
import { condensed, statementsOf, together, type Pile } from "./pile.ts";
import { CONDENSE_PROMPT, EXTRACT_PROMPT } from "./prompts/condensing.ts";
import { coverageOf, type MissingResult } from "./source-result.ts";
import {
  condenseRequest,
  extract,
  extractRequest,
  type Condensing,
  type CondensingSettings,
  type Statement,
} from "./statements.ts";

/** Options of {@link condense}. */
export interface CondenseOptions extends ModelRunOptions {
  readonly model: Model;
  /** The documents, read while there is room: texts, or texts with an id. */
  readonly documents: MapSource<SourceDocument | string>;
  /** What is wanted of them. */
  readonly task: string;
  /** The context window, in tokens: what goes into a call and what comes out of it never exceed it together. */
  readonly contextTokens: number;
  /** The longest answer, in tokens. @defaultValue an eighth of the window, and 4000 at the most */
  readonly maxOutputTokens?: number | undefined;
  /** Who reads a document, and what it is told. @defaultValue `model` and `EXTRACT_PROMPT` */
  readonly map?: { readonly model?: Model; readonly prompt?: typeof EXTRACT_PROMPT } | undefined;
  /** Who makes fewer statements of many, and what it is told. @defaultValue `model` and `CONDENSE_PROMPT` */
  readonly reduce?:
    | { readonly model?: Model; readonly prompt?: typeof CONDENSE_PROMPT }
    | undefined;
  /** What is counted of a document, and summed by code. @defaultValue its words and characters */
  readonly totals?: ((document: SourceDocument) => Readonly<Record<string, number>>) | undefined;
  /**
   * How many tokens a request takes, by the tokenizer of the model. @defaultValue estimated by characters, with half as much again for
   * safety, and corrected upwards by what requests really took
   */
  readonly estimate?: ContextRoomOptions["estimate"];
  /** Whether a document that cannot be read is a gap, or stops the run. @defaultValue "continue" */
  readonly failure?: "stop" | "continue" | undefined;
  /** How many documents may wait for their place in the tree, as for `mapReduce`. @defaultValue the limit */
  readonly lookAhead?: MapOptions["lookAhead"];
}

/** What documents say. */
export interface Condensed {
  /** What was found, with the documents that each statement rests on. */
  readonly statements: readonly Statement[];
  /** How many documents there were. */
  readonly documents: number;
  /** What was counted, summed over all documents by code. */
  readonly totals: Readonly<Record<string, number>>;
  /** The documents that could not be read, or not to their end, by id. */
  readonly failed: readonly MissingResult[];
  /** Which share of the documents was read to its end. */
  readonly coverage: number;
}

/**
 * Reads documents one by one, several at once, and makes one short list of statements of all that they say.
 *
 * The statements of neighbours are laid together for as long as they fit into one request, and condensed when they no longer do: a tree
 * that is as wide as the context window allows. A document that does not fit is read in parts.
 *
 * Guarantees: no call exceeds `contextTokens`, what comes out and another try included, as long as a request takes no more than
 * `estimate` says; without one, no more than half as much again as by characters, until a call has shown more. Documents are pulled as there is
 * room, and at most O(limit · log n) answers are held. `totals` are sums, which no model made. Every statement rests on documents that were
 * there: a model that names others is told so, and asked again.
 *
 * Does not guarantee that a statement is in its documents, that nothing that matters was left out, or that two runs have the same tree, as the
 * corrections may differ. Provenance and failures grow with the documents that they name.
 *
 * @throws `RangeError`, at once, when the window is too small for two answers and what they are asked with; as a rejection, when answers
 * turn out not to fit.
 * @throws as a rejection: `TasksFailedError` when no document could be read, one could not with `failure: "stop"`, or statements could not be
 * condensed; `SourceFailedError` when the source failed; `TypeError` when it was empty; `CancelledError` when the run was cancelled.
 * @example
 * ```ts
 * import { condense } from "fanfold/models";
 * import { scripted } from "fanfold/testing";
 *
 * const model = scripted(() => ({ object: { statements: ["It rained."] } }));
 * const { statements, totals } = await condense({
 *   model,
 *   documents: [{ id: "monday", text: "Rain, all day." }],
 *   task: "How was the weather?",
 *   contextTokens: 8000,
 * });
 * console.log(statements, totals["words"]);
 * ```
 */
export function condense(options: CondenseOptions): ModelRun<Condensed> {
  const { documents, failure = "continue", lookAhead, totals = wordsAndCharacters } = options;
  const settings = settingsOf(options);
  const { failure: _failure, ...runOptions } = options;
  return modelRun("condense", runOptions, async (work) => {
    const fits = (text: string): boolean => settings.room.fits(extractRequest(settings, text));
    /** Its failure is for the caller to see, not for the run. */
    const inside = async (ctx: TaskContext, body: (condensing: Condensing) => Promise<Pile>) =>
      await scope(async (within) => await body({ ...settings, work, within }), {
        within: ctx,
        name: "ask",
        failure: "continue",
      });
    let isEmpty = true;
    async function* parts(): AsyncGenerator<DocumentPart, void, undefined> {
      for await (const part of documentParts(documents, fits)) {
        isEmpty = false;
        yield part;
      }
    }
    const reading = mapReduce<DocumentPart, Pile>(parts, {
      within: work.ctx,
      name: "documents",
      limit: typeof options.limit === "number" ? options.limit : undefined,
      lookAhead,
      map: async (part, ctx) => {
        const doing = { part, counted: part.part === 0 ? totals(part.document) : {}, failure };
        return await inside(taskContextOf(ctx), async (condensing) => {
          return await pileOf(condensing, { ...doing, signal: ctx.signal });
        });
      },
      reduce: async (left, right, ctx) =>
        await inside(taskContextOf(ctx), (condensing) => together(condensing, left, right)),
    });
    const pile = await reading.catch((error: unknown) => {
      throw isEmpty && error instanceof TypeError
        ? new TypeError("Cannot condense as there are no documents")
        : error;
    });
    const last = { ...settings, work, within: work.ctx };
    return resultOf(pile.answers.length > 1 ? await condensed(last, pile) : pile);
  });
}

/** @throws `RangeError` when the window is too small for two answers and what they are asked with. */
function settingsOf(options: CondenseOptions): CondensingSettings {
  const { model, task, contextTokens, repairs = REPAIRS, estimate, map, reduce } = options;
  const { maxOutputTokens = Math.min(4000, Math.floor(contextTokens / 8)) } = options;
  const room = new ContextRoom({ contextTokens, maxOutputTokens, repairs, estimate });
  const settings = {
    room,
    task,
    maxOutputTokens,
    map: { prompt: EXTRACT_PROMPT, ...map, model: map?.model ?? model },
    reduce: { prompt: CONDENSE_PROMPT, ...reduce, model: reduce?.model ?? model },
    answerTokens: 0,
  };
  const asked = Math.max(
    room.sizeOf(condenseRequest(settings, [])),
    room.sizeOf(extractRequest(settings, "")),
  );
  const answerTokens = Math.floor((room.inputTokens - asked) / 2);
  if (!(answerTokens >= 1 && maxOutputTokens >= 1)) {
    throw new RangeError(
      `Cannot condense as "contextTokens" must hold two answers, of up to ${maxOutputTokens} tokens each, and what they are asked with, ${asked} tokens: ${contextTokens}`,
    );
  }
  return { ...settings, answerTokens };
}

interface Reading {
  readonly part: DocumentPart;
  readonly counted: Readonly<Record<string, number>>;
  readonly failure: "stop" | "continue";
  readonly signal: AbortSignal;
}

async function pileOf(
  condensing: Condensing,
  { part, counted, failure, signal }: Reading,
): Promise<Pile> {
  const pile = {
    answers: [],
    documents: part.part === 0 ? 1 : 0,
    totals: counted,
    failures: [],
  };
  try {
    const statements = await extract(condensing, part);
    return { ...pile, answers: statements.length > 0 ? [{ statements, depth: 0 }] : [] };
  } catch (error) {
    if (failure === "stop" || signal.aborted) {
      throw error;
    }
    return { ...pile, failures: [{ key: part.document.id, attempt: 1, error }] };
  }
}

function resultOf({ answers, documents, totals, failures }: Pile): Condensed {
  const failed = new Map(failures.map(({ key, error }) => [key, describeError(error)]));
  if (failed.size === documents) {
    throw new TasksFailedError(failures);
  }
  return {
    statements: statementsOf(answers),
    documents,
    totals,
    failed: [...failed].map(([key, reason]) => ({ key, reason })),
    coverage: coverageOf(documents - failed.size, failed.size),
  };
}

function wordsAndCharacters({ text }: SourceDocument): Readonly<Record<string, number>> {
  return { words: text.match(/\S+/g)?.length ?? 0, characters: text.length };
}
