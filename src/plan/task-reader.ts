/** Reads one task of a plan: its shape, its references, what it claims. */
import type { RetryOptions } from "../core/retry.ts";
import { schemaProblems } from "./answer-schema.ts";
import { claimsOf, declaredPaths, type ClaimedPath } from "./claims.ts";
import { parseDuration } from "./duration.ts";
import { kindOf } from "./kinds.ts";
import { knownItems, namesItem, withInputs, withItem } from "./known-items.ts";
import type { PlanReader } from "./plan-reader.ts";
import type { PlanTask } from "./plan.ts";
import { ReferenceSyntaxError } from "./reference.ts";
import { fieldsOf, KINDS, kindsIn, rightFields, taskSchemas } from "./schema.ts";
import type { Declarations, EachSettings, KindName, PlanValue, TaskBody } from "./settings.ts";
import type { DataPath } from "./source.ts";
import { suggest } from "../core/suggest.ts";
import { TaskNames } from "./task-names.ts";

/** A task as it stands in the file. */
export interface RawTask {
  readonly name: string;
  readonly body: unknown;
  readonly path: DataPath;
}

/** What a task is read against. */
export interface RestOfPlan {
  readonly folder: string;
  readonly inputs: Readonly<Record<string, PlanValue>>;
  /** How many tasks run at once over all kinds. */
  readonly limit: number | undefined;
  readonly limits: Readonly<Record<string, number>>;
  /** The names of the models that the plan defines. */
  readonly models: readonly string[];
  readonly tasks: readonly RawTask[];
}

/** The list of an `each`. */
type List = EachSettings["each"];

/** Reads tasks, and reports what is wrong with them. */
export class TaskReader {
  readonly #reader: PlanReader;
  readonly #around: RestOfPlan;
  readonly #names: TaskNames;

  constructor(reader: PlanReader, around: RestOfPlan) {
    this.#reader = reader;
    this.#around = around;
    this.#names = new TaskNames(reader, around);
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
    const references = this.#names.references(raw, body, isItem);
    this.#names.checkModels(raw, kind, body);
    const problems = [
      ...(kindOf(kind).problems?.(body) ?? []),
      ...("schema" in body ? schemaProblems(body) : []),
    ];
    for (const { message, path } of problems) {
      this.#reader.report([...raw.path, ...path], message, { offset: 0 });
    }
    const told = this.#names.told(raw, kind, body);
    const implied = [...references, ...told, ...(item?.after ?? [])];
    return {
      name: raw.name,
      kind,
      settings: body,
      after: this.#names.after(raw, body, implied, isItem),
      ...this.#claimed(raw, body, { kind, list, item }),
      ...declarationsOf(body),
      limits: this.#limits(raw, kind, body),
      item,
      place: this.#reader.placeOfKey(raw.path),
    };
  }

  /** What it reads and writes: by itself, as it declares, and with its items. */
  #claimed(
    { path }: RawTask,
    body: TaskBody,
    {
      kind,
      list,
      item,
    }: {
      readonly kind: KindName;
      readonly list: List | undefined;
      readonly item: PlanTask | undefined;
    },
  ): Pick<PlanTask, "reads" | "writes" | "declared"> {
    const declared = { reads: listOf(body.reads), writes: listOf(body.writes) };
    const own = kindOf(kind).claims?.(body) ?? { reads: [], writes: [] };
    const all = (verb: "reads" | "writes"): readonly string[] => [
      ...new Set([
        ...this.#claims([...path, kind], own[verb], list),
        ...this.#claims([...path, verb], declaredPaths(declared[verb]), list),
        ...(item?.[verb] ?? []),
      ]),
    ];
    return { reads: all("reads"), writes: all("writes"), declared };
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
    this.#names.references(raw, body, isItem);
    this.#names.after(raw, right, [], isItem);
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
    const [kind, second] = kindsIn(body);
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

/** What a task declares that needs nothing else to be read. */
function declarationsOf(body: Declarations) {
  return {
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
  } satisfies Partial<PlanTask>;
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
