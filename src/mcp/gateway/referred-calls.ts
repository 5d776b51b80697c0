/** Which calls of a batch are referred to by others that have not ended: what these have found is needed until then. */
import { findReferences } from "../../tools/references.ts";
import { callKey } from "../../tools/shared-work.ts";
import type { GivenCall } from "./read-calls.ts";

/** Calls that have the same answer may share it, whichever of them is referred to. */
type Group = string;

/** The calls, and who refers to them. */
export class ReferredCalls {
  readonly #groups = new Map<string, Group>();
  /** The calls that refer to one of a group and have not ended, by id. */
  readonly #waiting = new Map<Group, Set<string>>();

  constructor(calls: readonly Pick<GivenCall, "id" | "tool" | "fields">[]) {
    for (const { id, tool, fields } of calls) {
      this.#groups.set(id, callKey(tool, fields) ?? `${id} alone`);
    }
    for (const { id, fields } of calls) {
      for (const { from } of findReferences(fields)) {
        const group = this.#groupOf(String(from));
        this.#waiting.set(group, (this.#waiting.get(group) ?? new Set()).add(id));
      }
    }
  }

  /** Whether a call may still use what this one has found. */
  isNeeded(id: string): boolean {
    return this.#waiting.has(this.#groupOf(id));
  }

  /** A call has ended: it uses nothing any more. */
  end(id: string): void {
    for (const [group, waiting] of this.#waiting) {
      waiting.delete(id);
      if (waiting.size === 0) {
        this.#waiting.delete(group);
      }
    }
  }

  #groupOf(id: string): Group {
    return this.#groups.get(id) ?? id;
  }
}
