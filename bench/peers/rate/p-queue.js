/** `p-queue` as a limiter: at most so many starts an interval. */
import PQueue from "p-queue";

export function makeQueue(options) {
  return new PQueue(options);
}
