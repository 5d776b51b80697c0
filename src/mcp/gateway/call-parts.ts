/** The results of calls of other servers as parts of what a model reads. What is no text is handed on as it is, as far as it fits, or kept in a file. */
import { headAndTail, withMarks, type Pieces } from "../../tools/coding/head-and-tail.ts";
import type { ToolResult } from "../../tools/result.ts";
import { framedPart } from "../batch-parts.ts";
import type { BatchEnd } from "../batch-run.ts";
import { queueNotes } from "../queue-notes.ts";
import type { ResultFiles } from "../result-files.ts";
import type { MediaBlock, Part, Summary } from "../shown-result.ts";
import { MOST_MEDIA_BYTES, placeInWords, type HeldAnswer, type HeldMedia } from "./held-answer.ts";
import type { HeldAnswers } from "./held-answers.ts";

/** The calls as parts, and what goes with them that is no text. */
export interface CallParts {
  readonly summary: Summary;
  readonly media: readonly MediaBlock[];
}

/** What parts are made with. */
export interface CallPartsOptions {
  readonly files: ResultFiles;
  /** What a tool is called to a model, by its name in the batch. */
  readonly titles: ReadonlyMap<string, string>;
  readonly answers: Pick<HeldAnswers, "get">;
  /** Takes secrets of the configuration out of what failed. */
  redact(text: string): string;
}

/** Makes the parts. */
export async function callParts(
  end: BatchEnd<string>,
  options: CallPartsOptions,
): Promise<CallParts> {
  const { batch, results, report } = end;
  const mediaBox = new MediaBox(options.files);
  const parts: Part[] = [];
  for (const [index, { id, kind }] of batch.steps.entries()) {
    const title = options.titles.get(kind) ?? kind;
    const result = results[index];
    parts.push({
      ...framedPart({ id, kind: title }, result),
      ...(result === undefined ? {} : await shownOf(result, mediaBox, options)),
    });
  }
  return {
    summary: {
      facts: {},
      parts,
      wallMs: report?.wallMs ?? 0,
      sequentialMs: report?.full.sequentialMs ?? 0,
      notes: queueNotes(end),
      word: "call",
    },
    media: mediaBox.blocks,
  };
}

async function shownOf(
  { id, text, output, error }: ToolResult,
  mediaBox: MediaBox,
  { answers, redact }: CallPartsOptions,
): Promise<Pick<Part, "show" | "whole">> {
  const held = answers.get(output ?? error) ?? { pieces: [redact(text)] };
  const known = await mediaBox.placed(held, id);
  return { show: (bytes) => headAndTail(known, bytes), whole: held.whole ?? withMarks(known) };
}

/** Images and sounds of the results of a batch. */
class MediaBox {
  readonly blocks: MediaBlock[] = [];
  readonly #files: ResultFiles;
  #bytesLeft = MOST_MEDIA_BYTES;

  constructor(files: ResultFiles) {
    this.#files = files;
  }

  /** The text of an answer, in which all that is no text is named, with where it is. */
  async placed({ pieces }: HeldAnswer, id: string): Promise<Pieces> {
    const placed: Pieces[number][] = [];
    for (const piece of pieces) {
      placed.push(
        typeof piece === "object" && "block" in piece ? await this.#place(piece, id) : piece,
      );
    }
    return placed;
  }

  async #place({ label, block, place }: HeldMedia, id: string): Promise<string> {
    if (block.data.length <= this.#bytesLeft) {
      this.#bytesLeft -= block.data.length;
      this.blocks.push(block);
      return `${label} (attached as number ${this.blocks.length})`;
    }
    return `${label} (not attached: too large${place ?? (await placeInWords(block, id, this.#files))})`;
  }
}
