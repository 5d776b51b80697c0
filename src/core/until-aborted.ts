/** Waiting for somebody who may not listen to a signal. */

/** What becomes of a promise, or the reason of the signal as soon as that is aborted. Leaves no listener behind. */
export async function untilAborted<T>(signal: AbortSignal, promise: PromiseLike<T>): Promise<T> {
  let stop: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
  });
  try {
    signal.throwIfAborted();
    return await Promise.race([promise, aborted]);
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    if (stop !== undefined) {
      signal.removeEventListener("abort", stop);
    }
  }
}
