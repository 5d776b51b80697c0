/** Finds what a plan says of a task by the key that the task has in the run. */
import type { Plan, PlanTask } from "../plan/plan.ts";
import { referencesIn } from "../plan/reference.ts";

/** The tasks of a plan by the keys of its run. */
export class PlanIndex {
  readonly plan: Plan;
  readonly #byName: ReadonlyMap<string, PlanTask>;
  readonly #referred: ReadonlySet<string | undefined>;
  readonly #isFile: boolean;

  /** `isFile`: whether the plan was read from a file, so that places in it mean something. */
  constructor(plan: Plan, isFile: boolean) {
    this.plan = plan;
    this.#byName = new Map(plan.tasks.map((task) => [task.name, task]));
    const references = plan.tasks.flatMap(({ settings, when, declared }) =>
      referencesIn([settings, when, declared]),
    );
    this.#referred = new Set(
      references.flatMap(({ root, name }) => (root === "tasks" ? [name] : [])),
    );
    this.#isFile = isFile;
  }

  /** The task of a key; for an item, such as `lint[a.ts]`, the one that its `each` runs. */
  task(key: string): PlanTask | undefined {
    return this.#byName.get(key) ?? this.#byName.get(nameOf(key))?.item;
  }

  /** `plan.yaml:12`; undefined without a file. */
  placeOf(key: string): string | undefined {
    const task = this.task(key);
    return task === undefined || !this.#isFile ? undefined : `${this.plan.file}:${task.place.line}`;
  }

  /** Whether another task uses what this one returns. */
  isReferred(key: string): boolean {
    return this.#referred.has(this.#byName.has(key) ? key : nameOf(key));
  }
}

/** The name of the `each` that an item belongs to. */
function nameOf(key: string): string {
  const bracket = key.indexOf("[");
  return bracket === -1 ? key : key.slice(0, bracket);
}
