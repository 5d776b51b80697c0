/** One call of a turn, from when it was added to its result. */
import { promiseAndHands } from "../core/promise-and-hands.ts";
import type { TaskRecord } from "../core/task-record.ts";
import type { CallClaims } from "./call-claims.ts";
import type { CallLog, CallTimes } from "./call-log.ts";
import type { Ending } from "./ending.ts";
import type { ToolCall, ToolResult } from "./result.ts";
import type { Tool } from "./tool.ts";

/** The work that is done for a call, and for those that are the same. */
export interface Work {
  readonly tool: Tool;
  /** The validated arguments; known from the beginning, but for calls that refer to others. */
  input: unknown;
  claims: CallClaims;
  /** The moment when these were found, as `WorkCount` marks it. */
  claimedAt: number;
  readonly record: TaskRecord;
  readonly times: CallTimes;
  /** The calls that are answered with what comes of it: the first is the one that it was begun for. */
  readonly calls: CallState[];
  /** To be called when it has ended, where it has side effects and has begun. */
  endWrite?: (() => void) | undefined;
  /** How it has ended. */
  ending: Ending | undefined;
}

/** One call of a turn. */
export class CallState {
  readonly call: ToolCall;
  /** Its number in the turn, from 1. */
  readonly number: number;
  /** When it was added, in the time of its run. */
  readonly addedAtMs: number;
  /** When it was decided how it ended. */
  endedAtMs: number | undefined;
  /** What runs for it; none where it was answered without. */
  work: Work | undefined;
  result: ToolResult | undefined;
  readonly #answer = promiseAndHands<ToolResult>();

  constructor(call: ToolCall, number: number, addedAtMs: number) {
    this.call = call;
    this.number = number;
    this.addedAtMs = addedAtMs;
  }

  /** Resolves with its result. */
  get answered(): Promise<ToolResult> {
    return this.#answer.promise;
  }

  /** Whether it is decided how it ended. */
  get isDecided(): boolean {
    return this.endedAtMs !== undefined;
  }

  /** The call whose work it shares; none where the work is its own. */
  get sharedWith(): string | undefined {
    const leader = this.work?.calls[0];
    return leader === undefined || leader === this ? undefined : leader.call.id;
  }

  answer(result: ToolResult): void {
    this.result = result;
    this.#answer.resolve(result);
  }
}

/** How long a call waited and ran. Of one that shares the work of another, that it waited for that one. */
export function timesOf(
  state: CallState,
  log: CallLog,
): Pick<ToolResult, "attempts" | "queuedMs" | "runMs" | "waits"> {
  const { work, sharedWith } = state;
  if (work !== undefined && sharedWith === undefined) {
    return log.read(work.times);
  }
  const queuedMs = (state.endedAtMs ?? log.nowMs) - state.addedAtMs;
  const wait = {
    reason: "dependency" as const,
    ms: queuedMs,
    on: [sharedWith ?? ""],
    limit: undefined,
  };
  return { attempts: 0, queuedMs, runMs: 0, waits: sharedWith === undefined ? [] : [wait] };
}
