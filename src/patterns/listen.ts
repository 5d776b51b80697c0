/** How the end of a promise, or of whatever else has a `then`, is heard. */

/** What makes a promise one that needs no care. Not by the name of `then`: a module that exports that counts as a promise. */
export const promiseThen = Promise.prototype.then;

/**
 * Calls one of the two with how `result` ends: once, later, and never from within. A promise does that by itself; whatever else
 * has a `then` is made one, as it may report twice or at once.
 *
 * Contract: the two never throw, as nobody would hear it.
 *
 * @throws what its `then` throws when it is read.
 */
export function listen(
  result: PromiseLike<unknown>,
  onReturn: (value: unknown) => void,
  onThrow: (error: unknown) => void,
): void {
  const promise =
    result.then === promiseThen
      ? result
      : new Promise((resolve) => {
          resolve(result);
        });
  // What it returns never rejects, and nobody needs it: the one place of `map` that lets go of a promise.
  promise.then(onReturn, onThrow);
}
