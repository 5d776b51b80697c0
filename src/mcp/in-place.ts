/** The one place where work claims something as a whole: among the servers of its folder, and among all calls of its own. */
import { promiseAndHands } from "../core/promise-and-hands.ts";
import type { Clock } from "../core/clock.ts";
import type { Outcome } from "../core/outcome.ts";
import type { TaskContext, TaskHandle } from "../core/task.ts";
import type { BoardClaims } from "../system/board-claims.ts";
import type { Toolbox } from "../tools/toolbox.ts";
import type { Entered, OtherServers } from "./other-servers.ts";

/**
 * What a batch claims as a whole. `"own"`: nothing, as each of its steps claims what it touches. Otherwise it waits for all that conflicts with
 * these resources, has them until all in it has stopped, and its steps order themselves inside.
 */
export type BatchClaims = "own" | BoardClaims;

/** Everything: nothing else of the server overlaps. */
export const EVERYTHING_ITSELF: BoardClaims = { reads: [], writes: ["*"] };

/** How work comes into its place. */
export interface PlaceOptions {
  readonly key: string;
  readonly claims: BatchClaims;
  /** All that it touches: what it claims among servers. */
  readonly touches: BoardClaims;
  /** Told the process of another server that it waits for. */
  readonly onServer?: ((pid: number) => void) | undefined;
  /** Takes it out of the line, or stops it. */
  readonly signal: AbortSignal;
}

/** How long work has waited for its place. */
export interface Queued {
  /** For other calls of its server, in milliseconds. */
  readonly callsMs: number;
  /** For other servers, in milliseconds. */
  readonly serversMs: number;
}

/** What is done in a place. */
type Work<T> = (within: TaskContext, queued: Queued) => Promise<T>;

/** What places are given by. */
export interface PlacesParts {
  readonly box: Toolbox;
  readonly servers: OtherServers;
  readonly clock: Clock;
}

/** The places of a server, in the order in which calls came. */
export class Places {
  readonly #parts: PlacesParts;
  /** Resolves when the latest has claimed what it claims: what comes later is behind it. */
  #placed: Promise<unknown> = Promise.resolve();

  constructor(parts: PlacesParts) {
    this.#parts = parts;
  }

  /**
   * Runs work in its place, inside of the task that is handed to it; `work` makes all its claims before it first waits. Resolves when all in it has
   * stopped, whatever was answered before; with undefined where it was cancelled before it began.
   */
  async run<T>(options: PlaceOptions, work: Work<T>): Promise<T | undefined> {
    const { touches, signal, onServer } = options;
    const { servers } = this.#parts;
    try {
      const onWait = (pid: number): void => onServer?.(pid);
      const { entered, running } = await servers.enter(touches, { signal, onWait }, (own) => ({
        entered: own,
        running: this.#inLine(options, own, work),
      }));
      try {
        return await running;
      } finally {
        await entered.leave();
      }
    } catch (error) {
      if (signal.aborted && error === signal.reason) {
        return undefined; // It had not begun: what has begun settles.
      }
      throw error;
    }
  }

  async #inLine<T>(
    { key, claims, signal }: PlaceOptions,
    { serversMs, callsMs }: Entered,
    work: Work<T>,
  ): Promise<T | undefined> {
    const { box, clock } = this.#parts;
    const addedMs = clock.now();
    const before = this.#placed;
    const { promise, resolve: letOthersCome } = promiseAndHands<void>();
    this.#placed = promise;
    await before;
    try {
      let ended: { readonly value: T } | undefined;
      const handle = box.context.start(key, {
        ...(claims === "own" ? {} : claims),
        run: async (ctx) => {
          const queued = { serversMs, callsMs: callsMs + clock.now() - addedMs };
          const going = work(ctx, queued);
          letOthersCome();
          ended = { value: await going };
        },
      });
      if (claims !== "own") {
        letOthersCome();
      }
      const outcome = await settledUnless(signal, handle);
      if (outcome.status === "failed") {
        throw outcome.error;
      }
      return ended?.value;
    } finally {
      letOthersCome(); // It may have been cancelled before it began.
    }
  }
}

/** Waits for the end of a task, which is cancelled with the signal. */
async function settledUnless(
  signal: AbortSignal,
  handle: TaskHandle<void>,
): Promise<Outcome<void>> {
  const cancel = (): void => handle.cancel(signal.reason);
  signal.addEventListener("abort", cancel, { once: true });
  if (signal.aborted) {
    cancel();
  }
  try {
    return await handle.settled();
  } finally {
    signal.removeEventListener("abort", cancel);
  }
}
