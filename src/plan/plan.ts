/** A plan that has been read and checked: what its tasks are, what they wait for, what they touch. */
import type { RetryOptions } from "../core/retry.ts";
import type { ModelDefinition, RuleEntry } from "./model-settings.ts";
import type { Place } from "./plan-error.ts";
import type { KindName, PlanValue, Settings } from "./settings.ts";

/** When a plan has reached its goal. */
export type Combine =
  /** Every task has to complete. */
  | { readonly kind: "all" }
  /** Whatever completes is of use. */
  | { readonly kind: "best-effort" }
  /** That many results are enough; a result is a task that no other comes after. */
  | { readonly kind: "first"; readonly count: number }
  /** The results vote. */
  | { readonly kind: "vote"; readonly rule: RuleEntry };

/** A plan, ready to be run. */
export interface Plan {
  readonly name: string;
  /** The file as it was named; what messages begin with. */
  readonly file: string;
  /** The folder of the file, which all paths of the plan are relative to. Absolute. */
  readonly folder: string;
  /** The inputs with their values. */
  readonly inputs: Readonly<Record<string, PlanValue>>;
  readonly failure: "stop" | "continue";
  readonly combine: Combine;
  /** How many tasks run at once over all kinds; undefined for as many as the other limits allow. */
  readonly limit: number | undefined;
  /** How many run at once by the name of the limit: one for each kind, and those that the plan names itself. */
  readonly limits: Readonly<Record<string, number>>;
  /** The models that it defines, by name. */
  readonly models: Readonly<Record<string, ModelDefinition>>;
  /** The model of tasks that name none. */
  readonly using: string | undefined;
  /** What all calls of models may cost, in US dollars. */
  readonly budget: number | undefined;
  /** In the order of the file. */
  readonly tasks: readonly PlanTask[];
}

/** One task of a plan. */
export interface PlanTask {
  readonly name: string;
  readonly kind: KindName;
  readonly settings: Settings;
  /** The tasks that it comes after, those that it refers to included. */
  readonly after: readonly { readonly task: string; readonly until: "completed" | "settled" }[];
  /** What it reads, as resources: what it declares, and what its kind reads by itself. */
  readonly reads: readonly string[];
  /** What it writes, as resources. */
  readonly writes: readonly string[];
  /** What it declares to read and write, as written. */
  readonly declared: { readonly reads: readonly string[]; readonly writes: readonly string[] };
  readonly exclusive: boolean;
  /** The names of its limits, that of its kind included. */
  readonly limits: readonly string[];
  readonly weight: number;
  readonly timeoutMs: number | undefined;
  readonly deadlineMs: number | undefined;
  readonly graceMs: number | undefined;
  readonly retry: RetryOptions | undefined;
  readonly priority: number | undefined;
  /** A reference or a plain answer to whether it runs at all. */
  readonly when: string | boolean;
  readonly always: boolean;
  readonly expectedMs: number | undefined;
  /** For `each`: the task that is run for every item. */
  readonly item: PlanTask | undefined;
  /** Where it stands in the file. */
  readonly place: Place;
}
