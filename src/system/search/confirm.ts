/** Which matches of a search really stand in files of a folder. */
import type { FileHandle } from "node:fs/promises";
import { textChunks } from "../text-chunks.ts";
import { openInside, type RootFolder } from "../root-folder.ts";
import { lineMatch, READ_LENGTH, type FileMatches, type LineMatch } from "./match.ts";

/** How many files are read at the same time. */
const FILES_AT_ONCE = 16;

/** What is confirmed, and until when. */
export interface ConfirmOptions {
  readonly root: RootFolder;
  /** The files, in order. */
  readonly files: readonly string[];
  /** How many matches are wanted; the first ones are confirmed. */
  readonly maxMatches: number;
  readonly signal: AbortSignal;
}

/**
 * The matches that stand at their lines in files of the root. Whoever searched went by paths, which somebody may have led elsewhere meanwhile.
 *
 * Guarantees: those of {@link openInside}. A file that was changed or removed since it was searched has fewer matches, or none.
 * Reads each file that has some matches once more, up to the last of them.
 */
export async function confirmMatches(
  found: FileMatches,
  { root, files, maxMatches, signal }: ConfirmOptions,
): Promise<FileMatches> {
  const confirmed = new Map<string, readonly LineMatch[]>();
  const matching = files.filter((file) => found.has(file));
  let count = 0;
  for (let at = 0; at < matching.length && count < maxMatches; at += FILES_AT_ONCE) {
    const some = matching.slice(at, at + FILES_AT_ONCE).map(async (file) => {
      const matches = await matchesIn(file, found.get(file) ?? [], { root, signal });
      confirmed.set(file, matches);
      count += matches.length;
    });
    await Promise.all(some);
  }
  return confirmed;
}

async function matchesIn(
  file: string,
  matches: readonly LineMatch[],
  { root, signal }: Pick<ConfirmOptions, "root" | "signal">,
): Promise<readonly LineMatch[]> {
  signal.throwIfAborted();
  let handle: FileHandle | undefined;
  try {
    ({ handle } = await openInside(root, file));
    const texts = await textsOf(handle, new Set(matches.map(({ line }) => line)), signal);
    return matches.filter(({ line, text }) => texts.get(line) === text);
  } catch {
    signal.throwIfAborted();
    return []; // It leads out of the folder, is gone, or cannot be read any more.
  } finally {
    await handle?.close();
  }
}

/** What is kept of these lines of a file. */
async function textsOf(
  handle: FileHandle,
  wanted: ReadonlySet<number>,
  signal: AbortSignal,
): Promise<ReadonlyMap<number, string>> {
  const texts = new LineTexts(wanted);
  for await (const { text, encoding, start } of textChunks(handle, signal)) {
    // As the engines do, a second mark of UTF-16 is taken out as well.
    texts.add(start === 0 && encoding !== "utf-8" ? text.replace(/^\ufeff/, "") : text);
    if (texts.areAll) {
      return texts.found;
    }
  }
  texts.end();
  return texts.found;
}

/** Takes what is kept of some lines out of a text that comes in pieces. */
class LineTexts {
  readonly found = new Map<number, string>();
  readonly #wanted: ReadonlySet<number>;
  #line = 1;
  /** What has come of the line, as far as it matters. */
  #begun = "";

  constructor(wanted: ReadonlySet<number>) {
    this.#wanted = wanted;
  }

  get areAll(): boolean {
    return this.found.size === this.#wanted.size;
  }

  add(text: string): void {
    for (let start = 0; start < text.length;) {
      const end = text.indexOf("\n", start);
      if (this.#wanted.has(this.#line)) {
        const room = start + READ_LENGTH - this.#begun.length;
        this.#begun += text.slice(start, Math.min(end === -1 ? text.length : end, room));
      }
      if (end === -1) {
        return;
      }
      this.end();
      start = end + 1;
    }
  }

  /** Ends the line. */
  end(): void {
    if (this.#wanted.has(this.#line)) {
      this.found.set(this.#line, lineMatch(this.#line, this.#begun).text);
    }
    this.#line += 1;
    this.#begun = "";
  }
}
