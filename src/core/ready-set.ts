/**
 * Small numbers of which the least is taken first: a bit for each, and above every 32 of them a bit that tells whether any is set
 * (van Emde Boas 1977, with words for the subtrees). Where a heap compares objects all over the memory, four words are read.
 */

/** A set of the numbers from 0 to below `size`. */
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
    for (let height = 0; height < this.#levels.length; height += 1) {
      const level = this.#levels[height] as Uint32Array; // Each has a bit for each word of the one below.
      (level[at >>> 5] as number) |= 1 << (at & 31);
      at >>>= 5;
    }
  }

  /** Takes the least of them; -1 when there is none. */
  takeFirst(): number {
    const levels = this.#levels;
    let first = 0;
    for (let height = levels.length - 1; height >= 0; height -= 1) {
      const bits = levels[height]?.[first] ?? 0;
      if (bits === 0) {
        return -1; // Only the highest word can be empty.
      }
      first = first * 32 + (31 - Math.clz32(bits & -bits));
    }
    let at = first;
    for (let height = 0; height < levels.length; height += 1) {
      const level = levels[height] as Uint32Array; // As in `add`.
      const word = at >>> 5;
      const left = (level[word] as number) & ~(1 << (at & 31));
      level[word] = left;
      if (left !== 0) {
        break;
      }
      at = word;
    }
    return first;
  }
}
