/** What a kind of task is: what it claims, what it does, and which of its results can be referred to. */
import type { Outcome } from "../core/outcome.ts";
import type { TaskContext } from "../core/task.ts";
import type { Model } from "../models/model.ts";
import type { ClaimedPath } from "./claims.ts";
import type { Plan, PlanTask } from "./plan.ts";
import type { Rehearsal } from "./likely.ts";
import type { DataPath } from "./source.ts";
import type { Settings } from "./settings.ts";
import type { Values } from "./values.ts";

/** What a kind is handed to run one attempt. */
export interface Work {
  readonly ctx: TaskContext;
  readonly task: PlanTask;
  readonly plan: Plan;
  readonly values: Values;
  readonly surroundings: Surroundings;
  /**
   * The model of a name; without one that of the plan.
   *
   * @throws `TypeError` or `Error`, as a rejection, that says what to set, when it cannot be asked, or not be paid from its budget.
   */
  modelOf(name: string | undefined): Promise<Model>;
  /** The context window of that model, in tokens; undefined where the plan does not say it. */
  contextTokensOf(name: string | undefined): number | undefined;
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
  /** The environment variables that hold the keys of models: commands do not get them. */
  readonly keyVariables: readonly string[];
}

/** A task that the settings of another name. */
export interface ToldTask {
  readonly name: string;
  /** Where they do. */
  readonly path: DataPath;
}

/** A model that a task asks. */
export interface AskedModel {
  /** Undefined for that of the plan. */
  readonly name: string | undefined;
  /** Where the settings name it, or would. */
  readonly path: DataPath;
}

/** Something that is wrong with the settings of a task. */
export interface SettingsProblem {
  readonly message: string;
  /** Where. */
  readonly path: DataPath;
}

/**
 * A kind of task.
 *
 * Contract: `run` obeys `ctx.signal` and leaves nothing running; what it returns is plain data that JSON can hold, but for `module`. `claims` names
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
  /** The models that it asks. Absent for a kind that asks none. */
  asks?(settings: S): readonly AskedModel[];
  /** The tasks whose ends it is told, whatever those are: it comes after them. Absent for a kind that knows others only by references. */
  tells?(settings: S): readonly ToldTask[];
  /** What is wrong with its settings that their shape cannot say. @defaultValue nothing */
  problems?(settings: S): readonly SettingsProblem[];
  run(settings: S, work: Work): Promise<unknown>;
  /** How it would go, for estimates before anything is asked. There where `asks` is. */
  rehearsal?(settings: S): Rehearsal;
  /** What a model, or a vote, is told of its result. @defaultValue all that it returned */
  answer?(value: never): unknown;
  /** What a failure leaves behind, for tasks that run although this one failed. */
  leftBy?(error: unknown): unknown;
}
