/** Which of some things go with which others, as rows of bits: thousands of tasks have millions of pairs. */

/** A square of bits. */
export class BitMatrix {
  readonly size: number;
  readonly #wordsPerRow: number;
  readonly #words: Uint32Array;

  constructor(size: number) {
    this.size = size;
    this.#wordsPerRow = Math.ceil(size / 32);
    this.#words = new Uint32Array(size * this.#wordsPerRow);
  }

  /** One row, to be read or changed: the bit of a column is in the word `column >>> 5`. */
  row(index: number): Uint32Array {
    return this.#words.subarray(index * this.#wordsPerRow, (index + 1) * this.#wordsPerRow);
  }

  /** Sets the bits of both: of `a` in the row of `b`, and the other way round. */
  setBoth(a: number, b: number): void {
    this.#set(a, b);
    this.#set(b, a);
  }

  /** In the words of all rows: a view of one row costs more than the bit. */
  #set(index: number, column: number): void {
    const at = index * this.#wordsPerRow + (column >>> 5);
    this.#words[at] = (this.#words[at] ?? 0) | (1 << (column & 31));
  }
}

/** Whether a row has the bit of a column. */
export function hasBit(row: Uint32Array, column: number): boolean {
  return (((row[column >>> 5] ?? 0) >>> (column & 31)) & 1) === 1;
}

export function setBit(row: Uint32Array, column: number): void {
  row[column >>> 5] = (row[column >>> 5] ?? 0) | (1 << (column & 31));
}

export function clearBit(row: Uint32Array, column: number): void {
  row[column >>> 5] = (row[column >>> 5] ?? 0) & ~(1 << (column & 31));
}

/** Sets the bits of another row as well. */
export function addBits(row: Uint32Array, other: Uint32Array): void {
  for (let index = 0; index < row.length; index += 1) {
    row[index] = (row[index] ?? 0) | (other[index] ?? 0);
  }
}

/** Keeps only the bits that another row has too. */
export function keepBits(row: Uint32Array, other: Uint32Array): void {
  for (let index = 0; index < row.length; index += 1) {
    row[index] = (row[index] ?? 0) & (other[index] ?? 0);
  }
}

/** Clears the bits that another row has. */
export function dropBits(row: Uint32Array, other: Uint32Array): void {
  for (let index = 0; index < row.length; index += 1) {
    row[index] = (row[index] ?? 0) & ~(other[index] ?? 0);
  }
}

/** How many bits are set. */
export function countBits(row: Uint32Array): number {
  let count = 0;
  for (let index = 0; index < row.length; index += 1) {
    for (let word = row[index] ?? 0; word !== 0; word &= word - 1) {
      count += 1;
    }
  }
  return count;
}

/** The columns whose bits are set, in order: the first so many of them. */
export function columnsOf(row: Uint32Array, most = Infinity): number[] {
  const columns: number[] = [];
  for (let index = 0; index < row.length && columns.length < most; index += 1) {
    for (let word = row[index] ?? 0; word !== 0 && columns.length < most; word &= word - 1) {
      columns.push(index * 32 + 31 - Math.clz32(word & -word));
    }
  }
  return columns;
}
