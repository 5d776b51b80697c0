/** The values that references stand for, while a plan runs. */
import { escapeGlob } from "../system/glob.ts";
import type { OutcomeStatus } from "../core/outcome.ts";
import { asJson } from "./json-value.ts";
import { parseText, soleReference, type Reference } from "./reference.ts";
import type { KindName, PlanValue } from "./settings.ts";

/** How many characters of a value are shown. */
const SHOWN_LENGTH = 80;

/** What a task left behind. A class, so that it is told apart from the data that tasks return. */
export class TaskResult {
  readonly kind: KindName;
  readonly status: OutcomeStatus;
  /** What it returned; for a failed command how it ended; undefined when there is nothing. */
  readonly value: unknown;
  /** Why it did not complete, in words; undefined where it did. */
  readonly reason: string | undefined;

  constructor(kind: KindName, status: OutcomeStatus, value: unknown, reason?: string) {
    this.kind = kind;
    this.status = status;
    this.value = value;
    this.reason = reason;
  }
}

/** How a kind's result is read: a value by the name of a field. */
export type ReadField = (result: TaskResult, field: string) => unknown;

/** What references are to. */
export interface Seen {
  readonly inputs: Readonly<Record<string, PlanValue>>;
  /** The tasks that have ended, by name. */
  readonly results: ReadonlyMap<string, TaskResult>;
  readonly readField: ReadField;
  /** Inside `each`: the item, and its number. */
  readonly current?: { readonly item: unknown; readonly index: number } | undefined;
}

/** What references of one task can see. */
export class Values {
  protected readonly seen: Seen;

  constructor(seen: Seen) {
    this.seen = seen;
  }

  /** The same, inside `each`. */
  at(item: unknown, index: number): Values {
    return new Values({ ...this.seen, current: { item, index } });
  }

  /** The result of a task that has ended. */
  result(task: string): TaskResult {
    return this.seen.results.get(task) as TaskResult; // Whoever asks came after it.
  }

  /** As {@link resolve}, but what items of an `each` left behind stays a result: its fields can be read. */
  async list(value: unknown): Promise<unknown> {
    const reference = soleReference(value);
    return reference === undefined ? await this.resolve(value) : await this.#find(reference);
  }

  /** A value with its references filled in. A text that is nothing but a reference becomes the value itself, of its own type. */
  async resolve(value: unknown): Promise<unknown> {
    if (typeof value === "string") {
      const reference = soleReference(value);
      return reference === undefined ? await this.text(value) : await this.lookUp(reference);
    }
    if (Array.isArray(value)) {
      return await Promise.all(value.map((each) => this.resolve(each)));
    }
    if (typeof value === "object" && value !== null) {
      const entries = Object.entries(value).map(
        async ([name, each]) => [name, await this.resolve(each)] as const,
      );
      return Object.fromEntries(await Promise.all(entries));
    }
    return value;
  }

  /** A text with its references filled in. What is not a text travels as JSON. */
  async text(value: string | number | boolean): Promise<string> {
    if (typeof value !== "string") {
      return String(value);
    }
    const parts = parseText(value).map(async ({ literal, reference }) =>
      reference === undefined ? (literal ?? "") : asText(await this.lookUp(reference)),
    );
    return (await Promise.all(parts)).join("");
  }

  /** Texts with their references filled in. A text that is nothing but a reference to a list becomes its items. */
  async texts(value: string | readonly string[]): Promise<readonly string[]> {
    const resolved = await this.resolve(typeof value === "string" ? [value] : value);
    return (resolved as readonly unknown[]).flat().map(asText); // A list stays a list.
  }

  /** Patterns of paths with their references filled in. What a task returned is taken as it is: its wildcards mean nothing. */
  async patterns(value: string | readonly string[]): Promise<readonly string[]> {
    const filled = [value].flat().map(async (text) => {
      const reference = soleReference(text);
      if (reference !== undefined) {
        const found = [await this.lookUp(reference)].flat().map(asText); // A list stays a list.
        return reference.root === "inputs" ? found : found.map(escapeGlob);
      }
      const parts = parseText(text).map(async (part) =>
        part.reference === undefined
          ? (part.literal ?? "")
          : asText(await this.#lookUpEscaped(part.reference)),
      );
      return (await Promise.all(parts)).join("");
    });
    return (await Promise.all(filled)).flat();
  }

  /**
   * The result of which the last step of a reference names a field; undefined when it looks into anything else.
   *
   * @throws `RangeError` when there is no such result, or it is empty.
   */
  async resultOf(reference: Reference): Promise<TaskResult | undefined> {
    const found = await this.#find({ ...reference, path: reference.path.slice(0, -1) });
    if (!(found instanceof TaskResult)) {
      return undefined;
    }
    checkLeft(found, reference.text);
    return found;
  }

  /**
   * The value of a reference.
   *
   * @throws `RangeError` when there is no such value.
   */
  async lookUp(reference: Reference): Promise<unknown> {
    const found = await this.#find(reference);
    if (found instanceof TaskResult) {
      checkLeft(found, reference.text);
    }
    return plain(found);
  }

  /** The value of a reference, or the result of a task where it names no field of it. */
  async #find({ root, name = "", path, text }: Reference): Promise<unknown> {
    switch (root) {
      case "inputs":
        return walk(this.seen.inputs, [name, ...path], text);
      case "index":
        return walk(this.seen.current?.index, path, text);
      case "item":
        return await this.#walkResult(this.seen.current?.item, path, text);
      case "tasks":
        return await this.#walkResult(this.seen.results.get(name), path, text);
    }
  }

  async #lookUpEscaped(reference: Reference): Promise<string> {
    const text = asText(await this.lookUp(reference));
    return reference.root === "inputs" ? text : escapeGlob(text);
  }

  /** Goes on from the result of a task by its fields, from any other value by its own names. */
  async #walkResult(
    from: unknown,
    path: readonly (string | number)[],
    text: string,
  ): Promise<unknown> {
    if (!(from instanceof TaskResult)) {
      return walk(from, path, text);
    }
    const [field, ...rest] = path;
    if (field === undefined) {
      return from;
    }
    if (field === "status") {
      return walk(from.status, rest, text);
    }
    checkLeft(from, text);
    const value = await this.seen.readField(from, String(field));
    const [index, ...deeper] = rest;
    // The results of the items of `each` are results in turn.
    const next =
      Array.isArray(value) && typeof index === "number" ? (value.at(index) as unknown) : undefined;
    if (next instanceof TaskResult) {
      return await this.#walkResult(next, deeper, text);
    }
    return rest.length === 0 ? value : walk(plain(value), rest, text);
  }
}

/** A value as text: a text as it is, anything else as {@link asJson}. */
export function asText(value: unknown): string {
  return typeof value === "string" ? value : asJson(value);
}

/** The beginning of a value, as messages show it: a text in quotes. */
export function shownValue(value: unknown): string {
  try {
    const text = asJson(plain(value));
    return text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text;
  } catch {
    return "what JSON cannot hold";
  }
}

/** A value without the results in it: what the tasks returned. */
export function plain(value: unknown): unknown {
  if (value instanceof TaskResult) {
    return value.value;
  }
  return Array.isArray(value)
    ? value.map((each: unknown) => (each instanceof TaskResult ? each.value : each))
    : value;
}

function checkLeft({ status, value }: TaskResult, text: string): void {
  if (value === undefined) {
    throw new RangeError(`Cannot use ${text} as the task has left no result: ${status}`);
  }
}

/**
 * The value at a path into plain data: own names of what is there, and indexes of lists, from the end where they are negative.
 *
 * @throws `RangeError` naming the first step that leads nowhere; `text` is what the path is called.
 */
export function walk(from: unknown, path: readonly (string | number)[], text: string): unknown {
  let value = from;
  for (const step of path) {
    const next: unknown =
      typeof step === "number"
        ? Array.isArray(value)
          ? value.at(step)
          : undefined
        : typeof value === "object" && value !== null && Object.hasOwn(value, step)
          ? (value as Record<string, unknown>)[step]
          : undefined;
    if (next === undefined) {
      throw new RangeError(
        `Cannot use ${text} as there is no ${JSON.stringify(step)} in ${shownValue(value)}`,
      );
    }
    value = next;
  }
  return value;
}
