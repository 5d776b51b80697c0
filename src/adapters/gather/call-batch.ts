/**
 * The calls of a response under way.
 *
 * A framework may suspend a call, to ask a person something and make the call again later. It then drops what the other calls of the response
 * come to. So a call that is suspended stays at work until nothing else can happen: what overlaps it ends, what has to come after it does not
 * begin. Then all that is left is told of the suspension.
 */
import { promiseAndHands } from "../../core/promise-and-hands.ts";
import type { TaskContext } from "../../core/task.ts";
import { untilAborted } from "../../core/until-aborted.ts";
import type { ToolResult } from "../../tools/result.ts";
import type { Turn } from "../../tools/turn.ts";

/** What a call came to: its result, or that it was suspended, by itself or because of another. */
export type Reply =
  | { readonly kind: "answered"; readonly result: ToolResult }
  | { readonly kind: "suspended"; readonly error: unknown };

/** How a batch learns of suspensions. */
export interface BatchOptions {
  /** What an error means that a call threw: it failed by itself, the response with it, or it is suspended. */
  readonly meaningOf: (error: unknown) => "failed" | "all-failed" | "suspended";
  /** Called once if any call is suspended, before the calls are told, with the outputs of those that have completed, by id. */
  readonly onSuspended: (
    completed: ReadonlyMap<string, unknown>,
    suspended: readonly string[],
  ) => void;
}

/** The calls of one turn. */
export class CallBatch {
  readonly #turn: Turn;
  readonly #options: BatchOptions;
  readonly #completed = new Map<string, unknown>();
  readonly #suspended: { readonly id: string; readonly error: unknown }[] = [];
  readonly #ids: string[] = [];
  readonly #begun = new Set<string>();
  #atWork = 0;

  constructor(turn: Turn, options: BatchOptions) {
    this.#turn = turn;
    this.#options = options;
  }

  /** Adds a call to those of the response, and waits for what becomes of it. */
  add(id: string): Promise<Reply> {
    this.#ids.push(id);
    return this.#reply(id);
  }

  /** Cancels those of the calls that have not begun. One that is at work gets its signal, and ends by itself. */
  cancelWaiting(ids: readonly string[], reason: unknown): void {
    for (const id of ids.filter((each) => !this.#begun.has(each))) {
      this.#turn.cancel(id, reason);
    }
  }

  /** Does the work of a call. */
  async run(work: () => unknown, ctx: TaskContext): Promise<unknown> {
    this.#begun.add(ctx.key);
    this.#atWork += 1;
    try {
      const output = await work();
      this.#completed.set(ctx.key, output);
      return output;
    } catch (error) {
      const meaning = this.#options.meaningOf(error);
      if (meaning === "all-failed") {
        this.cancelWaiting(this.#ids, error);
      }
      if (meaning !== "suspended") {
        throw error;
      }
      this.#suspended.push({ id: ctx.key, error });
    } finally {
      this.#atWork -= 1;
      this.#lookSoon();
    }
    return await untilAborted(ctx.signal, promiseAndHands<never>().promise);
  }

  async #reply(id: string): Promise<Reply> {
    const result = await this.#turn.result(id);
    const own = this.#suspended.find((each) => each.id === id);
    const suspended = own ?? (result.status === "cancelled" ? this.#suspended[0] : undefined);
    return suspended === undefined
      ? { kind: "answered", result }
      : { kind: "suspended", error: suspended.error };
  }

  /** What a freed slot or claim lets begin has begun by then. */
  #lookSoon(): void {
    if (this.#suspended.length > 0) {
      setImmediate(() => this.#look());
    }
  }

  #look(): void {
    if (this.#atWork === 0 && this.#suspended.length > 0) {
      this.#options.onSuspended(
        this.#completed,
        this.#suspended.map(({ id }) => id),
      );
      this.#turn.abort(this.#suspended[0]?.error);
    }
  }
}
