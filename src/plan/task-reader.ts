/** Reads one task of a plan: its shape, its references, what it claims. */
import type { RetryOptions } from "../core/retry.ts";
import { claimsOf, declaredPaths, type ClaimedPath } from "./claims.ts";
import { parseDuration } from "./duration.ts";
import { kindOf } from "./kinds.ts";
import { knownItems, namesItem, withInputs, withItem } from "./known-items.ts";
import type { PlanReader } from "./plan-reader.ts";
import type { PlanTask } from "./plan.ts";
import { parseText, ReferenceSyntaxError, soleReference, type Reference } from "./reference.ts";
import { fieldsOf, KINDS, rightFields, taskSchemas } from "./schema.ts";
import type {
  AfterEntry,
  Declarations,
  EachSettings,
  KindName,
  PlanValue,
  TaskBody,
} from "./settings.ts";
import { toShellText } from "./shell-text.ts";
import type { DataPath } from "./source.ts";
import { suggest } from "../core/suggest.ts";
import { walk } from "./values.ts";

/** A task as it stands in the file. */
export interface RawTask {
  readonly name: string;
  readonly body: unknown;
  readonly path: DataPath;
}

/** What a task is read against. */
export interface Surrounding {
  readonly folder: string;
  readonly inputs: Readonly<Record<string, PlanValue>>;
  /** How many tasks run at once over all kinds. */
  readonly limit: number | undefined;
  readonly limits: Readonly<Record<string, number>>;
  readonly tasks: readonly RawTask[];
}

/** The list of an `each`. */
type List = EachSettings["each"];

/** Reads tasks, and reports what is wrong with them. */
export class TaskReader {
  readonly #reader: PlanReader;
  readonly #around: Surrounding;
  readonly #names: ReadonlyMap<string, RawTask>;

  constructor(reader: PlanReader, around: Surrounding) {
    this.#reader = reader;
    this.#around = around;
    this.#names = new Map(around.tasks.map((task) => [task.name, task]));
  }

  /** The task; undefined when its shape is wrong. */
  read(raw: RawTask): PlanTask | undefined {
    return this.#read(raw, undefined);
  }

  /** `list`: the list of the `each` of which the task is the item. */
  #read(raw: RawTask, list: List | undefined): PlanTask | undefined {
    const isItem = list !== undefined;
    const kind = this.#kindOf(raw, isItem);
    const body = kind === undefined ? undefined : this.#bodyOf(raw, kind);
    if (kind === undefined || body === undefined) {
      this.#checkTheRest(raw, kind, isItem);
      return undefined;
    }
    const item =
      "do" in body
        ? this.#read({ ...raw, body: body.do, path: [...raw.path, "do"] }, body.each)
        : undefined;
    if (kind === "each" && item === undefined) {
      return undefined;
    }
    const references = this.#references(raw, body, isItem);
    const declared = { reads: listOf(body.reads), writes: listOf(body.writes) };
    const own = kindOf(kind).claims?.(body) ?? { reads: [], writes: [] };
    const claim = (field: string, paths: readonly ClaimedPath[]): readonly string[] =>
      this.#claims([...raw.path, field], paths, list);
    const reads = [...claim(kind, own.reads), ...claim("reads", declaredPaths(declared.reads))];
    const writes = [...claim(kind, own.writes), ...claim("writes", declaredPaths(declared.writes))];
    return {
      name: raw.name,
      kind,
      settings: body,
      after: this.#after(raw, body, [...references, ...namesOf(item?.after ?? [])], isItem),
      reads: [...new Set([...reads, ...(item?.reads ?? [])])],
      writes: [...new Set([...writes, ...(item?.writes ?? [])])],
      declared,
      limits: this.#limits(raw, kind, body),
      exclusive: body.exclusive ?? false,
      weight: body.weight ?? 1,
      timeoutMs: durationOf(body.timeout),
      deadlineMs: durationOf(body.deadline),
      graceMs: durationOf(body.grace),
      retry: retryOf(body.retry),
      priority: body.priority,
      when: body.when ?? true,
      always: body.always ?? false,
      expectedMs: durationOf(body.expect),
      item,
      place: this.#reader.placeOfKey(raw.path),
    };
  }

  /** Looks at what can be understood of a task whose shape is wrong, so that no mistake waits for the mend of another. */
  #checkTheRest(raw: RawTask, kind: KindName | undefined, isItem: boolean): void {
    const { body, path } = raw;
    if (typeof body !== "object" || body === null || Array.isArray(body)) {
      return;
    }
    if ("do" in body && typeof body.do === "object" && !isItem) {
      this.#read({ ...raw, body: body.do, path: [...path, "do"] }, []);
    }
    const right = rightFields(kind, body);
    this.#references(raw, body, isItem);
    this.#after(raw, right, [], isItem);
    this.#limits(raw, kind, right);
  }

  #kindOf({ name, body, path }: RawTask, isItem: boolean): KindName | undefined {
    const named = isItem ? `the item of task "${name}"` : `task "${name}"`;
    if (typeof body !== "object" || body === null || Array.isArray(body)) {
      this.#reader.report(
        path,
        `Cannot run ${named} as it must be a mapping with one of ${KINDS.join(", ")}`,
      );
      return undefined;
    }
    const keys = Object.keys(body);
    const [kind, second] = KINDS.filter((each) => keys.includes(each));
    if (kind === undefined) {
      const slip = keys.find((key) => suggest(key, KINDS) !== undefined);
      this.#reader.report(
        slip === undefined ? path : [...path, slip],
        `Cannot run ${named} as it must have one of ${KINDS.join(", ")}`,
        { suggestion: slip === undefined ? undefined : suggest(slip, KINDS) },
      );
      return undefined;
    }
    if (second !== undefined) {
      this.#reader.report(
        [...path, second],
        `Cannot run ${named} as it must be of one kind: ${kind}, ${second}`,
      );
      return undefined;
    }
    if (kind === "each" && isItem) {
      this.#reader.report(
        [...path, kind],
        `Cannot run ${named} as an item must not be "each" again`,
      );
      return undefined;
    }
    return kind;
  }

  #bodyOf({ body, path }: RawTask, kind: KindName): TaskBody | undefined {
    const parsed = taskSchemas[kind].safeParse(body);
    if (!parsed.success) {
      this.#reader.addIssues(parsed.error.issues, path, fieldsOf(kind));
      return undefined;
    }
    return parsed.data as TaskBody; // What the schema of the kind describes.
  }

  /** The names of the tasks that the texts of a task refer to. What is wrong with a reference is reported. */
  #references(raw: RawTask, body: object, isItem: boolean): readonly string[] {
    const found: Reference[] = [];
    const { do: _item, after: _after, ...texts } = body as Readonly<Record<string, unknown>>;
    this.#walk(texts, raw.path, (reference, path, offset) => {
      if (this.#isKnown(reference, { raw, path, offset, isItem })) {
        found.push(reference);
      }
    });
    if ("command" in body && typeof body.command === "string") {
      for (const { offset, message } of this.#shellProblems(body.command)) {
        this.#reader.report([...raw.path, "command"], message, { offset });
      }
    }
    if ("module" in body && String(body.module).includes("${{")) {
      this.#reader.report(
        [...raw.path, "module"],
        "Cannot choose a module by a reference; name its file",
      );
    }
    this.#checkWhen(raw, body);
    return found.flatMap(({ root, name }) => (root === "tasks" ? (name ?? []) : []));
  }

  #shellProblems(command: string): ReturnType<typeof toShellText>["problems"] {
    try {
      return toShellText(command).problems;
    } catch (error) {
      if (error instanceof ReferenceSyntaxError) {
        return []; // Reported where the references are looked at.
      }
      throw error;
    }
  }

  #checkWhen(raw: RawTask, { when }: { readonly when?: unknown }): void {
    if (typeof when === "string" && !isOneReference(when)) {
      this.#reader.report(
        [...raw.path, "when"],
        `Cannot decide whether task "${raw.name}" runs as "when" must be one reference, true or false: ${when}`,
      );
    }
  }

  /** Visits every reference of every text. */
  #walk(
    value: unknown,
    path: DataPath,
    visit: (reference: Reference, path: DataPath, offset: number) => void,
  ): void {
    if (typeof value === "string") {
      const parts = parseText(value, ({ message, offset }) =>
        this.#reader.report(path, message, { offset }),
      );
      for (const { reference, offset } of parts) {
        if (reference !== undefined) {
          visit(reference, path, offset);
        }
      }
    } else if (typeof value === "object" && value !== null) {
      const isList = Array.isArray(value);
      for (const [name, each] of Object.entries(value)) {
        this.#walk(each, [...path, isList ? Number(name) : name], visit);
      }
    }
  }

  #isKnown(
    { root, name = "", path: way, text }: Reference,
    at: {
      readonly raw: RawTask;
      readonly path: DataPath;
      readonly offset: number;
      readonly isItem: boolean;
    },
  ): boolean {
    const fail = (message: string, suggestion?: string): false => {
      this.#reader.report(at.path, message, { offset: at.offset, suggestion });
      return false;
    };
    if (root === "item" || root === "index") {
      return (
        at.isItem || fail(`Cannot use ${root} as it exists only in the "do" of an each: ${text}`)
      );
    }
    if (root === "inputs") {
      const { inputs } = this.#around;
      if (!Object.hasOwn(inputs, name)) {
        const near = suggest(name, Object.keys(inputs));
        return fail(`Cannot use ${text} as the plan has no such input`, near);
      }
      try {
        walk(inputs, [name, ...way], text);
        return true;
      } catch (error) {
        return fail((error as RangeError).message); // It throws nothing else.
      }
    }
    const task = this.#names.get(name);
    if (task === undefined) {
      return fail(
        `Cannot use ${text} as the plan has no such task`,
        suggest(name, this.#names.keys()),
      );
    }
    if (name === at.raw.name) {
      return fail(`Cannot use ${text} as a task cannot use its own result`);
    }
    const fields = fieldsOfResult(task.body);
    const [field] = way;
    return (
      fields === undefined ||
      (typeof field === "string" && fields.includes(field)) ||
      fail(
        `Cannot use ${text} as a result of this task is one of ${fields.map((each) => `.${each}`).join(", ")}`,
        suggest(String(field ?? ""), fields),
      )
    );
  }

  #after(
    raw: RawTask,
    body: Declarations,
    references: readonly string[],
    isItem: boolean,
  ): PlanTask["after"] {
    const untilDefault = body.always === true ? "settled" : "completed";
    const implied = [...new Set(references)].map(
      (task) => ({ task, until: untilDefault }) as const,
    );
    if (isItem) {
      if (body.after !== undefined) {
        this.#reader.report(
          [...raw.path, "after"],
          'Cannot order the items of an each; write "after" beside "each"',
        );
      }
      return implied;
    }
    const entries: readonly AfterEntry[] =
      typeof body.after === "string" ? [body.after] : (body.after ?? []);
    const named = entries.flatMap((entry, index) => {
      const task = typeof entry === "string" ? entry : entry.task;
      if (!this.#names.has(task)) {
        const path = typeof body.after === "string" ? [] : [index];
        this.#reader.report(
          [...raw.path, "after", ...path, ...(typeof entry === "string" ? [] : ["task"])],
          `Cannot run task "${raw.name}" after "${task}" as the plan has no such task`,
          {
            suggestion: suggest(task, this.#names.keys()),
            offset: 0,
          },
        );
        return [];
      }
      const until = typeof entry === "string" ? undefined : entry.until;
      return [{ task, until: until ?? untilDefault } as const];
    });
    const names = new Set(namesOf(named));
    return [...named, ...implied.filter(({ task }) => !names.has(task))];
  }

  #limits(
    raw: RawTask,
    kind: KindName | undefined,
    { limit, weight = 1 }: Declarations,
  ): readonly string[] {
    const { limit: all = Infinity, limits } = this.#around;
    const own = listOf(limit).filter((name, index) => {
      if (!Object.hasOwn(limits, name)) {
        this.#reader.report(
          [...raw.path, "limit", ...(typeof limit === "string" ? [] : [index])],
          `Cannot run task "${raw.name}" as the plan has no limit "${name}"; name it under limits`,
          { suggestion: suggest(name, Object.keys(limits)), offset: 0 },
        );
        return false;
      }
      return true;
    });
    const names =
      kind !== undefined && Object.hasOwn(limits, kind) ? [...new Set([kind, ...own])] : own;
    const widths = names.map((name) => ({
      what: `limit "${name}"`,
      width: limits[name] ?? Infinity,
    }));
    for (const { what, width } of [{ what: "the whole plan", width: all }, ...widths]) {
      if (weight > width) {
        this.#reader.report(
          [...raw.path, "weight"],
          `Cannot run task "${raw.name}" as its weight must not exceed the ${width} of ${what}: ${weight}`,
        );
      }
    }
    return names;
  }

  /** What the paths of the field at `path` claim: for an item, what all items of the list do together. */
  #claims(
    place: DataPath,
    paths: readonly ClaimedPath[],
    list: List | undefined,
  ): readonly string[] {
    const { inputs, folder } = this.#around;
    const items = list === undefined ? undefined : knownItems(list, inputs);
    return paths.flatMap((path, index) => {
      try {
        const known =
          items === undefined || !namesItem(path.text)
            ? [path]
            : items.flatMap((item, at) => withItem(path, item, at));
        const filled = known.flatMap((each) =>
          withInputs(each.text, inputs).map((text) => ({ ...each, text })),
        );
        return claimsOf(filled, folder);
      } catch (error) {
        if (error instanceof TypeError) {
          // A glob that says nothing of what it matches. A list has its place at the item, a text alone at the field itself.
          this.#reader.report([...place, index], error.message, { offset: 0 });
        } else if (!isReported(error)) {
          throw error;
        }
        return [];
      }
    });
  }
}

/** Whether an error is one that is reported where the references are looked at. */
function isReported(error: unknown): boolean {
  return error instanceof ReferenceSyntaxError || error instanceof RangeError;
}

/** Undefined where it is not known of what kind the task is. */
function fieldsOfResult(body: unknown): readonly string[] | undefined {
  const kind = KINDS.find((each) => typeof body === "object" && body !== null && each in body);
  return kind === undefined ? undefined : [...Object.keys(kindOf(kind).fields), "status"];
}

function namesOf(after: PlanTask["after"]): readonly string[] {
  return after.map(({ task }) => task);
}

function isOneReference(text: string): boolean {
  try {
    return soleReference(text) !== undefined;
  } catch {
    return true; // It was meant to be one; that it cannot be read has been reported.
  }
}

function listOf(value: string | readonly string[] | undefined): readonly string[] {
  return value === undefined ? [] : typeof value === "string" ? [value] : value;
}

function durationOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : parseDuration(text);
}

function retryOf(retry: Declarations["retry"]): RetryOptions | undefined {
  if (retry === undefined || typeof retry === "number") {
    return retry === undefined ? undefined : { attempts: retry };
  }
  const { attempts, delay, maxDelay, factor, jitter } = retry;
  return { attempts, factor, jitter, delayMs: durationOf(delay), maxDelayMs: durationOf(maxDelay) };
}
