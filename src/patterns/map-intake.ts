/** Pulls items from the source of a run, closes it when it is left early, and remembers what it threw. */
import { isThenable } from "../core/thenable.ts";
import { Feed } from "./map-feed.ts";
import type { MapSource } from "./map-options.ts";
import { listen } from "./listen.ts";

/** Who pulls. Nothing is called from within a call to the intake, except where a source throws at once. */
export interface IntakeOwner {
  /** An item that was pulled has come. */
  onItem(item: unknown): void;
  /** The source has ended, by itself or by throwing. */
  onSourceEnd(failed: { readonly error: unknown } | undefined): void;
  /** What was pending, a pull or a close, is not any more. */
  onSourceQuiet(): void;
}

/** The source of one run. */
export class Intake {
  /** The items, where the source is a plain array: they are read by index. */
  items: readonly unknown[] | undefined;
  isAsync = false;
  /** What {@link pullSync} has pulled. */
  pulled: unknown;
  isPulling = false;
  #isClosing = false;
  /** It was to be closed while it was asked for an item, by its own code. */
  #isLeft = false;
  /** What the source threw first: while it was read, or while it was closed. */
  error: { readonly error: unknown } | undefined;
  readonly #owner: IntakeOwner;
  #feed: Feed | undefined;

  constructor(owner: IntakeOwner) {
    this.#owner = owner;
  }

  get isBusy(): boolean {
    return this.isPulling || this.#isClosing;
  }

  /** Opens the source. Returns whether it is open. */
  open(source: MapSource<unknown>): boolean {
    try {
      this.#feed = new Feed(source);
    } catch (error) {
      this.#end({ error });
      return false;
    }
    this.items = this.#feed.items;
    this.isAsync = this.#feed.async !== undefined;
    return true;
  }

  /** Takes the next item of an iterable. Returns false where there is none, none that comes at once, or none that is wanted any more. */
  pullSync(): boolean {
    const sync = this.#feed?.sync;
    if (sync === undefined) {
      return false;
    }
    this.isPulling = true;
    try {
      const step = sync.next();
      this.isPulling = false;
      if (step.done === true) {
        this.#end(undefined);
      } else if (this.#isLeft) {
        this.close();
      } else {
        this.pulled = step.value;
        return true;
      }
    } catch (error) {
      this.isPulling = false;
      this.#end({ error });
    }
    return false;
  }

  /** Asks an async iterable for its next item: one at a time, as not every source can do more. */
  pull(): void {
    const async = this.#feed?.async;
    if (async === undefined || this.isPulling) {
      return;
    }
    this.isPulling = true;
    try {
      listen(async.next(), this.#onStep, this.#onThrow);
    } catch (error) {
      this.#onThrow(error);
    }
  }

  /** Closes a source that has not ended; one that is just being asked for an item, as soon as it has answered. */
  close(): void {
    if (this.isPulling && !this.isAsync) {
      this.#isLeft = true;
      return;
    }
    if (this.#feed === undefined) {
      return;
    }
    const onClosed = (): void => {
      this.#isClosing = false;
      this.#owner.onSourceQuiet();
    };
    try {
      const closed = this.#feed.close();
      if (isThenable(closed)) {
        this.#isClosing = true;
        listen(closed, onClosed, (error) => {
          this.error ??= { error };
          onClosed();
        });
      }
    } catch (error) {
      this.error ??= { error };
    }
  }

  /** Nobody waits for it any more. */
  giveUp(): void {
    this.isPulling = false;
    this.#isClosing = false;
  }

  readonly #onStep = (step: unknown): void => {
    const { done, value } = step as IteratorResult<unknown>; // The protocol of iterators.
    this.isPulling = false;
    if (done === true) {
      this.#end(undefined);
      this.#owner.onSourceQuiet();
    } else {
      this.#owner.onItem(value);
    }
  };

  readonly #onThrow = (error: unknown): void => {
    this.isPulling = false;
    this.#end({ error });
    this.#owner.onSourceQuiet();
  };

  #end(failed: { readonly error: unknown } | undefined): void {
    this.#feed?.noteEnd();
    this.error ??= failed;
    this.#owner.onSourceEnd(failed);
  }
}
