/** What a kind of task is: what it claims, what it does, and which of its results can be referred to. */
import type { Outcome } from "../core/outcome.ts";
import type { TaskContext } from "../core/task.ts";
import type { ClaimedPath } from "./claims.ts";
import type { Plan, PlanTask } from "./plan.ts";
import type { Settings } from "./settings.ts";
import type { Values } from "./values.ts";

/** What a kind is handed to run one attempt. */
export interface Work {
  readonly ctx: TaskContext;
  readonly task: PlanTask;
  readonly plan: Plan;
  readonly values: Values;
  readonly surroundings: Surroundings;
  /** Runs the task of an `each` for every item, inside this one. Resolves with their outcomes in order, whatever those are. */
  runItems(items: readonly unknown[]): Promise<readonly Outcome<unknown>[]>;
}

/** What all tasks of a run share with the outside. */
export interface Surroundings {
  /** A file for the output of an attempt; undefined when output is not kept. */
  outputFile(ctx: TaskContext, stream: "stdout" | "stderr"): string | undefined;
  /** Called with each line that a command prints. */
  onLine(key: string, line: string, stream: "stdout" | "stderr"): void;
  /** What the processes of one attempt carry in their environment: new at each call. */
  newMark(): string;
  /** How long a command may take to end after SIGTERM, in milliseconds. */
  readonly graceMs: number;
}

/**
 * A kind of task.
 *
 * Contract: `run` obeys `ctx.signal` and leaves nothing running; what it returns is plain data that JSON can hold. `claims` names
 * at least what `run` touches.
 */
export interface Kind<S extends Settings = Settings> {
  /** How many run at once unless the plan says otherwise; undefined when they have no limit of their own. */
  readonly defaultLimit: number | undefined;
  /** The fields of its result, each with the way to it. */
  readonly fields: Readonly<Record<string, (value: never) => unknown>>;
  /** The paths that it reads and writes by itself; absent for a kind that touches no file by itself. */
  claims?(settings: S): {
    readonly reads: readonly ClaimedPath[];
    readonly writes: readonly ClaimedPath[];
  };
  run(settings: S, work: Work): Promise<unknown>;
  /** What a failure leaves behind, for tasks that run although this one failed. */
  leftBy?(error: unknown): unknown;
}
