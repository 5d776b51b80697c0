/**
 * References of a call to the outputs of earlier ones: `{"$from": "call_1", "path": "/items/0/id"}` anywhere among its arguments. `$from`
 * is the id of a call, or its number among the calls of the turn, from 1: models often do not know the ids. `path` is a JSON Pointer (RFC
 * 6901); without it the whole output is meant.
 *
 * What stands there is put in as data, never as text, and not looked at again: an output cannot bring in references of its own.
 */
import { isPlainObject } from "./plain-object.ts";

/** A reference among the arguments of a call. */
export interface Reference {
  readonly from: string | number;
  readonly path: string;
}

/** What a reference stands for, or why it stands for nothing. */
type Resolved = { readonly value: unknown } | { readonly complaint: string };

/** The references in arguments. */
export function findReferences(input: unknown): readonly Reference[] {
  const reference = referenceOf(input);
  if (reference !== undefined) {
    return [reference];
  }
  if (Array.isArray(input)) {
    return input.flatMap(findReferences);
  }
  return isPlainObject(input) ? Object.values(input).flatMap(findReferences) : [];
}

/** The arguments with each reference replaced by what `resolve` gives for it. */
function substitute(input: unknown, resolve: (reference: Reference) => unknown): unknown {
  const reference = referenceOf(input);
  if (reference !== undefined) {
    return resolve(reference);
  }
  if (Array.isArray(input)) {
    return input.map((each) => substitute(each, resolve));
  }
  if (!isPlainObject(input)) {
    return input;
  }
  // By definition, not assignment: a model may write a key such as `__proto__`.
  return Object.fromEntries(
    Object.entries(input).map(([key, value]) => [key, substitute(value, resolve)]),
  );
}

/** The arguments with each reference replaced by what it stands for, or all that is wrong with the references. */
export function fillReferences(
  input: unknown,
  outputOf: (from: Reference["from"]) => unknown,
): { readonly input: unknown } | { readonly complaint: string } {
  const complaints: string[] = [];
  const filled = substitute(input, ({ from, path }) => {
    const found = lookUp(outputOf(from), path);
    if ("complaint" in found) {
      complaints.push(`{"$from": ${JSON.stringify(from)}}: ${found.complaint}`);
      return undefined;
    }
    return found.value;
  });
  return complaints.length > 0 ? { complaint: complaints.join("\n") } : { input: filled };
}

/** What stands at a JSON Pointer in an output. */
function lookUp(output: unknown, pointer: string): Resolved {
  if (pointer === "") {
    return { value: output };
  }
  if (!pointer.startsWith("/")) {
    return { complaint: `a path begins with "/", as in "/items/0/id": ${JSON.stringify(pointer)}` };
  }
  let at = output;
  let seen = "";
  for (const escaped of pointer.slice(1).split("/")) {
    const key = escaped.replaceAll("~1", "/").replaceAll("~0", "~");
    if (typeof at !== "object" || at === null || !hasOwn(at, key)) {
      return { complaint: `there is no ${JSON.stringify(key)} ${describePlace(at, seen)}` };
    }
    at = (at as Readonly<Record<string, unknown>>)[key]; // It has it.
    seen += `/${escaped}`;
  }
  return { value: at };
}

/** A list has its items alone: its length is no part of its data. */
function hasOwn(value: object, key: string): boolean {
  return Object.hasOwn(value, key) && !(Array.isArray(value) && key === "length");
}

/** How many keys are listed that would have been right. */
const MOST_KEYS = 12;

function describePlace(value: unknown, pointer: string): string {
  const place = pointer === "" ? "in its output" : `at "${pointer}" of its output`;
  if (Array.isArray(value)) {
    return `${place}, a list of ${value.length}`;
  }
  if (typeof value !== "object" || value === null) {
    return `${place}, which is ${value === null ? "null" : `a ${typeof value}`}`;
  }
  const keys = Object.keys(value);
  const more = keys.length > MOST_KEYS ? ", …" : "";
  return `${place}, which has ${keys.slice(0, MOST_KEYS).join(", ") || "nothing"}${more}`;
}

function referenceOf(value: unknown): Reference | undefined {
  if (!isPlainObject(value) || !Object.hasOwn(value, "$from")) {
    return undefined;
  }
  const { $from: from, path = "", ...rest } = value;
  const isReference =
    (typeof from === "string" || typeof from === "number") &&
    typeof path === "string" &&
    Object.keys(rest).length === 0;
  return isReference ? { from, path } : undefined;
}
