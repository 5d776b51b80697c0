/**
 * References: `${{ tasks.list.lines[0] }}` inside the texts of a plan. A reference names a value of another task
 * (`tasks.<name>.<field>`), an input of the plan (`inputs.<name>`), or, inside `each`, the current `item` and its `index`; after
 * that a path into it: `.name`, `["any name"]`, `[0]`, and `[-1]` for the last. There is no expression language.
 *
 * `$${{` stands for `${{` itself.
 */

/** Where a reference starts to look. */
export type ReferenceRoot = "tasks" | "inputs" | "item" | "index";

/** One reference. */
export interface Reference {
  readonly root: ReferenceRoot;
  /** The task or input; undefined for `item` and `index`. */
  readonly name: string | undefined;
  /** The way into the value. */
  readonly path: readonly (string | number)[];
  /** As written, without the braces. */
  readonly text: string;
}

/** A piece of a text: as it stands, or to be filled in. */
export interface TextPart {
  readonly offset: number;
  readonly end: number;
  readonly literal: string | undefined;
  readonly reference: Reference | undefined;
}

/** A reference that cannot be read. */
export class ReferenceSyntaxError extends Error {
  override readonly name = "ReferenceSyntaxError";
  /** Where in the text, counted from 0. */
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

const ROOTS: ReadonlySet<string> = new Set(["tasks", "inputs", "item", "index"]);

/**
 * Cuts a text at its references. With `report`, one that cannot be read is handed to it and left out.
 *
 * @throws `ReferenceSyntaxError` for a reference that cannot be read, without `report`.
 */
export function parseText(
  text: string,
  report: (error: ReferenceSyntaxError) => void = fail,
): readonly TextPart[] {
  const parts: TextPart[] = [];
  let from = 0;
  for (let at = text.indexOf("${{"); at >= 0; at = text.indexOf("${{", from)) {
    const isEscaped = text[at - 1] === "$";
    pushLiteral(parts, text.slice(from, isEscaped ? at - 1 : at), from);
    if (isEscaped) {
      parts.push({ offset: at - 1, end: at + 3, literal: "${{", reference: undefined });
      from = at + 3;
      continue;
    }
    from = at + 3;
    try {
      const end = endOf(text, at);
      from = end;
      const reference = parseReference(text.slice(at + 3, end - 2), at);
      parts.push({ offset: at, end, literal: undefined, reference });
    } catch (error) {
      if (!(error instanceof ReferenceSyntaxError)) {
        throw error;
      }
      report(error);
    }
  }
  pushLiteral(parts, text.slice(from), from);
  return parts;
}

function fail(error: ReferenceSyntaxError): never {
  throw error;
}

/** Every reference in a value, however deep. */
export function referencesIn(value: unknown): readonly Reference[] {
  if (typeof value === "string") {
    return parseText(value).flatMap(({ reference }) =>
      reference === undefined ? [] : [reference],
    );
  }
  if (typeof value === "object" && value !== null) {
    return Object.values(value).flatMap(referencesIn);
  }
  return [];
}

/** The reference that a text consists of, when it is nothing else. */
export function soleReference(text: unknown): Reference | undefined {
  if (typeof text !== "string") {
    return undefined;
  }
  const parts = parseText(text.trim());
  return parts.length === 1 ? parts[0]?.reference : undefined;
}

/** The text that stands there where no reference does; undefined where one does. */
export function literalText(text: string): string | undefined {
  let hasReference = false;
  const parts = parseText(text, () => {
    hasReference = true; // One that cannot be read.
  });
  return hasReference || parts.some(({ reference }) => reference !== undefined)
    ? undefined
    : parts.map(({ literal }) => literal).join("");
}

function pushLiteral(parts: TextPart[], literal: string, offset: number): void {
  if (literal !== "") {
    parts.push({ offset, end: offset + literal.length, literal, reference: undefined });
  }
}

/** The offset behind the closing braces; those inside a quoted name do not count. */
function endOf(text: string, start: number): number {
  const pattern = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|\}\}|\n/g;
  pattern.lastIndex = start + 3;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    if (match[0] === "}}") {
      return match.index + 2;
    }
    if (match[0] === "\n") {
      break;
    }
  }
  throw new ReferenceSyntaxError(
    'Cannot read a reference as it must end with "}}" on its line',
    start,
  );
}

/** A step of a path: `.name`, `[0]`, `["name"]`. */
const STEP = /^(?:\.([A-Za-z_][\w-]*)|\[(-?\d+)\]|\[("(?:[^"\\]|\\.)*")\]|\['([^'\\]*)'\])/;

function parseReference(inner: string, offset: number): Reference {
  const text = inner.trim();
  const [root = ""] = /^[A-Za-z]+/.exec(text) ?? [];
  const fail = (rule: string): never => {
    throw new ReferenceSyntaxError(`Cannot read a reference as ${rule}: ${text}`, offset);
  };
  if (!ROOTS.has(root)) {
    fail("it must begin with tasks, inputs, item or index");
  }
  const steps: (string | number)[] = [];
  for (let rest = text.slice(root.length); rest !== "";) {
    const step = STEP.exec(rest) ?? fail('a path consists of .name, [0] and ["name"]');
    steps.push(stepOf(step) ?? fail("a name in quotes must be a JSON string"));
    rest = rest.slice(step[0].length);
  }
  if (root === "item" || root === "index") {
    return { root, name: undefined, path: steps, text };
  }
  const [name, ...path] = steps;
  if (typeof name !== "string") {
    fail(`${root} must be followed by a name, as in ${root}.name`);
  }
  return { root: root as ReferenceRoot, name: String(name), path, text }; // Checked against ROOTS.
}

/** Undefined for a name in quotes that is no JSON string. */
function stepOf([, name, index, quoted, plain]: RegExpExecArray): string | number | undefined {
  if (index !== undefined) {
    return Number(index);
  }
  if (quoted === undefined) {
    return name ?? plain;
  }
  try {
    return JSON.parse(quoted) as string; // STEP matched quotes around it.
  } catch {
    return undefined;
  }
}
