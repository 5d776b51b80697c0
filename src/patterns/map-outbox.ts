/** Where results wait for their reader: in the order of the source, in that of completion, or all of them for ever. */

/** Takes results in, and hands them out. */
export interface Outbox {
  /** The values themselves, by index, where an engine may write them: no call for each. */
  readonly values: unknown[] | undefined;
  /** How many items are done with: their results taken, or left out. */
  readonly freed: number;
  put(index: number, value: unknown): void;
  /** So many items are to come, for sure. */
  expect?(count: number): void;
  /** Item number `index` has no result. */
  leaveOut(index: number): void;
}

/** An outbox with a reader. */
export interface ReadableOutbox extends Outbox {
  /** Whether {@link take} has something. */
  readonly ready: boolean;
  /** @returns the next result; only while `ready`. */
  take(): unknown;
}

/** V8 makes a dictionary of an array that is longer from the start. */
const MOST_RESERVED = 2 ** 24;

/** Keeps everything, at its index. */
export class CollectedInOrder implements Outbox {
  readonly freed = Infinity;
  values: unknown[] = [];

  /** What grows is copied again and again. */
  expect(count: number): void {
    if (count <= MOST_RESERVED) {
      // Not `Array.from`, which writes every element first.
      // oxlint-disable-next-line unicorn/no-new-array
      this.values = new Array<unknown>(count);
    }
  }

  get all(): unknown[] {
    return this.values;
  }

  put(index: number, value: unknown): void {
    this.values[index] = value;
  }

  leaveOut(): void {
    // Whoever leaves something out throws at the end.
  }
}

/** Keeps everything, as it comes. */
export class CollectedAsCompleted implements Outbox {
  readonly freed = Infinity;
  readonly values = undefined;
  readonly all: unknown[] = [];

  put(_index: number, value: unknown): void {
    this.all.push(value);
  }

  leaveOut(): void {
    // Nothing is to be kept.
  }
}

const EMPTY = Symbol("empty");
const LEFT_OUT = Symbol("left out");

/**
 * The results within a window, in the order of the source: a ring, indexed by the place in the source. It grows to the distance
 * between the first and the last that is there, as most windows are never full.
 */
export class InOrder implements ReadableOutbox {
  readonly values = undefined;
  freed = 0;
  #cells: unknown[] = Array.from({ length: 64 }, () => EMPTY);
  #mask = 63;
  readonly #onReady: () => void;

  constructor(onReady: () => void) {
    this.#onReady = onReady;
  }

  get ready(): boolean {
    return this.#cells[this.freed & this.#mask] !== EMPTY;
  }

  put(index: number, value: unknown): void {
    this.place(index, value);
    if (index === this.freed) {
      this.#onReady();
    }
  }

  leaveOut(index: number): void {
    this.place(index, LEFT_OUT);
    if (index === this.freed) {
      this.skip();
      if (this.ready) {
        this.#onReady();
      }
    }
  }

  take(): unknown {
    const place = this.freed & this.#mask;
    const value = this.#cells[place];
    this.#cells[place] = EMPTY;
    this.freed += 1;
    this.skip();
    return value;
  }

  private place(index: number, value: unknown): void {
    while (index - this.freed > this.#mask) {
      this.#grow();
    }
    this.#cells[index & this.#mask] = value;
  }

  #grow(): void {
    const { freed } = this;
    const cells = this.#cells;
    const mask = cells.length * 2 - 1;
    const grown: unknown[] = Array.from({ length: mask + 1 }, () => EMPTY);
    for (let index = freed; index < freed + cells.length; index += 1) {
      grown[index & mask] = cells[index & this.#mask];
    }
    this.#cells = grown;
    this.#mask = mask;
  }

  private skip(): void {
    for (
      let place = this.freed & this.#mask;
      this.#cells[place] === LEFT_OUT;
      place = this.freed & this.#mask
    ) {
      this.#cells[place] = EMPTY;
      this.freed += 1;
    }
  }
}

/** Results as they come, first in, first out. */
export class AsCompleted implements ReadableOutbox {
  readonly values = undefined;
  freed = 0;
  /** Kept for the next when it is empty: nearly always, one result comes and goes. */
  readonly #cells: unknown[] = [];
  readonly #onReady: () => void;
  #first = 0;
  #end = 0;

  constructor(onReady: () => void) {
    this.#onReady = onReady;
  }

  get ready(): boolean {
    return this.#first < this.#end;
  }

  put(_index: number, value: unknown): void {
    this.#cells[this.#end] = value;
    this.#end += 1;
    this.#onReady();
  }

  leaveOut(): void {
    this.freed += 1;
  }

  take(): unknown {
    const value = this.#cells[this.#first];
    this.#cells[this.#first] = undefined;
    this.#first += 1;
    this.freed += 1;
    if (this.#first === this.#end) {
      this.#first = 0;
      this.#end = 0;
    } else if (this.#first > 1024 && this.#first * 2 > this.#end) {
      // Spent cells go when they are the larger part: an amortised constant cost.
      this.#cells.copyWithin(0, this.#first, this.#end);
      this.#cells.fill(undefined, this.#end - this.#first, this.#end);
      this.#end -= this.#first;
      this.#first = 0;
    }
    return value;
  }
}
