/** Work that identical calls share: of reading calls, as long as nothing that they read was written since. */
import { conflict, type CallClaims } from "./call-claims.ts";
import type { Work } from "./call-state.ts";
import type { Tool } from "./tool.ts";

/** The work of a turn that may be shared. */
export class SharedWork {
  readonly #works = new Map<string, Work>();

  /** The name under which a call may share work; undefined where it may not. */
  keyOf(tool: Tool, input: unknown): string | undefined {
    return tool.effect === "read" ? callKey(tool.name, input) : undefined;
  }

  get(key: string): Work | undefined {
    return this.#works.get(key);
  }

  set(key: string, work: Work): void {
    this.#works.set(key, work);
  }

  /** A call was added: who reads what it writes, after it, reads something new. */
  forget(claims: CallClaims): void {
    if (claims.writes.length === 0 && !claims.exclusive) {
      return;
    }
    for (const [key, work] of this.#works) {
      if (conflict(work.claims, claims)) {
        this.#works.delete(key);
      }
    }
  }
}

/** A text that two calls have in common exactly when they are the same; undefined where arguments are more than plain data. */
function callKey(name: string, input: unknown): string | undefined {
  const text = canonical(input);
  return text === undefined ? undefined : `${name} ${text}`;
}

/** JSON with sorted keys; undefined where JSON would lose something. */
function canonical(value: unknown): string | undefined {
  switch (typeof value) {
    case "string":
    case "boolean":
      return JSON.stringify(value);
    case "number":
      return Number.isFinite(value) && !Object.is(value, -0) ? String(value) : undefined;
    case "undefined":
      return "undefined";
    case "object":
      return value === null ? "null" : canonicalObject(value);
    default:
      return undefined;
  }
}

function canonicalObject(value: object): string | undefined {
  const parts = Array.isArray(value) ? value.map(canonical) : canonicalFields(value);
  if (parts === undefined || parts.includes(undefined)) {
    return undefined;
  }
  return Array.isArray(value) ? `[${parts.join(",")}]` : `{${parts.join(",")}}`;
}

function canonicalFields(value: object): readonly (string | undefined)[] | undefined {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    return undefined;
  }
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return fields.map(([key, each]) => {
    const text = canonical(each);
    return text === undefined ? undefined : `${JSON.stringify(key)}:${text}`;
  });
}
