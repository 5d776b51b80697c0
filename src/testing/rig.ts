/** Tasks that start and end when the test says so, and a record of the order in which that happened. */
import type { TaskContext } from "../core/task.ts";
import type { VirtualClock } from "./virtual-clock.ts";

/** Options of {@link rig}. */
export interface RigOptions {
  /** The virtual clock of the test. With it, {@link Rig.idle} also waits for time that moves by itself. @defaultValue none */
  readonly clock?: VirtualClock | undefined;
}

/** Held tasks, and what happened to them. */
export interface Rig {
  /**
   * Makes a held task.
   *
   * @typeParam T - what the task returns: the argument of `complete`
   * @throws `RangeError` when this rig has a task of that name.
   */
  task<T = void>(name: string, options?: HeldTaskOptions): HeldTask<T>;
  /**
   * What happened to the held tasks, in that order: `"a started"`, `"a completed"`, `"a failed"`, `"a cancelled"`. Compare it
   * whole. The same array all the time; it grows.
   */
  readonly order: readonly string[];
  /** The names of the held tasks that run now, the first to start first. */
  readonly running: readonly string[];
  /**
   * Resolves when everything that can react has reacted: when eight turns of the event loop in a row have passed in which no
   * held task started or ended. Code that goes on by promises and microtasks has then run as far as it can, and so has code that
   * takes fewer than eight turns by `setImmediate`.
   *
   * With `clock`, turns in which its time moved or the number of its timers changed do not count: beside a clock that jumps by
   * itself, all its timers have fired; beside one that does not, no time has passed.
   *
   * Not seen: real timers, input and output, and a virtual timer that only sets another one for the same moment. Does not
   * resolve while virtual timers set each other for ever.
   */
  idle(): Promise<void>;
}

/** Options of a held task. */
export interface HeldTaskOptions {
  /** Whether it goes on when its signal is aborted, until the test ends it. @defaultValue false */
  readonly ignoresCancel?: boolean | undefined;
}

/**
 * Where a held task is: not started, running, or how its latest attempt ended. `cancelled`: it threw the reason of its signal,
 * because of a cancel, a timeout or the failure of another task.
 */
export type HeldTaskState = "waiting" | "running" | "completed" | "failed" | "cancelled";

/**
 * A task that runs until the test ends it. Hand it over as a task by itself, or its `run` with declarations.
 *
 * It may run several times, one after the other, as it does when it is retried. `complete`, `fail`, `signal` and `state` are those
 * of the latest attempt.
 */
export interface HeldTask<T> {
  readonly name: string;
  /**
   * The function of the task. When its signal is aborted it throws the reason at once, unless the task ignores that.
   *
   * @throws `TypeError` (as a rejection) when it is called while it runs.
   */
  readonly run: (ctx: Pick<TaskContext, "signal">) => Promise<T>;
  readonly state: HeldTaskState;
  /** How many times it has started. */
  readonly attempts: number;
  /**
   * The signal of the latest attempt.
   *
   * @throws `TypeError` when it has not started.
   */
  readonly signal: AbortSignal;
  /**
   * Resolves when it has started for the first time, at once if it has.
   *
   * Never resolves for a task that does not start. To say that it has not: `await rig.idle()`, then look at `state`.
   */
  readonly started: Promise<void>;
  /**
   * Resolves when it has started for the `number`th time, counted from 1; at once if it has.
   *
   * @throws `RangeError` when `number` is not an integer from 1.
   */
  attempt(number: number): Promise<void>;
  /**
   * Lets the running attempt return `value`.
   *
   * @throws `TypeError` when it does not run.
   */
  complete(value: T): void;
  /**
   * Lets the running attempt throw `error`.
   *
   * @throws `TypeError` when it does not run.
   */
  fail(error: unknown): void;
}

/** More turns than a virtual clock takes between two jumps, also when its timers change meanwhile: one that can jump has jumped. */
const IDLE_TURNS = 8;

/**
 * Makes a rig: the test decides when each of its tasks ends, and sees when each of them starts. No time passes.
 *
 * @example
 * ```ts
 * import { settle } from "fanfold";
 * import { rig } from "fanfold/testing";
 *
 * const r = rig();
 * const a = r.task<number>("a");
 * const b = r.task("b");
 * const run = settle({ a, b: { after: ["a"], run: b.run } });
 *
 * await a.started;
 * a.complete(1);
 * await b.started;
 * b.fail(new Error("no route"));
 * await run;
 * console.log(r.order);
 * ```
 */
export function rig(options: RigOptions = {}): Rig {
  const { clock } = options;
  const names = new Set<string>();
  const order: string[] = [];
  const running = new Set<string>();
  const note = (name: string, state: ReachedState): void => {
    order.push(`${name} ${state === "running" ? "started" : state}`);
    if (state === "running") {
      running.add(name);
    } else {
      running.delete(name);
    }
  };
  return {
    task<T>(name: string, { ignoresCancel = false }: HeldTaskOptions = {}) {
      if (names.has(name)) {
        throw new RangeError(`Cannot hold a task as its name must be new to the rig: "${name}"`);
      }
      names.add(name);
      return new Held<T>({ name, ignoresCancel, note: (state) => note(name, state) });
    },
    order,
    get running() {
      return [...running];
    },
    async idle() {
      const look = (): string => `${order.length} ${clock?.now()} ${clock?.pending}`;
      let before = look();
      let quietTurns = 0;
      while (quietTurns < IDLE_TURNS) {
        await turnOfEventLoop();
        const now = look();
        quietTurns = now === before ? quietTurns + 1 : 0;
        before = now;
      }
    },
  };
}

type EndState = "completed" | "failed" | "cancelled";
type ReachedState = "running" | EndState;

/** The end of the attempt that runs, in the hands of the test. */
interface Hold<T> {
  resolve(value: T): void;
  reject(error: unknown): void;
  /** Stops listening to the signal. */
  disconnect(): void;
}

class Held<T> implements HeldTask<T> {
  readonly name: string;
  readonly #ignoresCancel: boolean;
  readonly #note: (state: ReachedState) => void;
  readonly #watchers = new Map<number, (() => void)[]>();
  #state: HeldTaskState = "waiting";
  #attempts = 0;
  #signal: AbortSignal | undefined;
  #hold: Hold<T> | undefined;

  constructor(options: {
    readonly name: string;
    readonly ignoresCancel: boolean;
    readonly note: (state: ReachedState) => void;
  }) {
    this.name = options.name;
    this.#ignoresCancel = options.ignoresCancel;
    this.#note = options.note;
  }

  // A property, so that it can be handed on by itself and is copied by a spread.
  readonly run = (ctx: Pick<TaskContext, "signal">): Promise<T> => {
    if (this.#hold !== undefined) {
      return Promise.reject(
        new TypeError(
          `Cannot start held task "${this.name}" as it can run only once at a time: ${this.#state}`,
        ),
      );
    }
    return new Promise((resolve, reject) => {
      const disconnect = this.#connect(ctx.signal);
      this.#hold = { resolve, reject, disconnect };
      this.#begin(ctx.signal);
    });
  };

  get state(): HeldTaskState {
    return this.#state;
  }

  get attempts(): number {
    return this.#attempts;
  }

  get signal(): AbortSignal {
    if (this.#signal === undefined) {
      throw new TypeError(
        `Cannot read the signal of held task "${this.name}" as it has not started: ${this.#state}`,
      );
    }
    return this.#signal;
  }

  get started(): Promise<void> {
    return this.attempt(1);
  }

  attempt(number: number): Promise<void> {
    if (!Number.isSafeInteger(number) || number < 1) {
      throw new RangeError(
        `Cannot wait for an attempt of held task "${this.name}" as they are counted from 1: ${number}`,
      );
    }
    if (number <= this.#attempts) {
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      const watchers = this.#watchers.get(number) ?? [];
      watchers.push(resolve);
      this.#watchers.set(number, watchers);
    });
  }

  complete(value: T): void {
    this.#end("completed", "complete").resolve(value);
  }

  fail(error: unknown): void {
    this.#end("failed", "fail").reject(error);
  }

  #connect(signal: AbortSignal): () => void {
    const onAbort = (): void => this.#end("cancelled", "cancel").reject(signal.reason);
    if (!this.#ignoresCancel) {
      signal.addEventListener("abort", onAbort, { once: true });
    }
    return () => signal.removeEventListener("abort", onAbort);
  }

  #begin(signal: AbortSignal): void {
    this.#attempts += 1;
    this.#signal = signal;
    this.#state = "running";
    this.#note("running");
    this.#watchers.get(this.#attempts)?.forEach((wake) => wake());
    this.#watchers.delete(this.#attempts);
    if (signal.aborted && !this.#ignoresCancel) {
      this.#end("cancelled", "cancel").reject(signal.reason);
    }
  }

  #end(state: EndState, action: string): Hold<T> {
    const hold = this.#hold;
    if (hold === undefined) {
      throw new TypeError(
        `Cannot ${action} held task "${this.name}" as it is not running: ${this.#state}`,
      );
    }
    this.#hold = undefined;
    hold.disconnect();
    this.#state = state;
    this.#note(state);
    return hold;
  }
}

/** Resolves after every reaction that is due has run. */
function turnOfEventLoop(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
