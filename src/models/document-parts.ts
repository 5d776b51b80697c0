/** Documents in parts that fit, as they arrive. */
import type { MapSource } from "../patterns/map-options.ts";

/** A document: what it is called, and what it says. */
export interface SourceDocument {
  /** What provenance calls it. Unique, which is not checked. */
  readonly id: string;
  readonly text: string;
}

/** A part of a document: all of it where it fits. */
export interface DocumentPart {
  readonly document: SourceDocument;
  readonly text: string;
  /** Which part it is, counted from 0. */
  readonly part: number;
}

/**
 * Reads documents and cuts those that do not fit. A document that is just a text is called by its place, from "0".
 *
 * @param fits - whether a text fits; a part of a text that fits does too
 */
export async function* documentParts(
  source: MapSource<SourceDocument | string>,
  fits: (text: string) => boolean,
): AsyncGenerator<DocumentPart, void, undefined> {
  let index = 0;
  for await (const given of typeof source === "function" ? source() : source) {
    const document = typeof given === "string" ? { id: String(index), text: given } : given;
    index += 1;
    let part = 0;
    for (const text of cut(document.text, fits)) {
      yield { document, text, part };
      part += 1;
    }
  }
}

/** Cuts a text into parts that fit: between paragraphs where there is an end of one in the second half, else lines, sentences, words. */
export function* cut(text: string, fits: (text: string) => boolean): Generator<string, void> {
  let rest = text;
  // What is longer than it can be is not measured as a whole again for each part.
  let probable = text.length;
  while (rest.length > probable || !fits(rest)) {
    const most = longestThatFits(rest, Math.min(rest.length, probable), fits);
    const end = goodEnd(rest, most);
    yield rest.slice(0, end);
    rest = rest.slice(end);
    probable = most * 4; // Where one part is dense, another may be less so.
  }
  yield rest;
}

/** How many characters fit, one at the least, of at most `upper`. */
function longestThatFits(text: string, upper: number, fits: (text: string) => boolean): number {
  let low = 1;
  let high = upper;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(text.slice(0, middle))) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low;
}

function goodEnd(text: string, most: number): number {
  const head = text.slice(0, most);
  for (const mark of ["\n\n", "\n", ". ", " "]) {
    const at = head.lastIndexOf(mark);
    if (at >= most / 2) {
      return at + mark.length;
    }
  }
  const isTorn = /[\uD800-\uDBFF]$/.test(head) && most > 1;
  return isTorn ? most - 1 : most; // Not in the middle of a character.
}
