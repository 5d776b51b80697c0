/**
 * A call of a wrapped tool, from the moment when the SDK decides about it.
 *
 * ```
 *   decided -> placed in a turn -> at work -> answered
 * ```
 *
 * Besides, the SDK executes it: after it was placed, as a rule, since the first call of a response that is executed has all be placed; or before.
 * One that was placed waits in its place until then, unless it started early.
 */
import {
  callAs,
  callIn,
  captureContext,
  currentOwner,
  type ContextRunner,
} from "../../core/context.ts";
import { promiseAndHands } from "../../core/promise-and-hands.ts";
import type { TaskContext } from "../../core/task.ts";
import type { Turn } from "../../tools/turn.ts";
import { isAsyncIterable, type ExecuteOptions, type SdkTool } from "./sdk.ts";
import { rememberTask } from "./task-of.ts";
import { Yields } from "./yields.ts";

/** What is known of a call when the SDK decides about it, or executes it. */
export interface CallDetails {
  readonly id: string;
  readonly name: string;
  readonly input: unknown;
  readonly tool: SdkTool;
}

/** A call of a wrapped tool. */
export class SdkCall {
  readonly id: string;
  readonly name: string;
  readonly input: unknown;
  /** What it yields before its result. */
  readonly yields = new Yields();
  /** Its name in its turn: its id, unless another call of the turn has that. */
  key: string;
  /** Where it stands in the response of the model, from 0, if that is known. */
  place: number | undefined;
  /** What the SDK has decided: it will execute it; or it waits for somebody's consent, or has refused it; or that was not seen. */
  decision: "execute" | "hold" | "unknown" = "unknown";
  /** Whether it began while the model was still writing. */
  isEarly = false;
  /** The SDK has executed it. */
  hasArrived = false;
  /** It is not waited for any more: what the SDK executes later is another call. */
  isGivenUp = false;
  /** How often its tool is at work on it right now. */
  atWork = 0;
  /** Called when its tool begins and ends. */
  onWork: (() => void) | undefined;
  readonly #tool: SdkTool;
  #options: ExecuteOptions | undefined;
  /** That of the SDK's code, so that what the tool does is traced below the right call. */
  #context: ContextRunner | undefined;
  readonly #arrival = promiseAndHands<boolean>();
  readonly #placement = promiseAndHands<Turn>();

  constructor({ id, name, input, tool }: CallDetails) {
    this.id = id;
    this.key = id;
    this.name = name;
    this.input = input;
    this.#tool = tool;
  }

  /** Whether it has to wait, in its place, for the SDK to execute it. */
  get isAwaited(): boolean {
    return !this.isEarly && !this.hasArrived;
  }

  /** Resolves with true when the SDK executes it, with false when it was given up. */
  get arrival(): Promise<boolean> {
    return this.#arrival.promise;
  }

  /** Resolves with its turn when it was placed. */
  get placement(): Promise<Turn> {
    return this.#placement.promise;
  }

  startEarly(options: ExecuteOptions): void {
    this.isEarly = true;
    this.#options = options;
    this.#context = captureContext();
  }

  placedIn(turn: Turn): void {
    this.#placement.resolve(turn);
  }

  arrive(options: ExecuteOptions): void {
    this.hasArrived = true;
    this.#options ??= options;
    this.#context ??= captureContext();
    this.#arrival.resolve(true);
  }

  giveUp(): void {
    if (!this.hasArrived) {
      this.isGivenUp = true;
      this.#arrival.resolve(false);
    }
  }

  /** Whether the SDK, which executes it now, hands over what it was started with early. */
  isAsStarted(input: unknown, { experimental_sandbox }: ExecuteOptions): boolean {
    return experimental_sandbox === undefined && isSame(input, this.input);
  }

  /** Has the tool do its work, once for each attempt. */
  async run(ctx: TaskContext): Promise<unknown> {
    this.atWork += 1;
    this.onWork?.();
    try {
      const owner = currentOwner();
      const execute = (): Promise<unknown> => this.#execute(ctx);
      return owner === undefined
        ? await callIn(this.#context, execute)
        : await callAs(owner, this.#context, execute, undefined);
    } finally {
      this.atWork -= 1;
      this.onWork?.();
    }
  }

  async #execute(ctx: TaskContext): Promise<unknown> {
    const options = { ...this.#options, abortSignal: ctx.signal };
    rememberTask(options, ctx);
    // They are the input and the options that the SDK made for this tool.
    const output: unknown = await this.#tool.execute?.(this.input as never, options as never);
    return isAsyncIterable(output) ? await this.yields.drain(output) : output;
  }
}

/** Whether two inputs are one, or would be written alike. */
export function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) {
    return true;
  }
  try {
    return JSON.stringify(a) === JSON.stringify(b);
  } catch {
    return false;
  }
}
