/** A mutex for each key, made when it is asked for and forgotten when nobody needs it. */
import { FairMutex, type Lock, type LockOptions, type MutexOptions } from "./mutex.ts";

/** A mutex for each key. Make one with {@link mutexBy}. */
export interface KeyedMutex<in K> {
  /** How many keys are locked. The others take no memory. */
  readonly size: number;
  /** As `run` of a `Mutex`: alone among those of the same key. Keys are compared as those of a `Map`. */
  run<T>(key: K, section: () => T | PromiseLike<T>, options?: LockOptions): Promise<Awaited<T>>;
  /** As `acquire` of a `Mutex`: alone among those of the same key. */
  acquire(key: K, options?: LockOptions): Promise<Lock>;
}

/**
 * Makes a mutex for each key, such as an account or a file: sections of one key go one after another, those of others at the same
 * time. A section may lock another key; two that lock two keys in opposite orders wait for each other for ever, as with any mutex.
 *
 * @example
 * ```ts
 * import { all, mutexBy } from "fanfold";
 *
 * const accounts = mutexBy<string>({ name: "account" });
 * const balance = new Map<string, number>();
 * const deposit = (name: string) => () =>
 *   accounts.run(name, async () => {
 *     const before = balance.get(name) ?? 0;
 *     await Promise.resolve();
 *     balance.set(name, before + 1);
 *   });
 * await all([deposit("ada"), deposit("bob"), deposit("ada")]);
 * console.log(balance); // Map(2) { 'ada' => 2, 'bob' => 1 }
 * ```
 */
export function mutexBy<K>(options: MutexOptions = {}): KeyedMutex<K> {
  const { name = "mutex" } = options;
  const locked = new Map<K, FairMutex>();
  const of = (key: K): FairMutex => {
    const known = locked.get(key);
    if (known !== undefined) {
      return known;
    }
    const made = new FairMutex(`${name}:${String(key)}`, () => locked.delete(key));
    locked.set(key, made);
    return made;
  };
  return {
    get size() {
      return locked.size;
    },
    run: (key, section, lockOptions) => of(key).run(section, lockOptions),
    acquire: (key, lockOptions) => of(key).acquire(lockOptions),
  };
}
