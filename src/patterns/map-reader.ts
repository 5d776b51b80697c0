/** A loop over the results of a `map`: each call of `next` takes one. */
import type { MapEnd, MapEngine } from "./map-engine.ts";
import type { ReadableOutbox } from "./map-outbox.ts";

/** What a reader reads. */
export interface Readable {
  readonly outbox: ReadableOutbox;
  /** Begins the run. The reader is told of its end. */
  begin(onEnd: (end: MapEnd) => void): MapEngine;
  /** What the end of a run is thrown as; undefined where nothing is. */
  errorOf(end: MapEnd): unknown;
  /** Whether what was not read yet still counts. */
  keeps(end: MapEnd): boolean;
}

type Step<T> = IteratorResult<T, undefined>;

interface Waiting<T> {
  readonly resolve: (step: Step<T>) => void;
  readonly reject: (error: unknown) => void;
}

/** Reads results one by one. */
export class MapReader<T> implements AsyncIterator<T, undefined> {
  readonly #readable: Readable;
  /** Calls of `next` that found nothing, the oldest first. */
  readonly #waiting: Waiting<T>[] = [];
  #engine: MapEngine | undefined;
  #end: MapEnd | undefined;
  /** Whether nothing more is to be handed out. */
  #over = false;
  /** Whether it was said how the run ended, or nobody wants to know. */
  #isTold = false;
  /** Who waits for the end after having left. */
  readonly #leaving: (() => void)[] = [];

  constructor(readable: Readable) {
    this.#readable = readable;
  }

  next(): Promise<Step<T>> {
    const { outbox } = this.#readable;
    if (this.#engine === undefined && !this.#over) {
      this.#begin();
    }
    if (!this.#over && outbox.ready) {
      const value = outbox.take() as T; // The function of the run made it.
      this.#engine?.resume();
      return Promise.resolve({ done: false, value });
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#tellEnd();
    });
  }

  return(): Promise<Step<T>> {
    return this.#leave();
  }

  async throw(error: unknown): Promise<Step<T>> {
    await this.#leave();
    throw error;
  }

  /** The outbox has something. */
  onReady(): void {
    const { outbox } = this.#readable;
    while (outbox.ready && !this.#over) {
      const waiting = this.#waiting.shift();
      if (waiting === undefined) {
        return;
      }
      waiting.resolve({ done: false, value: outbox.take() as T }); // As above.
      this.#engine?.resume();
    }
  }

  #begin(): void {
    this.#engine = this.#readable.begin((end) => {
      this.#end = end;
      this.#over ||= !this.#readable.keeps(end);
      this.#leaving.splice(0).forEach((wake) => wake());
      this.#tellEnd();
    });
    this.#engine.begin();
  }

  /** Tells those who wait that nothing more will come: the first of them why, unless the reader has left. */
  #tellEnd(): void {
    const end = this.#end;
    if (
      end === undefined ? this.#engine !== undefined : !this.#over && this.#readable.outbox.ready
    ) {
      return;
    }
    this.#over = true;
    for (const { resolve, reject } of this.#waiting.splice(0)) {
      const error = end === undefined || this.#isTold ? undefined : this.#readable.errorOf(end);
      this.#isTold = true;
      if (error === undefined) {
        resolve({ done: true, value: undefined });
      } else {
        reject(error);
      }
    }
  }

  /** Stops everything, and waits until it has stopped. */
  async #leave(): Promise<Step<T>> {
    const wasEnded = this.#engine === undefined || this.#end !== undefined;
    this.#over = true;
    this.#isTold = true;
    if (!wasEnded) {
      await new Promise<void>((resolve) => {
        this.#leaving.push(resolve);
        this.#engine?.stop({ kind: "left", reason: "its results are not wanted any more" });
      });
    }
    this.#tellEnd();
    const end = this.#end;
    if (!wasEnded && end?.cause?.kind === "left" && end.sourceError !== undefined) {
      throw this.#readable.errorOf(end);
    }
    return { done: true, value: undefined };
  }
}
