/** Events as lines of JSON: errors as data, secrets taken out, whatever a task returned. */
import type { RecordedError } from "./format.ts";
import { isSecretName } from "./find-secrets.ts";
import type { Redact } from "./redact.ts";

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

/** The same, field by field: one that cannot be held does not take the others with it. */
export function serializeFields(fields: object, redact: Redact): string {
  const entries = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${JSON.stringify(name)}:${serialize(value, redact)}`);
  return `{${entries.join(",")}}`;
}

/** An error with its causes as data. */
function recordedError(error: Error, redact: Redact, depth = 0): RecordedError {
  const { name, message, stack, cause, code } = error as Error & { readonly code?: unknown };
  return {
    name,
    message,
    code: typeof code === "string" || typeof code === "number" ? String(code) : undefined,
    stack,
    cause: recordedCause(cause, redact, depth + 1),
  };
}

function recordedCause(cause: unknown, redact: Redact, depth: number): RecordedError["cause"] {
  if (cause === undefined || depth > DEEPEST_CAUSE) {
    return undefined;
  }
  if (cause instanceof Error) {
    return recordedError(cause, redact, depth);
  }
  return typeof cause === "string" ? cause : serialize(cause, redact);
}

function replacer(redact: Redact): (name: string, value: unknown) => unknown {
  return (name, value) => {
    if (typeof value === "string") {
      return name !== "" && isSecretName(name) ? "[redacted]" : redact(value);
    }
    if (typeof value === "bigint") {
      return `${value}n`;
    }
    if (typeof value === "function" || typeof value === "symbol") {
      return `[${typeof value}]`;
    }
    if (value instanceof Error) {
      return recordedError(value, redact);
    }
    if (value instanceof Map || value instanceof Set) {
      return [...value];
    }
    return typeof value === "object" && value !== null ? withoutSecretKeys(value, redact) : value;
  };
}

/** The object itself, unless one of its keys is a secret. */
function withoutSecretKeys(value: object, redact: Redact): object {
  if (Array.isArray(value) || Object.keys(value).every((key) => redact(key) === key)) {
    return value;
  }
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [redact(key), each]));
}
