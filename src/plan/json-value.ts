/** What tasks left behind as JSON: a module may return anything, also what JSON cannot hold. */
import { describeError } from "../core/errors.ts";

/**
 * A value as JSON, empty where there is nothing to write.
 *
 * @throws `TypeError` where JSON cannot hold it.
 */
export function asJson(value: unknown, indent?: number): string {
  try {
    return JSON.stringify(value, undefined, indent) ?? "";
  } catch (cause) {
    throw new TypeError(`Cannot write a value as JSON: ${reasonOf(cause)}`, { cause });
  }
}

/** The value, or in words why JSON cannot hold it: it refers to itself, has a `BigInt` in it, or throws when it is read. */
export function jsonValue(value: unknown): unknown {
  try {
    JSON.stringify(value);
    return value;
  } catch (error) {
    return `[not JSON: ${reasonOf(error)}]`;
  }
}

/** In one line. */
function reasonOf(error: unknown): string {
  const [line = ""] = describeError(error).split("\n");
  return line;
}
