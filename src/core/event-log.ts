/** The events of one run: kept when a full report was asked for, handed to whoever listens, and made only if anybody does. */
import type { Clock } from "./clock.ts";
import type { RunEvent } from "./event.ts";

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** An event as the kernel makes it; the log adds the rest. */
export type NewEvent = DistributiveOmit<RunEvent, "runId" | "sequence" | "atMs">;

/** How many events a reader may fall behind before the oldest are dropped. */
const BUFFERED_EVENTS = 65_536;

let runs = 0;

/** The events of one run. */
export class EventLog {
  readonly runId: string;
  readonly startedAtMs: number;
  readonly #clock: Clock;
  readonly #kept: RunEvent[] | undefined;
  #observe: ((event: RunEvent) => void) | undefined;
  readonly #readers: EventReader[] = [];
  #sequence = 0;
  #ended = false;

  constructor(options: {
    readonly clock: Clock;
    readonly keep: boolean;
    readonly observe: ((event: RunEvent) => void) | undefined;
  }) {
    runs += 1;
    this.runId = `run-${runs}`;
    this.#clock = options.clock;
    this.startedAtMs = options.clock.now();
    this.#kept = options.keep ? [] : undefined;
    this.#observe = options.observe;
  }

  /** Whether anybody wants events. When not, the kernel makes none. */
  get wanted(): boolean {
    return this.#kept !== undefined || this.#observe !== undefined || this.#readers.length > 0;
  }

  /** All events so far; undefined when they are not kept. */
  get kept(): readonly RunEvent[] | undefined {
    return this.#kept;
  }

  add(event: NewEvent): void {
    const full = {
      runId: this.runId,
      sequence: this.#sequence,
      atMs: this.#clock.now() - this.startedAtMs,
      ...event,
    } as RunEvent; // NewEvent is RunEvent without the three fields added here.
    this.#sequence += 1;
    this.#kept?.push(full);
    try {
      this.#observe?.(full);
    } catch {
      // An observer cannot hurt a run: it is not called again.
      this.#observe = undefined;
    }
    this.#ended = full.type === "run-settled";
    for (const reader of this.#readers) {
      reader.push(full);
    }
  }

  /** An iterable over the kept events and those to come, or over those to come alone. */
  iterate(): AsyncIterable<RunEvent> {
    return {
      [Symbol.asyncIterator]: () => {
        const reader = new EventReader(this.#kept ?? [], this.#ended, () => {
          const index = this.#readers.indexOf(reader);
          if (index >= 0) {
            this.#readers.splice(index, 1);
          }
        });
        this.#readers.push(reader);
        return reader;
      },
    };
  }
}

/** One loop over the events. */
class EventReader implements AsyncIterator<RunEvent, undefined> {
  readonly #buffer: RunEvent[];
  readonly #leave: () => void;
  #wake: ((result: IteratorResult<RunEvent, undefined>) => void) | undefined;
  #done: boolean;

  constructor(past: readonly RunEvent[], done: boolean, leave: () => void) {
    this.#buffer = [...past];
    this.#done = done;
    this.#leave = leave;
  }

  push(event: RunEvent): void {
    this.#done ||= event.type === "run-settled";
    const wake = this.#wake;
    this.#wake = undefined;
    if (wake !== undefined) {
      wake({ done: false, value: event });
      return;
    }
    if (this.#buffer.length >= BUFFERED_EVENTS) {
      this.#buffer.shift();
    }
    this.#buffer.push(event);
  }

  next(): Promise<IteratorResult<RunEvent, undefined>> {
    const value = this.#buffer.shift();
    if (value !== undefined) {
      return Promise.resolve({ done: false, value });
    }
    if (this.#done) {
      this.#leave();
      return Promise.resolve({ done: true, value: undefined });
    }
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  return(): Promise<IteratorResult<RunEvent, undefined>> {
    this.#done = true;
    this.#buffer.length = 0;
    this.#leave();
    return Promise.resolve({ done: true, value: undefined });
  }
}
