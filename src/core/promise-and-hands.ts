/** A promise that somebody else settles. */

/** A promise and its functions. A rejection that nobody awaits is none: the one who rejects tells it elsewhere. */
export interface Hands<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (reason: unknown) => void;
}

/** As `Promise.withResolvers`, which Node 20 does not have. */
export function promiseAndHands<T>(): Hands<T> {
  let hands: Pick<Hands<T>, "resolve" | "reject"> | undefined;
  const promise = new Promise<T>((resolve, reject) => {
    hands = { resolve, reject };
  });
  promise.catch(() => undefined);
  return { promise, ...(hands as Pick<Hands<T>, "resolve" | "reject">) }; // The executor has run.
}
