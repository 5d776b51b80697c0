/** A store in memory, for `withCache`. */

/** Where answers are kept. Keys are short texts, values are JSON: what is read is what was written, or undefined. */
export interface ModelStore {
  /** What is kept under a key, or undefined. */
  get(key: string): unknown;
  /** Keeps a value, in the place of what is there. */
  set(key: string, value: unknown): unknown;
}

/** Options of {@link memoryStore}. */
export interface MemoryStoreOptions {
  /** How many values it keeps: an integer from 1, or Infinity. The one that was not used for longest goes first. @defaultValue 1000 */
  readonly maxEntries?: number | undefined;
}

/**
 * Makes a store that keeps values in memory, as the objects that they are.
 *
 * @throws `RangeError` when `maxEntries` is no integer from 1 or Infinity.
 */
export function memoryStore({ maxEntries = 1000 }: MemoryStoreOptions = {}): ModelStore {
  if (maxEntries !== Infinity && !(Number.isSafeInteger(maxEntries) && maxEntries >= 1)) {
    throw new RangeError(
      `Cannot make a store as "maxEntries" must be an integer from 1, or Infinity: ${maxEntries}`,
    );
  }
  const entries = new Map<string, unknown>(); // In the order of their last use.
  const put = (key: string, value: unknown): void => {
    entries.delete(key);
    entries.set(key, value);
  };
  return {
    get(key) {
      const value = entries.get(key);
      if (value !== undefined) {
        put(key, value);
      }
      return value;
    },
    set(key, value) {
      put(key, value);
      for (const oldest of entries.keys()) {
        if (entries.size <= maxEntries) {
          return;
        }
        entries.delete(oldest);
      }
    },
  };
}
