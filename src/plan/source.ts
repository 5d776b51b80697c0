/** The text of a plan, and where each of its values stands in it. */
import {
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  parseAllDocuments,
  visit,
  type Document,
  type Node,
  type Pair,
  type YAMLMap,
} from "yaml";
import type { Place, PlanProblem } from "./plan-error.ts";

/** The way to a value: names and indexes. */
export type DataPath = readonly (string | number)[];

/** What is wrong with a text, and where in it, counted from 0. */
interface Flaw {
  readonly message: string;
  readonly offset: number;
}

/** How many values the aliases of a plan may stand for. Without an end, a text of ten lines becomes more than fits into memory. */
const MOST_ALIASED = 10_000;

/** A text of YAML or JSON, read. */
export class Source {
  /** The values as plain data. */
  readonly data: unknown;
  readonly #text: string;
  readonly #document: Document;
  readonly #lines: LineCounter;
  readonly #pairs = new WeakMap<YAMLMap, ReadonlyMap<unknown, Pair>>();

  private constructor(text: string, document: Document, lines: LineCounter) {
    this.data = document.toJS({ maxAliasCount: MOST_ALIASED });
    this.#text = text;
    this.#document = document;
    this.#lines = lines;
  }

  /** Reads a text; says what is wrong with it where it is not YAML. JSON is read as the part of YAML that it is. */
  static read(text: string): Source | readonly PlanProblem[] {
    const lines = new LineCounter();
    const [document, second] = [
      ...parseAllDocuments(text, {
        lineCounter: lines,
        prettyErrors: false,
        stringKeys: true,
        uniqueKeys: false, // It compares each with all others; names that stand twice are found here.
      }),
    ];
    if (document === undefined || document.contents === null) {
      const message = "Cannot run an empty plan; write what to run under tasks";
      return [{ line: 1, column: 1, message, suggestion: undefined }];
    }
    const flaws = [
      ...syntaxFlaws(document, text),
      ...nameFlaws(document),
      ...twins(document, (offset) => lines.linePos(offset).line),
    ];
    if (flaws.length === 0 && second !== undefined) {
      flaws.push({ message: "it must hold one plan alone", offset: second.range[0] });
    }
    if (flaws.length === 0) {
      try {
        return new Source(text, document, lines);
      } catch (error) {
        flaws.push(excessOf(document, error));
      }
    }
    return flaws.map(({ message, offset }) => ({
      ...toPlace(lines, offset),
      message: `Cannot read the file as ${message}`,
      suggestion: undefined,
    }));
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
    const key = isMap(parent) ? this.#pairsOf(parent).get(name)?.key : undefined;
    const start = isScalar(key) ? key.range?.[0] : undefined;
    return start === undefined ? this.placeOf(path) : toPlace(this.#lines, start);
  }

  /**
   * The place of a character of the text at `path`, found by the few characters that begin there: longer pieces may be folded.
   * Where even these are written in another way, as in quotes with escapes, it is the place where the text begins.
   */
  placeInText(path: DataPath, offset: number): Place {
    const node = this.#node(path);
    if (!isScalar(node) || typeof node.value !== "string" || node.range?.[0] === undefined) {
      return this.placeOf(path);
    }
    const [start, end] = node.range;
    const isBlock = node.type === "BLOCK_LITERAL" || node.type === "BLOCK_FOLDED";
    const written = this.#text.slice(start, end);
    const [needle = ""] = node.value.slice(offset, offset + NEEDLE_LENGTH).split(/\s/, 1);
    const earlier = needle === "" ? 0 : node.value.slice(0, offset).split(needle).length - 1;
    let found = isBlock ? written.indexOf("\n") : -1; // The first line of a block may have a comment.
    for (let count = 0; needle !== "" && count <= earlier; count += 1) {
      found = written.indexOf(needle, found + 1);
      if (found < 0) {
        break;
      }
    }
    return toPlace(this.#lines, start + (needle === "" ? 0 : Math.max(0, found)));
  }

  #node(path: DataPath): Node | null | undefined {
    let node: unknown = this.#document.contents;
    for (const part of path) {
      node = isMap(node)
        ? this.#pairsOf(node).get(part)?.value
        : isSeq(node)
          ? node.get(part, true) // With `true` it returns nodes.
          : undefined;
    }
    return node as Node | null | undefined; // What the parser makes holds nodes.
  }

  /** The entries of a mapping by their names. A plan is asked for a place in each of its tasks: thousands of times in one mapping. */
  #pairsOf(map: YAMLMap): ReadonlyMap<unknown, Pair> {
    const known = this.#pairs.get(map);
    if (known !== undefined) {
      return known;
    }
    const pairs = new Map(
      map.items.map((pair) => [isScalar(pair.key) ? pair.key.value : pair.key, pair]),
    );
    this.#pairs.set(map, pairs);
    return pairs;
  }
}

/** As long as the beginning of a reference, which is what is mostly looked for. */
const NEEDLE_LENGTH = 3;

/**
 * What the parser found, warnings included: a tag that it does not know would be dropped. Of what it did not expect only the first: what
 * follows from that is of no use.
 */
function syntaxFlaws({ errors, warnings }: Document, text: string): readonly Flaw[] {
  const found = [...errors, ...warnings];
  const names = found.filter(({ code }) => code === "NON_STRING_KEY");
  const first = found.find(({ code }) => code !== "NON_STRING_KEY");
  const flaw = first === undefined ? undefined : flawOf(first, text);
  return [
    ...names
      .filter(({ pos: [offset] }) => flaw === undefined || offset < flaw.offset)
      .map(({ pos: [offset] }) => ({ message: "names must be plain texts", offset })),
    ...(flaw === undefined ? [] : [flaw]),
  ];
}

function flawOf(
  { message, pos: [offset] }: Document["warnings" | "errors"][number],
  text: string,
): Flaw {
  return unquotedReference(text, offset) ?? { message: `it is not YAML: ${message}`, offset };
}

/** The reference at which the parser stopped: its braces mean a mapping where it stands in another without quotes. */
function unquotedReference(text: string, offset: number): Flaw | undefined {
  const start = text.lastIndexOf("${{", offset);
  return start < 0 || text.slice(start, offset).includes("\n")
    ? undefined
    : {
        message: "a text with ${{ }} needs quotes around it inside of { } and [ ]",
        offset: start,
      };
}

/** Names that stand twice in one mapping. */
function twins(document: Document, lineOf: (offset: number) => number): readonly Flaw[] {
  const flaws: Flaw[] = [];
  visit(document, {
    Map(_key, { items }, path) {
      const [, , parent] = path;
      const isTasks =
        path.length === 3 && isPair(parent) && isScalar(parent.key) && parent.key.value === "tasks";
      const lines = new Map<unknown, number>();
      for (const { key } of items) {
        if (isScalar(key)) {
          const offset = key.range?.[0] ?? 0;
          const line = lineOf(offset);
          const earlier = lines.get(key.value);
          if (earlier === undefined) {
            lines.set(key.value, line);
          } else {
            const where = earlier === line ? `line ${line}` : `lines ${earlier} and ${line}`;
            const name = JSON.stringify(key.value);
            const rule = isTasks ? `two tasks are called ${name}` : `${name} stands there twice`;
            flaws.push({ message: `${rule}: ${where}`, offset });
          }
        }
      }
    },
  });
  return flaws;
}

/** Aliases that stand for nothing or for what is around them, the one name that plain data cannot have, and the one that YAML 1.1 had a use for. */
function nameFlaws(document: Document): readonly Flaw[] {
  const flaws: Flaw[] = [];
  const anchors = new Map<string, Node>();
  visit(document, {
    Pair(_key, { key }) {
      if (isScalar(key) && key.value === "__proto__") {
        flaws.push({ message: "nothing may be called __proto__", offset: key.range?.[0] ?? 0 });
      }
      if (isScalar(key) && key.value === "<<" && key.type === "PLAIN") {
        const message = "<< merges nothing here; write the fields out, or use an alias as a whole";
        flaws.push({ message, offset: key.range?.[0] ?? 0 });
      }
    },
    Node(_key, node, path) {
      const offset = node.range?.[0] ?? 0;
      if (!isAlias(node)) {
        if (node.anchor !== undefined) {
          anchors.set(node.anchor, node);
        }
        return;
      }
      const target = anchors.get(node.source);
      if (target === undefined) {
        flaws.push({ message: `no &${node.source} stands above *${node.source}`, offset });
      } else if (path.includes(target)) {
        flaws.push({ message: `*${node.source} stands inside of &${node.source}`, offset });
      }
    },
  });
  return flaws;
}

/** Aliases of aliases that stand for too much, at the first alias. */
function excessOf(document: Document, error: unknown): Flaw {
  if (!(error instanceof ReferenceError)) {
    throw error;
  }
  let offset = 0;
  visit(document, {
    Alias(_key, { range }) {
      offset = range?.[0] ?? 0;
      return visit.BREAK;
    },
  });
  return { message: `its aliases stand for more than ${MOST_ALIASED} values`, offset };
}

function toPlace(lines: LineCounter, offset: number): Place {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}
