/** The text of a plan, and where each of its values stands in it. */
import { isMap, isScalar, LineCounter, parseAllDocuments, type Document, type Node } from "yaml";
import type { Place, PlanProblem } from "./plan-error.ts";

/** The way to a value: names and indexes. */
export type DataPath = readonly (string | number)[];

/** A text of YAML or JSON, read. */
export class Source {
  readonly #text: string;
  readonly #document: Document;
  readonly #lines: LineCounter;

  private constructor(text: string, document: Document, lines: LineCounter) {
    this.#text = text;
    this.#document = document;
    this.#lines = lines;
  }

  /** Reads a text; says what is wrong with it where it is not YAML. JSON is read as the part of YAML that it is. */
  static read(text: string): Source | readonly PlanProblem[] {
    const lines = new LineCounter();
    const [document, second] = [
      ...parseAllDocuments(text, { lineCounter: lines, prettyErrors: false }),
    ];
    if (document === undefined || document.contents === null) {
      const message = "Cannot run an empty plan; write what to run under tasks";
      return [{ line: 1, column: 1, message, suggestion: undefined }];
    }
    const problemAt = (offset: number, message: string): PlanProblem => ({
      ...toPlace(lines, offset),
      message,
      suggestion: undefined,
    });
    if (document.errors.length > 0) {
      return document.errors.map(({ message, pos }) =>
        problemAt(pos[0], `Cannot read the file: ${message}`),
      );
    }
    if (second !== undefined) {
      return [problemAt(second.range[0], "Cannot read more than one plan from a file")];
    }
    return new Source(text, document, lines);
  }

  /** The values as plain data. */
  get data(): unknown {
    return this.#document.toJS({ maxAliasCount: 100 });
  }

  /** Where the value at `path` stands, or the nearest value around it. */
  placeOf(path: DataPath): Place {
    for (let length = path.length; length >= 0; length -= 1) {
      const start = this.#node(path.slice(0, length))?.range?.[0];
      if (start !== undefined) {
        return toPlace(this.#lines, start);
      }
    }
    return { line: 1, column: 1 };
  }

  /** Where the name of the value at `path` stands. */
  placeOfKey(path: DataPath): Place {
    const parent = this.#node(path.slice(0, -1));
    const name = path.at(-1);
    const key = isMap(parent)
      ? parent.items.map((pair) => pair.key).find((each) => isScalar(each) && each.value === name)
      : undefined;
    const start = isScalar(key) ? key.range?.[0] : undefined;
    return start === undefined ? this.placeOf(path) : toPlace(this.#lines, start);
  }

  /**
   * The place of a character of the text at `path`, found by the characters that follow it. Where these are written in another
   * way, as in quotes with escapes, it is the place where the text begins.
   */
  placeInText(path: DataPath, offset: number): Place {
    const node = this.#node(path);
    if (!isScalar(node) || typeof node.value !== "string" || node.range?.[0] === undefined) {
      return this.placeOf(path);
    }
    const [start, end] = node.range;
    const written = this.#text.slice(start, end);
    const [needle = ""] = node.value.slice(offset).split("\n", 1);
    const earlier = needle === "" ? 0 : node.value.slice(0, offset).split(needle).length - 1;
    let found = -1;
    for (let count = 0; needle !== "" && count <= earlier; count += 1) {
      found = written.indexOf(needle, found + 1);
    }
    return toPlace(this.#lines, start + Math.max(0, found));
  }

  #node(path: DataPath): Node | null | undefined {
    return path.length === 0
      ? this.#document.contents
      : (this.#document.getIn(path, true) as Node | null | undefined); // With `true` it returns nodes.
  }
}

function toPlace(lines: LineCounter, offset: number): Place {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}
