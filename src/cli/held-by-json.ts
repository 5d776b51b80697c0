/** What tasks returned, as far as JSON can hold it: a module may return anything. */
import { describeError } from "../core/errors.ts";

/** The value itself; where JSON cannot hold it, words that say why. */
export function heldByJson(value: unknown): unknown {
  try {
    JSON.stringify(value);
    return value;
  } catch (error) {
    return `[not JSON: ${describeError(error).split("\n")[0]}]`;
  }
}
