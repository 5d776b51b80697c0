/** What comes back for a call: one result each, whatever happened. */
import type { WaitReason } from "../core/event.ts";

/** A call as a model made it. Its arguments are sealed: they will not change any more. */
export interface ToolCall {
  /** As the provider gave it; no other call of the turn has it. */
  readonly id: string;
  /** The tool that is called. */
  readonly name: string;
  /** The arguments, parsed. @defaultValue those of `inputText`, else none: `{}` */
  readonly input?: unknown;
  /** The arguments as the JSON text that the model wrote. An empty text stands for `{}`. Not beside `input`. */
  readonly inputText?: string | undefined;
  /**
   * The ids of earlier calls of the turn that it comes after: it starts when all of them have completed, and is skipped when one has not. It
   * keeps its place meanwhile. @defaultValue none
   */
  readonly after?: readonly string[] | undefined;
}

/**
 * How a call ended.
 *
 * - `completed`: the tool returned.
 * - `failed`: it threw; or what it declares of its calls did, and nothing ran.
 * - `timed-out`: it took too long. It is told to stop, and keeps its claims until it has.
 * - `cancelled`: it was stopped, or never began: `cancel`, `abort`, or the failure of another call under `failure: "stop"`.
 * - `skipped`: what it needs will not come: another call whose result it uses or that it comes after, a resource, a budget.
 * - `denied`: it was not approved.
 * - `invalid`: there is no such tool, or its arguments are not what the tool takes; nothing ran.
 */
export type ResultStatus =
  | "completed"
  | "failed"
  | "timed-out"
  | "cancelled"
  | "skipped"
  | "denied"
  | "invalid";

/** The result of a call. */
export interface ToolResult {
  /** The id of the call. */
  readonly id: string;
  /** The tool that was called, known or not. */
  readonly name: string;
  readonly status: ResultStatus;
  /** Whether it is anything but `completed`. */
  readonly isError: boolean;
  /** What the model reads: the output, or what failed, why, and what to try. Never longer than the toolbox allows. */
  readonly text: string;
  /** What the tool returned, whole; of one that is not `completed`, undefined. */
  readonly output: unknown;
  /** What it threw, or the reason why it was stopped; undefined where it completed. */
  readonly error: unknown;
  /** Where the whole text is kept, where `text` is only its beginning and end. */
  readonly file: string | undefined;
  /** The identical call that was run in its place. */
  readonly sharedWith: string | undefined;
  /** How many attempts were started: 0 when it never ran. */
  readonly attempts: number;
  /** How long it waited before and between its attempts, in milliseconds. */
  readonly queuedMs: number;
  /** How long its attempts ran, in milliseconds. */
  readonly runMs: number;
  /** What it waited for, in order. */
  readonly waits: readonly CallWait[];
}

/** Something that a call waited for. */
export interface CallWait {
  readonly reason: WaitReason;
  /** For how long, in milliseconds. */
  readonly ms: number;
  /** The calls that it waited for, by id, as far as they are known: at most a few. */
  readonly on: readonly string[];
  /** The limit that it waited for. */
  readonly limit: string | undefined;
}
