/** Items of a source, one by one or in chunks. */
import { Feed } from "./map-feed.ts";
import type { MapSource } from "./map-options.ts";

/** How large chunks are. A chunk is full when one more item would exceed either; an item that alone is larger is a chunk. */
export interface ChunkOptions<I> {
  /** How many items: an integer from 1. @defaultValue Infinity */
  readonly count?: number | undefined;
  /** The sum of their sizes, in the unit of `sizeOf`. @defaultValue Infinity */
  readonly size?: number | undefined;
  /** The size of an item. @defaultValue 1 for each */
  readonly sizeOf?: ((item: I) => number) | undefined;
}

/** What a source is read in. */
export interface ChunkReader {
  /** The next item, or chunk; undefined at the end. */
  next(): Promise<{ readonly item: unknown } | undefined>;
  /** Closes the source. */
  close(): unknown;
}

/** Reads items. */
export class Items implements ChunkReader {
  readonly #source: MapSource<unknown>;
  #feed: Feed | undefined;
  #index = 0;

  constructor(source: MapSource<unknown>) {
    this.#source = source;
  }

  async next(): Promise<{ readonly item: unknown } | undefined> {
    this.#feed ??= new Feed(this.#source);
    const { items, sync, async } = this.#feed;
    if (items !== undefined) {
      this.#index += 1;
      return this.#index > items.length ? undefined : { item: items[this.#index - 1] };
    }
    try {
      const step = async === undefined ? sync?.next() : await async.next();
      if (step !== undefined && step.done !== true) {
        return { item: step.value };
      }
    } catch (error) {
      this.#feed.noteEnd();
      throw error;
    }
    this.#feed.noteEnd();
    return undefined;
  }

  close(): unknown {
    return this.#feed?.close();
  }
}

/** Reads chunks. */
export class Chunks implements ChunkReader {
  readonly #items: Items;
  readonly #count: number;
  readonly #size: number;
  readonly #sizeOf: (item: unknown) => number;
  /** The item that did not fit into the chunk before. */
  #left: { readonly item: unknown; readonly size: number } | undefined;

  /** @throws `RangeError` when a number is out of its range. */
  constructor(source: MapSource<unknown>, chunk: number | ChunkOptions<unknown>) {
    const {
      count = Infinity,
      size = Infinity,
      sizeOf = () => 1,
    } = typeof chunk === "number" ? { count: chunk } : chunk;
    if (!(count === Infinity || (Number.isSafeInteger(count) && count >= 1))) {
      throw new RangeError(`Cannot chunk as "count" must be an integer from 1: ${count}`);
    }
    if (!(size > 0)) {
      throw new RangeError(`Cannot chunk as "size" must be a number above 0: ${size}`);
    }
    if (count === Infinity && size === Infinity) {
      throw new RangeError(`Cannot chunk as "count" or "size" must be finite: ${count}, ${size}`);
    }
    this.#items = new Items(source);
    this.#count = count;
    this.#size = size;
    this.#sizeOf = sizeOf;
  }

  async next(): Promise<{ readonly item: readonly unknown[] } | undefined> {
    const chunk: unknown[] = [];
    let size = 0;
    while (chunk.length < this.#count) {
      const next = this.#left ?? (await this.#read());
      this.#left = undefined;
      if (next === undefined) {
        break;
      }
      size += next.size;
      if (size > this.#size && chunk.length > 0) {
        this.#left = next;
        break;
      }
      chunk.push(next.item);
    }
    return chunk.length > 0 ? { item: chunk } : undefined;
  }

  close(): unknown {
    return this.#items.close();
  }

  async #read(): Promise<{ readonly item: unknown; readonly size: number } | undefined> {
    const next = await this.#items.next();
    return next && { item: next.item, size: this.#sizeOf(next.item) };
  }
}
