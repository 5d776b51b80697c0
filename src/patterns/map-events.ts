/** The events of a run that has not begun: loops over them wait for it. */
import type { RunEvent } from "../core/event.ts";
import { promiseAndHands } from "../core/promise-and-hands.ts";
import type { Run } from "../core/run-options.ts";

type Events = Run<unknown>["events"];
type EventResult = IteratorResult<RunEvent, undefined>;

const OVER: EventResult = { done: true, value: undefined };

/** Events that are those of a run once it has begun. */
export class LateEvents implements AsyncIterable<RunEvent> {
  #begun = false;
  #events: Events | undefined;
  readonly #early: LateIterator[] = [];

  /** Whether a loop over them has begun before the run. */
  get wanted(): boolean {
    return this.#early.length > 0;
  }

  get dropped(): number {
    return this.#events?.dropped ?? 0;
  }

  /** The run begins: `events` are its own, if it makes any. Loops join at once, so that they miss no task. */
  begin(events: Events | undefined): void {
    this.#begun = true;
    this.#events = events;
    this.#early.splice(0).forEach((each) => each.join(events));
  }

  [Symbol.asyncIterator](): AsyncIterator<RunEvent, undefined> {
    const iterator = new LateIterator();
    if (this.#begun) {
      iterator.join(this.#events);
    } else {
      this.#early.push(iterator);
    }
    return iterator;
  }
}

class LateIterator implements AsyncIterator<RunEvent, undefined> {
  readonly #joined = promiseAndHands<void>();
  #inner: AsyncIterator<RunEvent> | undefined;
  #left = false;

  join(events: Events | undefined): void {
    if (!this.#left) {
      this.#inner = events?.[Symbol.asyncIterator]();
    }
    this.#joined.resolve();
  }

  async next(): Promise<EventResult> {
    await this.#joined.promise;
    return this.#left ? OVER : ((await this.#inner?.next()) ?? OVER);
  }

  async return(): Promise<EventResult> {
    this.#left = true;
    this.#joined.resolve();
    await this.#inner?.return?.();
    return OVER;
  }
}
