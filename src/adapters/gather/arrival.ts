/** A call that a framework has made, on its way through a toolbox. */
import { callAs, captureContext, currentOwner, type ContextRunner } from "../../core/context.ts";
import type { TaskContext } from "../../core/task.ts";

/** A call as an adapter hands it over. */
export interface MadeCall {
  /** Those with the same are of one response, if they are made in the same turn of the event loop. */
  readonly group: object;
  /** The id that the model gave it, where there is one. */
  readonly id: string | undefined;
  readonly name: string;
  readonly input: unknown;
  /** Its place among the calls of its response, where it is known: else it is where it was made. */
  readonly position: number | undefined;
  /** Cancels it as long as it has not begun; then it is for `run` to hear. */
  readonly signal: AbortSignal | undefined;
  /** Does the work, as the framework would have done it. */
  run(input: unknown, ctx: TaskContext): unknown;
}

/** A call that was made, with the asynchronous context of who made it: frameworks keep traces and interrupts there. */
export class Arrival {
  readonly call: MadeCall;
  readonly #context: ContextRunner | undefined = captureContext();

  constructor(call: MadeCall) {
    this.call = call;
  }

  /** Calls a function in that context, on behalf of the task that runs now. */
  inContext<R>(work: () => R): R {
    const owner = currentOwner();
    return owner === undefined ? work() : callAs(owner, this.#context, work, undefined);
  }
}
