/** Events as lines of JSON: errors as data, secrets taken out, whatever a task returned. */
import type { RecordedError } from "./format.ts";
import { isSecretName, type Redact } from "./redact.ts";

/** How many causes of causes are kept. */
const DEEPEST_CAUSE = 5;

/** JSON of any value. Never throws: what JSON cannot hold is told in words. */
export function serialize(value: unknown, redact: Redact): string {
  try {
    return JSON.stringify(value, replacer(redact)) ?? "null";
  } catch (error) {
    return JSON.stringify(
      `[not JSON: ${redact(error instanceof Error ? error.message : "a value")}]`,
    );
  }
}

/** An error with its causes as data. */
export function recordedError(error: unknown, depth = 0): RecordedError | string {
  if (!(error instanceof Error)) {
    return describeThrown(error);
  }
  const { name, message, stack, cause } = error;
  const code = "code" in error ? String(error.code) : undefined;
  return {
    name,
    message,
    code,
    stack,
    cause:
      cause === undefined || depth >= DEEPEST_CAUSE ? undefined : recordedError(cause, depth + 1),
  };
}

function describeThrown(error: unknown): string {
  try {
    return typeof error === "string" ? error : (JSON.stringify(error) ?? typeof error);
  } catch {
    return "a value that cannot be shown";
  }
}

function replacer(redact: Redact): (name: string, value: unknown) => unknown {
  return (name, value) => {
    if (typeof value === "string") {
      return name !== "" && isSecretName(name) ? "[redacted]" : redact(value);
    }
    if (typeof value === "bigint") {
      return `${value}n`;
    }
    if (value instanceof Error) {
      return recordedError(value);
    }
    return value instanceof Map || value instanceof Set ? [...value] : value;
  };
}
