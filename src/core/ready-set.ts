/**
 * Small numbers, of which the least can be taken: a bit for each, and above every 32 of them a bit that tells whether any is set.
 * Where a heap compares records all over the memory, four words are read.
 */

/** A set of the numbers from 0 to `size`, without `size`. */
export class ReadySet {
  /** The bits of the numbers, then those above, up to a single word. */
  readonly #levels: Uint32Array[] = [];

  constructor(size: number) {
    let words = size;
    do {
      words = (words + 31) >>> 5;
      this.#levels.push(new Uint32Array(words));
    } while (words > 1);
  }

  add(number: number): void {
    let at = number;
    for (const level of this.#levels) {
      const word = at >>> 5;
      level[word] = (level[word] ?? 0) | (1 << (at & 31));
      at = word;
    }
  }

  delete(number: number): void {
    let at = number;
    for (const level of this.#levels) {
      const word = at >>> 5;
      const left = (level[word] ?? 0) & ~(1 << (at & 31));
      level[word] = left;
      if (left !== 0) {
        return;
      }
      at = word;
    }
  }

  has(number: number): boolean {
    return (((this.#levels[0]?.[number >>> 5] ?? 0) >>> (number & 31)) & 1) === 1;
  }

  /** The least of them; -1 when there is none. */
  get first(): number {
    let at = 0;
    for (let height = this.#levels.length - 1; height >= 0; height -= 1) {
      const bits = this.#levels[height]?.[at] ?? 0;
      if (bits === 0) {
        return -1; // Only the highest word can be empty.
      }
      at = at * 32 + (31 - Math.clz32(bits & -bits));
    }
    return at;
  }
}
