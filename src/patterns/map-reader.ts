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
  #left: (() => void)[] | undefined;

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
      this.#left?.forEach((wake) => wake());
      this.#tellEnd();
    });
    this.#engine.begin();
  }

  /** Tells those who wait that the run has ended: the first of them, how. */
  #tellEnd(): void {
    const end = this.#end;
    const isOver = this.#over || !this.#readable.outbox.ready;
    if (!isOver || (end === undefined && this.#engine !== undefined)) {
      return;
    }
    this.#over = true;
    for (const { resolve, reject } of this.#waiting.splice(0)) {
      const error = this.#end && this.#left === undefined && this.#readable.errorOf(this.#end);
      this.#left ??= []; // Said once.
      if (error === undefined) {
        resolve({ done: true, value: undefined });
      } else {
        reject(error);
      }
    }
  }

  /** Stops everything, and waits until it has stopped. */
  async #leave(): Promise<Step<T>> {
    this.#over = true;
    const engine = this.#engine;
    if (engine !== undefined && this.#end === undefined) {
      const left = (this.#left ??= []);
      engine.stop({ kind: "left", reason: "its results are not wanted any more" });
      if (this.#end === undefined) {
        await new Promise<void>((resolve) => {
          left.push(resolve);
        });
      }
      const { cause, sourceError } = (this.#end as MapEnd | undefined) ?? {};
      if (cause?.kind === "left" && sourceError !== undefined) {
        throw this.#readable.errorOf(this.#end as unknown as MapEnd);
      }
    }
    this.#tellEnd();
    return { done: true, value: undefined };
  }
}
