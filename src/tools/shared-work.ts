/** Work that identical calls share: of reading calls, as long as nothing that they read was written since. */
import { conflict, type CallClaims } from "./call-claims.ts";
import type { Work } from "./call-state.ts";
import { isPlainObject } from "./plain-object.ts";
import type { Tool } from "./tool.ts";

/**
 * The work of a turn that may be shared. Calls of other turns of the toolbox write too: all that have work to share are kept in `all`, so that
 * each is told.
 */
export class SharedWork {
  readonly #all: Set<SharedWork>;
  readonly #works = new Map<string, Work>();

  constructor(all: Set<SharedWork>) {
    this.#all = all;
  }

  /** The name under which a call may share work; undefined where it may not. */
  keyOf(tool: Tool, input: unknown): string | undefined {
    return tool.effect === "read" ? callKey(tool.name, input) : undefined;
  }

  /** None where nobody wanted it any more: what was cancelled says nothing to those who ask again. */
  get(key: string): Work | undefined {
    const work = this.#works.get(key);
    return work !== undefined && mayBeShared(work) ? work : undefined;
  }

  set(key: string, work: Work): void {
    this.#works.set(key, work);
    this.#all.add(this);
  }

  /** A call was added: who reads what it writes, after it, reads something new, whichever turn it is in. */
  forget(claims: CallClaims): void {
    if (claims.writes.length === 0 && !claims.exclusive) {
      return;
    }
    for (const shared of this.#all) {
      shared.#forget(claims);
    }
  }

  /** Nothing will be shared any more. */
  close(): void {
    this.#all.delete(this);
  }

  #forget(claims: CallClaims): void {
    for (const [key, work] of this.#works) {
      if (conflict(work.claims, claims)) {
        this.#works.delete(key);
      }
    }
  }
}

function mayBeShared({ ending, calls }: Work): boolean {
  return ending === undefined
    ? calls.some(({ isDecided }) => !isDecided)
    : ending.status !== "cancelled" && ending.status !== "skipped";
}

/** A text that two calls have in common exactly when they are the same; undefined where arguments are more than plain data. */
export function callKey(name: string, input: unknown): string | undefined {
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
  if (!isPlainObject(value)) {
    return undefined;
  }
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return fields.map(([key, each]) => {
    const text = canonical(each);
    return text === undefined ? undefined : `${JSON.stringify(key)}:${text}`;
  });
}
