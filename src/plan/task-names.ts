/** What a task names: values of others in its texts, the tasks that it comes after, models. */
import { suggest } from "../core/suggest.ts";
import { checkModelName } from "./check-model-name.ts";
import { askedBy, kindOf, toldTo } from "./kinds.ts";
import type { PlanReader } from "./plan-reader.ts";
import type { PlanTask } from "./plan.ts";
import { parseText, ReferenceSyntaxError, soleReference, type Reference } from "./reference.ts";
import { kindsIn } from "./schema.ts";
import type { AfterEntry, Declarations, KindName, TaskBody } from "./settings.ts";
import type { ShellText } from "./shell-rewrite.ts";
import { toShellText } from "./shell-text.ts";
import type { DataPath } from "./source.ts";
import type { RawTask, RestOfPlan } from "./task-reader.ts";
import { walk } from "./values.ts";

/** Why a reference is to nothing. */
interface Lack {
  readonly message: string;
  readonly suggestion?: string | undefined;
}

/** Finds what tasks name, and reports what is not there. */
export class TaskNames {
  readonly #reader: PlanReader;
  readonly #around: RestOfPlan;
  readonly #names: ReadonlyMap<string, RawTask>;

  constructor(reader: PlanReader, around: RestOfPlan) {
    this.#reader = reader;
    this.#around = around;
    this.#names = new Map(around.tasks.map((task) => [task.name, task]));
  }

  /** A name of a model is one that the plan defines, or that of a provider and its model. */
  checkModels(raw: RawTask, kind: KindName, body: TaskBody): void {
    for (const { name, path } of askedBy({ kind, settings: body })) {
      if (name !== undefined) {
        checkModelName(name, this.#around.models, (message, suggestion) =>
          this.#reader.report([...raw.path, ...path], message, { offset: 0, suggestion }),
        );
      }
    }
  }

  /** The tasks whose ends it is told, whatever those are. */
  told(raw: RawTask, kind: KindName, body: TaskBody): PlanTask["after"] {
    return toldTo({ kind, settings: body }).flatMap(({ name, path }) => {
      if (this.#names.has(name) && name !== raw.name) {
        return [{ task: name, until: "settled" } as const];
      }
      const rule =
        name === raw.name ? "a task cannot use its own result" : "the plan has no such task";
      this.#reader.report([...raw.path, ...path], `Cannot use the result of "${name}" as ${rule}`, {
        offset: 0,
        suggestion: name === raw.name ? undefined : suggest(name, this.#names.keys()),
      });
      return [];
    });
  }

  /** The tasks that the texts of a task refer to. What is wrong with a reference is reported. */
  references(raw: RawTask, body: object, isItem: boolean): PlanTask["after"] {
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
    return found.flatMap(({ root, name }) =>
      root === "tasks" && name !== undefined ? [{ task: name, until: "completed" }] : [],
    );
  }

  #shellProblems(command: string): ShellText["problems"] {
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
        `Cannot decide whether task "${raw.name}" runs as "when" must be one reference, true or false: ${JSON.stringify(when)}`,
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

  /** Whether there is what a reference is to. Reports where there is not. */
  #isKnown(
    reference: Reference,
    at: {
      readonly raw: RawTask;
      readonly path: DataPath;
      readonly offset: number;
      readonly isItem: boolean;
    },
  ): boolean {
    const lack = this.#lackOf(reference, at);
    if (lack !== undefined) {
      const { message, suggestion } = lack;
      this.#reader.report(at.path, message, { offset: at.offset, suggestion });
    }
    return lack === undefined;
  }

  #lackOf(
    reference: Reference,
    { raw, isItem }: { readonly raw: RawTask; readonly isItem: boolean },
  ): Lack | undefined {
    switch (reference.root) {
      case "inputs":
        return lackOfInput(reference, this.#around.inputs);
      case "tasks":
        return this.#lackOfResult(reference, raw);
      default: {
        const { root, text } = reference;
        const message = `Cannot use ${root} as it exists only in the "do" of an each: ${text}`;
        return isItem ? undefined : { message };
      }
    }
  }

  #lackOfResult({ name = "", path, text }: Reference, raw: RawTask): Lack | undefined {
    const task = this.#names.get(name);
    if (task === undefined) {
      const suggestion = suggest(name, this.#names.keys());
      return { message: `Cannot use ${text} as the plan has no such task`, suggestion };
    }
    if (name === raw.name) {
      return { message: `Cannot use ${text} as a task cannot use its own result` };
    }
    const fields = fieldsOfResult(task.body);
    const [field] = path;
    if (fields === undefined || (typeof field === "string" && fields.includes(field))) {
      return undefined;
    }
    const known = fields.map((each) => `.${each}`).join(", ");
    return {
      message: `Cannot use ${text} as a result of this task is one of ${known}`,
      suggestion: suggest(String(field ?? ""), fields),
    };
  }

  /** The tasks that it comes after: those that it names, and those that follow from what else it says. */
  after(
    raw: RawTask,
    body: Declarations,
    implied: PlanTask["after"],
    isItem: boolean,
  ): PlanTask["after"] {
    const stated = strictest(implied).map(({ task, until }) => ({
      task,
      until: until === "settled" ? until : untilOf(body),
    }));
    if (isItem && body.after !== undefined) {
      this.#reader.report(
        [...raw.path, "after"],
        'Cannot order the items of an each; write "after" beside "each"',
      );
    }
    const named = isItem ? [] : this.#named(raw, body);
    const names = new Set(named.map(({ task }) => task));
    return [...named, ...stated.filter(({ task }) => !names.has(task))];
  }

  #named(raw: RawTask, body: Declarations): PlanTask["after"] {
    const { after = [] } = body;
    const isList = typeof after !== "string";
    const entries: readonly AfterEntry[] = isList ? after : [after];
    return entries.flatMap((entry, index) => {
      const { task, until = untilOf(body) } = typeof entry === "string" ? { task: entry } : entry;
      if (this.#names.has(task)) {
        return [{ task, until }];
      }
      const place = [...(isList ? [index] : []), ...(typeof entry === "string" ? [] : ["task"])];
      this.#reader.report(
        [...raw.path, "after", ...place],
        `Cannot run task "${raw.name}" after "${task}" as the plan has no such task`,
        { suggestion: suggest(task, this.#names.keys()), offset: 0 },
      );
      return [];
    });
  }
}

function lackOfInput(
  { name = "", path, text }: Reference,
  inputs: RestOfPlan["inputs"],
): Lack | undefined {
  if (!Object.hasOwn(inputs, name)) {
    const suggestion = suggest(name, Object.keys(inputs));
    return { message: `Cannot use ${text} as the plan has no such input`, suggestion };
  }
  try {
    walk(inputs, [name, ...path], text);
    return undefined;
  } catch (error) {
    return { message: (error as RangeError).message }; // It throws nothing else.
  }
}

/** Undefined where it is not known of what kind the task is. */
function fieldsOfResult(body: unknown): readonly string[] | undefined {
  const [kind] = typeof body === "object" && body !== null ? kindsIn(body) : [];
  return kind === undefined ? undefined : [...Object.keys(kindOf(kind).fields), "status"];
}

/** What others must come to where a task does not say it. */
function untilOf({ always }: Declarations): "completed" | "settled" {
  return always === true ? "settled" : "completed";
}

/** Each task once: where it is needed in two ways, it has to complete. */
function strictest(after: PlanTask["after"]): PlanTask["after"] {
  const all = new Map<string, "completed" | "settled">(after.map(({ task }) => [task, "settled"]));
  after
    .filter(({ until }) => until === "completed")
    .forEach(({ task }) => all.set(task, "completed"));
  return [...all].map(([task, until]) => ({ task, until }));
}

function isOneReference(text: string): boolean {
  try {
    return soleReference(text) !== undefined;
  } catch {
    return true; // It was meant to be one; that it cannot be read has been reported.
  }
}
