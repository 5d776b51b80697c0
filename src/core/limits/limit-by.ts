/** A limit for each key, such as the host that a request goes to. Keys that nobody uses any more are forgotten. */
import { limit, type Limit, type LimitOptions } from "./limit.ts";

/** A limit for each key, made by {@link limitBy}: call it with an item for the limit of that item. */
export interface KeyedLimit<T> {
  /** The limit of an item: the same for all that have the same key. */
  (item: T): Limit;
  /** How many keys are remembered. */
  readonly size: number;
  /** The limit of a key; undefined where none is remembered. */
  get(key: string): Limit | undefined;
}

/** How many of the remembered keys are looked at for each that is asked for: more than one, so that idle ones become fewer. */
const LOOKS = 2;

interface Entry {
  /** Absent while the limit is idle: it is then kept by those who hold it, and by nobody else. */
  limit: Limit | undefined;
  readonly kept: WeakRef<Limit>;
}

/**
 * Makes a limit for each key of the items that it is called with: the same for the same key.
 *
 * A key is forgotten once nobody uses its limit, waits for it, holds it, or has used it within its windows; with it goes what `adaptive`
 * has found out. There is no timer for that: each call looks at two of the others. So there are never many more idle keys than used
 * ones, and what is left when the calls end stays until the next.
 *
 * @throws `RangeError`, at once, when an option is invalid.
 * @example
 * ```ts
 * import { limitBy, settle } from "fanfold";
 *
 * const byHost = limitBy((url: URL) => url.host, { concurrency: 2, requestsPerSecond: 10 });
 * const urls = ["https://a.example/1", "https://a.example/2", "https://b.example/"].map((url) => new URL(url));
 * await settle(urls.map((url) => ({ limit: byHost(url), run: () => url.href })));
 * console.log(byHost.size);
 * ```
 */
export function limitBy<T>(
  keyOf: (item: T) => string,
  options: number | Omit<LimitOptions, "name">,
): KeyedLimit<T> {
  const given = typeof options === "number" ? { concurrency: options } : options;
  limit(given); // Thrown away: it throws where a key would.
  const entries = new Map<string, Entry>();
  const limitOf = (item: T): Limit => {
    const key = keyOf(item);
    const entry = entries.get(key);
    const known = entry?.limit ?? entry?.kept.deref();
    const own = known ?? limit({ ...given, name: key });
    const next = known === undefined || entry === undefined ? newEntry(own) : entry;
    next.limit = own;
    look(entries);
    entries.delete(key); // To the end: it is the last to be looked at.
    entries.set(key, next);
    return own;
  };
  return Object.defineProperties(limitOf, {
    size: { get: () => entries.size },
    get: { value: (key: string) => entries.get(key)?.limit ?? entries.get(key)?.kept.deref() },
  }) as KeyedLimit<T>; // The two properties defined here are all that it adds.
}

function newEntry(own: Limit): Entry {
  const entry: Entry = { limit: own, kept: new WeakRef(own) };
  own.keep = () => {
    entry.limit = own;
  };
  return entry;
}

/** Looks at the keys that have not been looked at for longest: those of idle limits are let go, the others go to the end. */
function look(entries: Map<string, Entry>): void {
  let looks = LOOKS;
  for (const [key, entry] of entries) {
    if (looks === 0) {
      return;
    }
    looks -= 1;
    entries.delete(key);
    if (entry.limit?.isIdle === true) {
      entry.limit = undefined;
    }
    if (entry.limit !== undefined || entry.kept.deref() !== undefined) {
      entries.set(key, entry);
    }
  }
}
