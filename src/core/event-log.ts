/** The events of one run: kept when a full report was asked for, handed to whoever listens, and made only if anybody does. */
import type { Clock } from "./clock.ts";
import type { RunEvent, RunSettledEvent } from "./event.ts";
import { Observer } from "./observer.ts";
import type { Run } from "./run-options.ts";

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** An event as the kernel makes it; the log adds the rest. */
export type NewEvent = DistributiveOmit<RunEvent, "runId" | "sequence" | "atMs">;

/** How many events a reader may fall behind before it loses the oldest. Said to users at `Run.events`. */
const BUFFERED_EVENTS = 65_536;

let runs = 0;

/** The events of one run. */
export class EventLog {
  readonly runId: string;
  readonly startedAtMs: number;
  readonly #clock: Clock;
  readonly #kept: RunEvent[] | undefined;
  readonly #observer: Observer<RunEvent> | undefined;
  readonly #readers = new Set<{ push(event: RunEvent): void }>();
  #events: Run<unknown>["events"] | undefined;
  #dropped = 0;
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
    this.#observer = options.observe && new Observer(options.observe);
  }

  /** Whether anybody wants events. When not, the kernel makes none. */
  get wanted(): boolean {
    return this.#kept !== undefined || this.#observer?.isTold === true || this.#readers.size > 0;
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
    this.#observer?.tell(full);
    for (const reader of this.#readers) {
      reader.push(full);
    }
  }

  /** Hands every event to `push` from now on, until the function that comes back is called. */
  listen(push: (event: RunEvent) => void): () => void {
    const listener = { push };
    this.#readers.add(listener);
    return () => this.#readers.delete(listener);
  }

  /** The run has ended. A loop over the events that begins later finds those that were kept, and the end. */
  end(status: RunSettledEvent["status"]): void {
    if (this.wanted) {
      this.add({ type: "run-settled", status });
    }
    this.#ended = true;
    this.#readers.clear();
  }

  /** The one iterable over the kept events and those to come, or over those to come alone. Each loop over it is a reader. */
  iterate(): Run<unknown>["events"] {
    const countDropped = (): number => this.#dropped;
    this.#events ??= {
      get dropped() {
        return countDropped();
      },
      [Symbol.asyncIterator]: () => this.#join(),
    };
    return this.#events;
  }

  #join(): EventReader {
    const reader: EventReader = new EventReader({
      source:
        this.#kept === undefined
          ? new RingSource(BUFFERED_EVENTS, () => (this.#dropped += 1))
          : new KeptSource(this.#kept),
      ended: this.#ended,
      leave: () => this.#readers.delete(reader),
    });
    if (!this.#ended) {
      this.#readers.add(reader);
    }
    return reader;
  }
}

/** Where a reader finds the events that it has not read. */
interface EventSource {
  push(event: RunEvent): void;
  take(): RunEvent | undefined;
}

/** Reads the events that the log keeps anyway: needs no buffer, and loses nothing. */
class KeptSource implements EventSource {
  readonly #kept: readonly RunEvent[];
  #next = 0;

  constructor(kept: readonly RunEvent[]) {
    this.#kept = kept;
  }

  push(): void {
    // The log has kept it.
  }

  take(): RunEvent | undefined {
    const event = this.#kept[this.#next];
    this.#next += event === undefined ? 0 : 1;
    return event;
  }
}

/** The latest events, at most `size` of them. A ring, since taking the first of a long array costs its whole length. */
class RingSource implements EventSource {
  readonly #size: number;
  readonly #onDrop: () => void;
  readonly #slots: (RunEvent | undefined)[] = [];
  #taken = 0;
  #pushed = 0;

  constructor(size: number, onDrop: () => void) {
    this.#size = size;
    this.#onDrop = onDrop;
  }

  push(event: RunEvent): void {
    if (this.#pushed - this.#taken === this.#size) {
      this.take();
      this.#onDrop();
    }
    this.#slots[this.#pushed % this.#size] = event;
    this.#pushed += 1;
  }

  take(): RunEvent | undefined {
    const slot = this.#taken % this.#size;
    const event = this.#slots[slot];
    if (event !== undefined) {
      this.#slots[slot] = undefined;
      this.#taken += 1;
    }
    return event;
  }
}

type EventResult = IteratorResult<RunEvent, undefined>;

/** One loop over the events. */
class EventReader implements AsyncIterator<RunEvent, undefined> {
  readonly #source: EventSource;
  readonly #leave: () => void;
  /** Calls of `next` that found nothing, the oldest first. Then the source is empty. */
  readonly #waiting: ((result: EventResult) => void)[] = [];
  #ended: boolean;
  #left = false;

  constructor(options: {
    readonly source: EventSource;
    readonly ended: boolean;
    readonly leave: () => void;
  }) {
    this.#source = options.source;
    this.#ended = options.ended;
    this.#leave = options.leave;
  }

  push(event: RunEvent): void {
    this.#source.push(event);
    const wake = this.#waiting.shift();
    const value = wake && this.#source.take();
    if (value !== undefined) {
      wake?.({ done: false, value });
    }
    if (event.type === "run-settled") {
      this.#end();
    }
  }

  next(): Promise<EventResult> {
    const value = this.#left ? undefined : this.#source.take();
    if (value !== undefined) {
      return Promise.resolve({ done: false, value });
    }
    if (this.#ended) {
      return Promise.resolve({ done: true, value: undefined });
    }
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  return(): Promise<EventResult> {
    this.#left = true;
    this.#leave();
    this.#end();
    return Promise.resolve({ done: true, value: undefined });
  }

  #end(): void {
    this.#ended = true;
    for (const wake of this.#waiting.splice(0)) {
      wake({ done: true, value: undefined });
    }
  }
}
