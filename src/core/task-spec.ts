/** Checks what a user declared of a task, once, before anything happens. */
import type { Budget } from "./budget/budget.ts";
import { estimateOf, type Estimate } from "./budget/estimate.ts";
import type { Claims } from "./claim-table.ts";
import { claimOutside } from "./claims-outside.ts";
import { EVERYTHING, resourceName } from "./resource.ts";
import type { Clock } from "./clock.ts";
import type { Limit } from "./limits/limit.ts";
import { retryPolicy, type RetryPolicy } from "./retry.ts";
import type { RetryBudget } from "./retry-budget.ts";
import type { Task, TaskFunction, TaskOptions } from "./task.ts";

/** What a task declared, checked, with the defaults of its run filled in. Shared by all tasks that declare nothing. */
export interface TaskSpec {
  readonly limits: readonly Limit[];
  readonly weight: number;
  /** What an attempt is estimated to cost. */
  readonly estimate: Estimate;
  /** From what it is paid. */
  readonly budgets: readonly Budget[];
  /** The clock of its run. */
  readonly clock: Clock;
  readonly priority: number | undefined;
  readonly claims: Claims | undefined;
  readonly exclusive: boolean;
  readonly always: boolean;
  /** What the failure of a child does to its siblings and to this task. */
  readonly failure: "stop" | "continue";
  /** Whether its own failure is left to whoever awaits it. */
  readonly detached: boolean;
  /** Whether it is a group of tasks, which costs nothing itself. */
  readonly isGroup: boolean;
  readonly timeoutMs: number | undefined;
  readonly deadlineMs: number | undefined;
  readonly graceMs: number;
  readonly retry: RetryPolicy | undefined;
  readonly expectedMs: number;
  /** What a task inside it declares that declares nothing: what its run gave for all. Absent where that is this itself. */
  readonly defaults?: TaskSpec | undefined;
  /** As declared, for the event log. */
  readonly reads: readonly string[];
  readonly writes: readonly string[];
}

const NONE: readonly string[] = [];

const NO_CLAIMS: Claims = { reads: NONE, writes: NONE };

/**
 * Checks the declarations of a task. A function by itself declares nothing.
 *
 * @throws `TypeError` or `RangeError` that names the task, the option, the rule and the value.
 */
export function specOf(
  key: string,
  options: TaskOptions | TaskFunction<unknown>,
  defaults: TaskSpec,
): TaskSpec {
  if (typeof options === "function" || declaresNothing(key, options)) {
    return defaults;
  }
  const { reads = NONE, writes = NONE, exclusive = false, weight = 1 } = options;
  const limits = together(defaults.limits, options.limit);
  const estimate = estimateOf(key, options);
  checkUnits(key, weight, estimate, limits);
  useLimits(limits, defaults.clock);
  return {
    limits,
    weight,
    estimate,
    budgets: together(defaults.budgets, options.budget),
    clock: defaults.clock,
    priority: checkNumber(key, "priority", options.priority, -Infinity),
    claims: claimsOf(key, options),
    exclusive,
    always: options.always ?? false,
    failure: defaults.failure,
    detached: false,
    isGroup: false,
    timeoutMs: checkNumber(key, "timeoutMs", options.timeoutMs, 0) ?? defaults.timeoutMs,
    deadlineMs: checkNumber(key, "deadlineMs", options.deadlineMs, 0),
    graceMs: checkNumber(key, "graceMs", options.graceMs, 0) ?? defaults.graceMs,
    retry: options.retry === undefined ? undefined : retryPolicy(options.retry, budgetOf(limits)),
    expectedMs: checkNumber(key, "expectedMs", options.expectedMs, 0) ?? 0,
    defaults,
    reads,
    writes,
  };
}

/** Whether a task stands in the same line as one that declares nothing, and nothing has to be done for it before its turn comes but to claim. */
export function waitsLike(plain: TaskSpec, spec: TaskSpec): boolean {
  return (
    spec.limits === plain.limits &&
    spec.weight === plain.weight &&
    spec.estimate === plain.estimate &&
    spec.budgets === plain.budgets &&
    spec.priority === plain.priority &&
    spec.expectedMs === plain.expectedMs &&
    spec.deadlineMs === undefined &&
    !spec.exclusive &&
    !spec.always
  );
}

/** What is given for one task besides what holds for all. */
export function together<T>(
  common: readonly T[],
  given: T | readonly T[] | undefined,
): readonly T[] {
  return given === undefined ? common : [...new Set([...common, ...asArray(given)])];
}

/**
 * Tells limits by which clock they are going to be used.
 *
 * @throws `TypeError` when one counts the time of another clock.
 */
export function useLimits(limits: readonly Limit[], clock: Clock): void {
  for (const each of limits) {
    each.use(clock);
  }
}

/** The budget of the first limit that has one. */
function budgetOf(limits: readonly Limit[]): RetryBudget | undefined {
  return limits.find(({ retryBudget }) => retryBudget !== undefined)?.retryBudget;
}

/** Names that somebody may write who means an option, and which option that is. */
const NEAR_MISSES: Readonly<Record<string, keyof TaskOptions>> = {
  read: "reads",
  write: "writes",
  limits: "limit",
  budgets: "budget",
  costs: "cost",
  retries: "retry",
  timeout: "timeoutMs",
  deadline: "deadlineMs",
  grace: "graceMs",
  expected: "expectedMs",
};

/**
 * Whether a task has no options of its own that the kernel reads, but may come after others: it then shares the declarations of its run. Tasks may have
 * fields of their own.
 *
 * @throws `TypeError` for one that is nearly an option: a misspelt `timeoutMs` must not go unseen.
 */
function declaresNothing(key: string, options: TaskOptions): boolean {
  let nothing = true;
  // Without a list of the names: there may be a hundred thousand such tasks.
  for (const name in options) {
    if (name !== "run" && name !== "after" && name !== "idempotent") {
      nothing = false;
      const meant = Object.hasOwn(NEAR_MISSES, name) ? NEAR_MISSES[name] : undefined;
      if (meant !== undefined) {
        throw new TypeError(
          `Cannot start task "${key}" as a task has no option "${name}": "${meant}" is probably meant`,
        );
      }
    }
  }
  return nothing;
}

/** The function of a task, whichever way it was written. */
export function functionOf<T>(key: string, task: Task<T>): TaskFunction<T> {
  const run = typeof task === "function" ? task : (task as { run?: unknown } | undefined)?.run;
  if (typeof run !== "function") {
    if (typeof key !== "string") {
      throw new TypeError(
        'Cannot start a task without a key: it comes first, as in start("name", task)',
      );
    }
    throw new TypeError(
      `Cannot start task "${key}" as it must be a function or an object with a "run" function: ${typeof task}`,
    );
  }
  return run as TaskFunction<T>; // Its type was checked by the compiler where the user wrote it.
}

/**
 * Checks that each claim of a child lies within a claim of its nearest claiming ancestor.
 *
 * @throws `RangeError` naming both tasks and the resource.
 */
export function checkWithin(
  key: string,
  spec: TaskSpec,
  ancestorKey: string,
  within: TaskSpec,
): void {
  const outside = claimOutside(spec.claims ?? NO_CLAIMS, within.claims ?? NO_CLAIMS);
  if (outside !== undefined) {
    const { verb, name } = outside;
    throw new RangeError(
      `Cannot start task "${key}" as it ${verb} "${name || "everything"}", which task "${ancestorKey}" around it does not claim`,
    );
  }
}

/** What is claimed, as it was declared at this moment: the lists are the user's, who may change them later. */
function claimsOf(key: string, options: TaskOptions): Claims | undefined {
  const { reads = NONE, writes = NONE, exclusive = false } = options;
  checkList(key, "reads", reads);
  checkList(key, "writes", writes);
  const claims = { reads: namesOf(reads), writes: namesOf(writes) };
  if (exclusive) {
    return { ...claims, writes: [EVERYTHING, ...claims.writes] };
  }
  return claims.reads.length + claims.writes.length > 0 ? claims : undefined;
}

function checkList(key: string, option: string, list: unknown): void {
  if (!Array.isArray(list)) {
    throw new TypeError(
      `Cannot start task "${key}" as "${option}" must be a list of names: ${JSON.stringify(list)}`,
    );
  }
}

function namesOf(declared: readonly string[]): readonly string[] {
  if (declared === NONE) {
    return NONE;
  }
  // Most lists are of one name, and a literal is half the price of a mapped list.
  const [first] = declared;
  return declared.length === 1 && first !== undefined
    ? [resourceName(first)]
    : declared.map((name) => resourceName(name));
}

/**
 * Checks that a task can ever start.
 *
 * @throws `RangeError` that names the task and the limit that holds too little.
 */
export function checkUnits(
  key: string,
  weight: number,
  { reserve: { tokens } }: Estimate,
  limits: readonly Limit[],
): void {
  if (!Number.isSafeInteger(weight) || weight < 1) {
    throw new RangeError(
      `Cannot start task "${key}" as "weight" must be an integer from 1: ${weight}`,
    );
  }
  for (const limit of limits) {
    if (weight > limit.concurrency) {
      throw new RangeError(
        `Cannot start task "${key}" as its weight must not exceed the ${limit.concurrency} of limit "${limit.name}": ${weight}`,
      );
    }
    const most = limit.rate?.tokensPerMinute ?? Infinity;
    if (tokens > most) {
      throw new RangeError(
        `Cannot start task "${key}" as its tokens must not exceed the ${most} a minute of limit "${limit.name}": ${tokens}`,
      );
    }
  }
}

function checkNumber(
  key: string,
  name: string,
  value: number | undefined,
  least: number,
): number | undefined {
  if (value !== undefined && !(typeof value === "number" && value >= least)) {
    throw new RangeError(
      `Cannot start task "${key}" as "${name}" must be a number${least === 0 ? " from 0" : ""}: ${String(value)}`,
    );
  }
  return value;
}

function asArray<T>(value: T | readonly T[] | undefined): readonly T[] {
  if (value === undefined) {
    return [];
  }
  return Array.isArray(value) ? (value as readonly T[]) : [value as T];
}
