/** What references stand for before a plan runs: inputs, items, and files that are there now. Of all else nothing is known. */
import { findFiles } from "../system/find-files.ts";
import { readFiles } from "../system/read-files.ts";
import type { ReadValue } from "./kinds/read.ts";
import { fieldOf, toldTo } from "./kinds.ts";
import type { Plan, PlanTask } from "./plan.ts";
import { withItems } from "./plan-graph.ts";
import { referencesIn, soleReference, type Reference } from "./reference.ts";
import type { ReadSettings } from "./settings.ts";
import { TaskResult, Values } from "./values.ts";

/** What is handed on in place of what is not known. */
const UNKNOWN = "";

/** Values that stand for nothing where they are not known, and remember which those are. */
export class ForeseenValues extends Values {
  /** The references that were asked for in vain. */
  readonly missing = new Set<string>();

  override at(item: unknown, index: number): ForeseenValues {
    return new ForeseenValues({ ...this.seen, current: { item, index } });
  }

  /** The same, of which nothing has been asked. */
  fresh(): ForeseenValues {
    return new ForeseenValues(this.seen);
  }

  override result(task: string): TaskResult {
    if (this.seen.results.has(task)) {
      return super.result(task);
    }
    this.missing.add(`tasks.${task}`);
    return new TaskResult("module", "completed", UNKNOWN);
  }

  override async lookUp(reference: Reference): Promise<unknown> {
    return (await this.known(reference)) ?? UNKNOWN;
  }

  override async list(value: unknown): Promise<unknown> {
    const reference = soleReference(value);
    return reference === undefined
      ? await super.list(value)
      : ((await this.known(reference)) ?? [UNKNOWN]);
  }

  /** The value of a reference; undefined where it is not known. */
  async known(reference: Reference): Promise<unknown> {
    const { root, name = "", text } = reference;
    const { results, current } = this.seen;
    const isKnown =
      root === "inputs" || (root === "tasks" ? results.has(name) : current !== undefined);
    try {
      if (isKnown) {
        return await super.lookUp(reference);
      }
    } catch {
      // A file without the field that is asked for: its task will fail then.
    }
    this.missing.add(text);
    return undefined;
  }
}

/** The values of a plan that nothing has been run of. Files are read where other tasks refer to them. */
export async function foreseenValues(plan: Plan, signal: AbortSignal): Promise<ForeseenValues> {
  const results = new Map<string, TaskResult>();
  const wanted = new Set(withItems(plan.tasks).flatMap(namesIn));
  for (const { name, kind, settings } of plan.tasks) {
    if (kind === "read" && wanted.has(name)) {
      const files = await filesOf(plan, settings as ReadSettings, signal); // As its kind says.
      if (files !== undefined) {
        results.set(name, new TaskResult("read", "completed", files));
      }
    }
  }
  return new ForeseenValues({ inputs: plan.inputs, results, readField: fieldOf });
}

/** The names of the tasks that a task refers to, or is told of. */
function namesIn(task: PlanTask): readonly (string | undefined)[] {
  const { settings, when } = task;
  return [...referencesIn([settings, when]), ...toldTo(task)].map(({ name }) => name);
}

/** Undefined where they cannot be read, or which they are is not known. */
async function filesOf(
  { folder, inputs }: Plan,
  { read }: ReadSettings,
  signal: AbortSignal,
): Promise<ReadValue | undefined> {
  if (referencesIn(read).some(({ root }) => root !== "inputs")) {
    return undefined;
  }
  try {
    const values = new Values({ inputs, results: new Map(), readField: fieldOf });
    const paths = await findFiles(await values.patterns(read), { cwd: folder, signal });
    return { files: await readFiles(paths, { signal }) };
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}
