/** In which order values become one: what is to be reduced next, decided as values arrive. Calls nothing itself. */

/** Two values to be made one. */
export interface Pair {
  readonly left: unknown;
  readonly right: unknown;
  /** Where the result is to be added. */
  readonly place: Place;
  readonly key: string;
}

/** A node of a tree: level 0 holds the values of chunks; the node at `position` stands above the two at twice that. */
export interface Place {
  readonly level: number;
  readonly position: number;
}

/** Decides what is reduced with what. */
export interface Reduction {
  add(place: Place, value: unknown): void;
  /** The source has ended after so many chunks. */
  end(count: number): void;
  take(): Pair | undefined;
  /** Whether chunk number `index` may be begun: not too far ahead of what must come before. */
  hasRoom(index: number): boolean;
  /** What is left when nothing more is to be taken; absent when there was nothing at all. */
  readonly result: { readonly value: unknown } | undefined;
}

/** A value that stands before all others. */
export type Initial = { readonly value: unknown } | undefined;

/**
 * A tree over the places of the chunks: neighbours are made one as soon as both are there. Its shape depends on the number of
 * chunks alone, so that the result is the same in every run. Where all but a few chunks are done, it holds O(log n) values for
 * each of those.
 */
export class TreeReduction implements Reduction {
  readonly #initial: Initial;
  /** Nodes without a sibling, by level and position. */
  readonly #levels: Map<number, unknown>[] = [];
  readonly #pairs: Pair[] = [];
  #count = Infinity;
  #result: { readonly value: unknown } | undefined;

  constructor(initial: Initial) {
    this.#initial = initial;
  }

  get result(): { readonly value: unknown } | undefined {
    return this.#result ?? this.#initial;
  }

  /** How many values are held. */
  get held(): number {
    return this.#levels.reduce((sum, level) => sum + level.size, this.#pairs.length * 2);
  }

  hasRoom(): boolean {
    return true;
  }

  add({ level, position }: Place, value: unknown): void {
    if (position < 0) {
      this.#result = { value };
    } else if (position === 0 && 2 ** level >= this.#count) {
      this.#addRoot(value);
    } else if (this.#isLast(level, position)) {
      // Nothing will ever stand beside it.
      this.add({ level: level + 1, position: position >> 1 }, value);
    } else {
      this.#meet(level, position, value);
    }
  }

  end(count: number): void {
    this.#count = count;
    for (const [level, nodes] of this.#levels.entries()) {
      const position = Math.ceil(count / 2 ** level) - 1;
      const isAlone = nodes.has(position) && (this.#isLast(level, position) || 2 ** level >= count);
      if (isAlone) {
        const value = nodes.get(position);
        nodes.delete(position);
        this.add({ level, position }, value);
      }
    }
  }

  take(): Pair | undefined {
    return this.#pairs.pop();
  }

  #isLast(level: number, position: number): boolean {
    return position % 2 === 0 && (position + 1) * 2 ** level >= this.#count;
  }

  #meet(level: number, position: number, value: unknown): void {
    while (this.#levels.length <= level) {
      this.#levels.push(new Map<number, unknown>());
    }
    const nodes = this.#levels[level] as Map<number, unknown>; // Made just now, at the latest.
    const sibling = position % 2 === 0 ? position + 1 : position - 1;
    if (!nodes.has(sibling)) {
      nodes.set(position, value);
      return;
    }
    const other = nodes.get(sibling);
    nodes.delete(sibling);
    const [left, right] = position < sibling ? [value, other] : [other, value];
    const above = Math.floor(position / 2);
    const first = above * 2 ** (level + 1);
    const last = Math.min(first + 2 ** (level + 1), this.#count) - 1;
    const place = { level: level + 1, position: above };
    this.#pairs.push({ left, right, place, key: `reduce ${first}-${last}` });
  }

  #addRoot(value: unknown): void {
    if (this.#initial === undefined) {
      this.#result = { value };
    } else {
      const place = { level: 0, position: -1 };
      this.#pairs.push({ left: this.#initial.value, right: value, place, key: "reduce initial" });
    }
  }
}

/** Any two values that are there are made one. */
export class AnyReduction implements Reduction {
  #single: Initial;
  readonly #pairs: Pair[] = [];
  #made = 0;

  constructor(initial: Initial) {
    this.#single = initial;
  }

  get result(): { readonly value: unknown } | undefined {
    return this.#single;
  }

  hasRoom(): boolean {
    return true;
  }

  add(_place: Place, value: unknown): void {
    if (this.#single === undefined) {
      this.#single = { value };
      return;
    }
    const left = this.#single.value;
    this.#single = undefined;
    const place = { level: 1, position: this.#made };
    this.#pairs.push({ left, right: value, place, key: `reduce ${this.#made}` });
    this.#made += 1;
  }

  end(): void {
    // It makes no difference.
  }

  take(): Pair | undefined {
    return this.#pairs.pop();
  }
}

/** One after the other, from the first to the last. */
export class LeftReduction implements Reduction {
  readonly #window: number;
  /** Values whose turn has not come. */
  readonly #early = new Map<number, unknown>();
  #next = 0;
  #total: Initial;
  #isReducing = false;

  constructor(initial: Initial, window: number) {
    this.#total = initial;
    this.#window = window;
  }

  get result(): { readonly value: unknown } | undefined {
    return this.#total;
  }

  hasRoom(index: number): boolean {
    return index < this.#next + this.#window;
  }

  add({ level, position }: Place, value: unknown): void {
    if (level === 0) {
      this.#early.set(position, value);
    } else {
      this.#isReducing = false;
      this.#total = { value };
    }
  }

  end(): void {
    // It makes no difference.
  }

  take(): Pair | undefined {
    const index = this.#next;
    if (this.#isReducing || !this.#early.has(index)) {
      return undefined;
    }
    const right = this.#early.get(index);
    this.#early.delete(index);
    this.#next += 1;
    if (this.#total === undefined) {
      this.#total = { value: right };
      return this.take();
    }
    this.#isReducing = true;
    const place = { level: 1, position: index };
    return { left: this.#total.value, right, place, key: `reduce ${index}` };
  }
}
