/** What a run left behind, as far as JSON can hold it: a module of a plan may return anything. */
import { describeError } from "../core/errors.ts";

/** The value, or in words why JSON cannot hold it: it refers to itself, has a `BigInt` in it, or throws when it is read. */
export function jsonValue(value: unknown): unknown {
  try {
    JSON.stringify(value);
    return value;
  } catch (error) {
    return `[not JSON: ${describeError(error).split("\n")[0]}]`;
  }
}
