/** A turn: the calls of one response of a model. */
import type { TaskContext } from "../core/task.ts";
import type { ToolCall, ToolResult } from "./result.ts";
import type { TurnReport } from "./turn-report.ts";

/**
 * Asks whether a call may run. It waits meanwhile, in its place and holding no slot: later calls that conflict with it wait too, all others go on.
 *
 * Contract: settles, at the latest, when `signal` is aborted, as the call is not wanted any more. What it throws denies the call.
 */
export type Approve = (
  call: ApprovalRequest,
  options: { readonly signal: AbortSignal },
) => Approval | PromiseLike<Approval>;

/** A call that needs consent. */
export interface ApprovalRequest {
  readonly id: string;
  readonly name: string;
  /** The validated arguments. */
  readonly input: unknown;
}

/** The answer: consent, or none, with a reason for the model. */
export type Approval =
  | boolean
  | { readonly approved: boolean; readonly reason?: string | undefined };

/** Options of a turn. All are optional. */
export interface TurnOptions {
  /** Aborts the turn, as `abort` does. */
  readonly signal?: AbortSignal | undefined;
  /**
   * What a call that fails does to the others. `"continue"`: nothing, but to those that use its result. `"stop"`: those that have not ended, and those that are
   * added later, are cancelled. @defaultValue `"continue"`
   */
  readonly failure?: "continue" | "stop" | undefined;
  /**
   * The task to which the turn belongs: for agents inside a tool, a scope or a plan. Its calls share the fate, the limits and the claims of that
   * task; while it waits for results, its slots are lent. @defaultValue none
   */
  readonly within?: TaskContext | undefined;
  /** In place of that of the toolbox. */
  readonly approve?: Approve | undefined;
  /**
   * Told of each result as it comes, also before the turn is committed.
   *
   * Contract: returns quickly, as the turn waits for it; what it throws is dropped.
   */
  readonly onResult?: ((result: ToolResult) => void) | undefined;
  /** Results from before an interruption, by the id of the call: those calls are not run again. @defaultValue none */
  readonly answered?: ReadonlyMap<string, ToolResult> | undefined;
}

/**
 * The calls of one response of a model.
 *
 * Guarantees: exactly one result for each call, in the order of the calls, whatever happens. No method rejects or throws because a call fails.
 * Calls that touch the same run in the order of the calls, so that each sees what it would have seen one after another; if their claims are honest.
 */
export interface Turn extends AsyncIterable<ToolResult> {
  /**
   * Adds a call whose arguments are sealed. It starts, at the earliest, when the code that runs now has ended: at once where its effect is
   * `"read"`, else after {@link Turn.commit}; and when no earlier call is in its way.
   *
   * @throws `TypeError` after `commit`, and for what is no call. After `abort` it is answered as cancelled.
   */
  call(call: ToolCall): void;
  /** The response is complete, for a reason that allows tools: calls with side effects start. A second call does nothing. */
  commit(): void;
  /**
   * The response is not wanted, or broke off: calls that wait are cancelled, those that run are told to stop. Those that have ended keep their
   * results; the others are answered at once. A second call does nothing.
   */
  abort(reason?: unknown): void;
  /** Stops one call, and answers it at once; the others go on. Does nothing to one that has ended or is unknown. */
  cancel(id: string, reason?: unknown): void;
  /**
   * Resolves with the result of a call that was added.
   *
   * @throws `TypeError`, as a rejection, when no call has that id.
   */
  result(id: string): Promise<ToolResult>;
  /** Resolves with one result for each call, in the order of the calls, once the turn was committed or aborted and all are answered. */
  results(): Promise<readonly ToolResult[]>;
  /** The results in the order in which they come, from the first. Ends when the turn was committed or aborted and all are answered. */
  [Symbol.asyncIterator](): AsyncIterator<ToolResult, undefined>;
  /** What each call waited for and how long it ran, and what running at once has gained; as of now. */
  report(): TurnReport;
}
