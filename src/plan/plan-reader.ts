/** Turns the data of a plan file into a plan, and collects what is wrong with it. */
import type { z } from "zod";
import { defaultLimits } from "./kinds.ts";
import type { Place, PlanProblem } from "./plan-error.ts";
import type { Combine, Plan, PlanTask } from "./plan.ts";
import { checkDefinition, checkModelName } from "./check-model-name.ts";
import { checkGraph, resultTasks } from "./plan-graph.ts";
import { readInputs } from "./read-inputs.ts";
import type { PlanValue } from "./settings.ts";
import { TaskReader, type RawTask, type RestOfPlan } from "./task-reader.ts";
import { describeIssue } from "./schema-issue.ts";
import { planSchema } from "./schema.ts";
import { NAME, NAME_RULE } from "./schema-parts.ts";
import type { DataPath, Source } from "./source.ts";
import { outOfReach } from "./vote-reach.ts";

/** The task that `combine: { synthesize: … }` adds. */
const SYNTHESIS = "synthesis";

/** What a reader is told besides the text. */
export interface ReaderOptions {
  readonly file: string;
  readonly folder: string;
  readonly defaultName: string;
  readonly set: Readonly<Record<string, string>>;
}

/** Reads one plan. */
export class PlanReader {
  readonly problems: PlanProblem[] = [];
  readonly #source: Source;
  readonly #options: ReaderOptions;

  constructor(source: Source, options: ReaderOptions) {
    this.#source = source;
    this.#options = options;
  }

  /** The plan; undefined when too little of it can be understood. */
  read(): Plan | undefined {
    const { data } = this.#source;
    const parsed = planSchema.safeParse(data);
    if (!parsed.success) {
      this.addIssues(parsed.error.issues, [], Object.keys(planSchema.shape));
    }
    const raw = parsed.success ? parsed.data : rightParts(data);
    if (raw === undefined) {
      return undefined;
    }
    const { file, folder, defaultName, set } = this.#options;
    const inputs = readInputs(raw.inputs ?? {}, set, {
      place: (name) => this.#source.placeOfKey(["inputs", name]),
      report: (problem) => this.problems.push(problem),
    });
    const limits = { ...defaultLimits(), ...raw.limits };
    const rawTasks = this.#rawTasks(raw.tasks);
    const models = definitionsOf(raw.models);
    const names = Object.keys(models);
    this.#checkModels(raw, models);
    const around = { folder, inputs, limit: raw.limit, limits, models: names, tasks: rawTasks };
    const tasks = this.#tasks(raw.combine, around);
    const combine = combineOf(raw.combine);
    return {
      name: raw.name ?? defaultName,
      file,
      folder,
      inputs,
      // Where not all have to complete, one that fails leaves the others alone.
      failure: raw.failure ?? (combine.kind === "all" ? "stop" : "continue"),
      combine,
      limit: raw.limit,
      limits,
      models,
      using: raw.using,
      budget: raw.budget,
      tasks,
    };
  }

  /** Notes what is wrong with the value at `path`, or, with an offset, at a character of the text there. */
  report(
    path: DataPath,
    message: string,
    detail: { readonly offset?: number | undefined; readonly suggestion?: string | undefined } = {},
  ): void {
    const place =
      detail.offset === undefined
        ? this.#source.placeOfKey(path)
        : this.#source.placeInText(path, detail.offset);
    this.problems.push({ ...place, message, suggestion: detail.suggestion });
  }

  /** Notes what the schema found, below `path`; `fields` are the names that it knows there. */
  addIssues(issues: readonly z.core.$ZodIssue[], path: DataPath, fields: readonly string[]): void {
    const { data } = this.#source;
    const described = issues.flatMap((issue) => describeIssue(issue, path, { data, fields }));
    for (const { path: at, message, suggestion, isKey, hidesLine } of described) {
      const place = isKey ? this.#source.placeOfKey(at) : this.#source.placeOf(at);
      this.problems.push({ ...place, message, suggestion, ...(hidesLine ? { hidesLine } : {}) });
    }
  }

  placeOfKey(path: DataPath): Place {
    return this.#source.placeOfKey(path);
  }

  #rawTasks(tasks: Readonly<Record<string, unknown>>): readonly RawTask[] {
    const entries = Object.entries(tasks);
    if (entries.length === 0) {
      this.report(["tasks"], "Cannot run a plan without tasks; write what to run under tasks");
    }
    return entries.map(([name, body]) => {
      const path = ["tasks", name];
      if (!NAME.test(name)) {
        const message = `Cannot call a task so as its name ${NAME_RULE}: ${JSON.stringify(name)}`;
        this.report(path, message);
      }
      return { name, body, path };
    });
  }

  /** The tasks that can be understood, and the one that `combine` adds. */
  #tasks(combine: RawCombine, around: RestOfPlan): readonly PlanTask[] {
    const reader = new TaskReader(this, around);
    const own = around.tasks.flatMap((each) => reader.read(each) ?? []);
    const isWhole = own.length === around.tasks.length;
    const synthesis = this.#synthesis(combine, own, isWhole);
    const made = synthesis === undefined ? undefined : reader.read(synthesis);
    const tasks = made === undefined ? own : [...own, made];
    if (isWhole) {
      checkGraph(tasks, (task, message) => this.report(["tasks", task], message));
      this.#checkCombine(combine, tasks);
    }
    return tasks;
  }

  #checkModels(raw: z.infer<typeof planSchema>, models: Plan["models"]): void {
    if (raw.using !== undefined) {
      checkModelName(raw.using, Object.keys(models), (message, suggestion) =>
        this.report(["using"], message, { offset: 0, suggestion }),
      );
    }
    for (const [name, definition] of Object.entries(models)) {
      const inner = typeof raw.models?.[name] === "string" ? [] : ["model"];
      checkDefinition(definition, (message, suggestion) =>
        this.report(["models", name, ...inner], message, { offset: 0, suggestion }),
      );
    }
  }

  /** The task that makes one answer of the results, where the plan asks for it. */
  #synthesis(raw: RawCombine, tasks: readonly PlanTask[], isWhole: boolean): RawTask | undefined {
    if (typeof raw !== "object" || !("synthesize" in raw)) {
      return undefined;
    }
    const entry = raw.synthesize;
    if (tasks.some(({ name }) => name === SYNTHESIS)) {
      const message = `Cannot call a task "${SYNTHESIS}" as that is the task which combine adds`;
      this.report(["tasks", SYNTHESIS], message);
      return undefined;
    }
    const { task: synthesize, ...rest } = typeof entry === "string" ? { task: entry } : entry;
    const from = resultTasks(tasks).map(({ name }) => name);
    if (from.length === 0) {
      if (isWhole) {
        const message =
          "Cannot make one answer of results as the plan has none (tasks that no other comes after)";
        this.report(["combine", "synthesize"], message);
      }
      return undefined;
    }
    const path = typeof entry === "string" ? ["combine"] : ["combine", "synthesize"];
    return { name: SYNTHESIS, body: { synthesize, from, ...rest }, path };
  }

  #checkCombine(raw: RawCombine, tasks: readonly PlanTask[]): void {
    if (typeof raw !== "object") {
      return;
    }
    const results = resultTasks(tasks).length;
    const there = `as the plan has ${results} (tasks that no other comes after)`;
    if ("first" in raw && raw.first > results) {
      this.report(["combine", "first"], `Cannot wait for the first ${raw.first} results ${there}`);
    }
    if ("vote" in raw) {
      for (const { needed, path } of outOfReach(raw.vote, results)) {
        this.report(
          ["combine", "vote", ...path],
          `Cannot ask for the votes of ${needed} results ${there}`,
        );
      }
    }
  }
}

/** What can be understood of a plan whose shape is wrong: enough to look at its tasks; undefined where that is not there. */
function rightParts(data: unknown): z.infer<typeof planSchema> | undefined {
  if (!isMapping(data) || !isMapping(data["tasks"])) {
    return undefined;
  }
  const { tasks, inputs = {}, limits = {}, limit, models } = data;
  if (!isMapping(inputs) || !isMapping(limits)) {
    return undefined; // What tasks may name is not known.
  }
  const { inputs: input, limits: width, limit: all } = planSchema.shape;
  return {
    tasks,
    inputs: input.safeParse(inputs).data ?? (inputs as Record<string, PlanValue>), // Their names are of use.
    limits: Object.fromEntries(
      Object.entries(limits).map(([name, value]) => [
        name,
        width.safeParse({ [name]: value }).data?.[name] ?? Infinity,
      ]),
    ),
    limit: all.safeParse(limit).data,
    models: isMapping(models)
      ? Object.fromEntries(Object.keys(models).map((name) => [name, "any/model"])) // Their names are of use.
      : undefined,
  };
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

type RawCombine = z.infer<typeof planSchema>["combine"];

function combineOf(raw: RawCombine): Combine {
  if (typeof raw !== "object") {
    return { kind: raw ?? "all" };
  }
  if ("first" in raw) {
    return { kind: "first", count: raw.first };
  }
  // A synthesis names what is missing.
  return "vote" in raw ? { kind: "vote", rule: raw.vote } : { kind: "best-effort" };
}

type RawModels = z.infer<typeof planSchema>["models"];

/** A model that is just a name has nothing else to say of it. */
function definitionsOf(raw: RawModels = {}): Plan["models"] {
  return Object.fromEntries(
    Object.entries(raw).map(([name, each]) => [
      name,
      typeof each === "string" ? { model: each } : each,
    ]),
  );
}
