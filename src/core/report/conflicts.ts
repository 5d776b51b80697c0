/** Numbers held with claims: of all tasks that conflict with one, the largest. */
import { EVERYTHING, resourceName } from "../resource.ts";
import type { TaskRow } from "./timings.ts";

type Mode = "read" | "write";

/** The largest numbers at a resource, and at or below it. */
interface Largest {
  read: number;
  write: number;
  belowRead: number;
  belowWrite: number;
  readonly children: Map<string, Largest>;
}

/** The largest numbers among the tasks of one scope. */
interface Siblings {
  any: number;
  exclusive: number;
}

/**
 * Answers, for a task, with the largest number that was noted for one that conflicts with it: by claims below the same task that
 * claims something, or as one of the two is exclusive. A question looks up and down one path of the tree of resources.
 */
export class Conflicts {
  readonly #rows: ReadonlyMap<number, TaskRow>;
  /** By the task around them that claims something; none is the run. */
  readonly #claims = new Map<number | undefined, Largest>();
  readonly #siblings = new Map<number | undefined, Siblings>();
  readonly #owners = new Map<number, number | undefined>();
  readonly #hasExclusive: boolean;

  constructor(rows: ReadonlyMap<number, TaskRow>) {
    this.#rows = rows;
    this.#hasExclusive = [...rows.values()].some(({ exclusive }) => exclusive);
  }

  /** Notes a number for a task. */
  note(row: TaskRow, value: number): void {
    if (this.#hasExclusive) {
      const siblings = this.#siblingsOf(row);
      siblings.any = Math.max(siblings.any, value);
      if (row.exclusive) {
        siblings.exclusive = Math.max(siblings.exclusive, value);
      }
    }
    this.#each(row, (largest, name, mode) => note(largest, segmentsOf(name), mode, value));
  }

  /** The largest number that was noted for a task that conflicts with this one; -Infinity without any. */
  largest(row: TaskRow): number {
    let found = -Infinity;
    if (this.#hasExclusive) {
      const { any, exclusive } = this.#siblingsOf(row);
      found = row.exclusive ? any : exclusive;
    }
    this.#each(row, (largest, name, mode) => {
      found = Math.max(found, look(largest, segmentsOf(name), mode));
    });
    return found;
  }

  #each(row: TaskRow, visit: (largest: Largest, name: string, mode: Mode) => void): void {
    if (!claimsAnything(row)) {
      return;
    }
    const owner = this.#ownerOf(row.parentTaskId);
    const largest = this.#claims.get(owner) ?? newLargest();
    this.#claims.set(owner, largest);
    row.reads.forEach((name) => visit(largest, name, "read"));
    row.writes.forEach((name) => visit(largest, name, "write"));
    if (row.exclusive) {
      visit(largest, EVERYTHING, "write");
    }
  }

  #siblingsOf({ parentTaskId }: TaskRow): Siblings {
    const siblings = this.#siblings.get(parentTaskId) ?? { any: -Infinity, exclusive: -Infinity };
    this.#siblings.set(parentTaskId, siblings);
    return siblings;
  }

  /** The nearest task from this one upwards that claims something. */
  #ownerOf(taskId: number | undefined): number | undefined {
    const row = taskId === undefined ? undefined : this.#rows.get(taskId);
    if (taskId === undefined || row === undefined || claimsAnything(row)) {
      return taskId;
    }
    if (!this.#owners.has(taskId)) {
      this.#owners.set(taskId, this.#ownerOf(row.parentTaskId));
    }
    return this.#owners.get(taskId);
  }
}

function claimsAnything({ reads, writes, exclusive }: TaskRow): boolean {
  return exclusive || reads.length > 0 || writes.length > 0;
}

function segmentsOf(name: string): readonly string[] {
  const path = name === EVERYTHING ? EVERYTHING : resourceName(name);
  return path === EVERYTHING ? [] : path.split("/");
}

function note(root: Largest, segments: readonly string[], mode: Mode, value: number): void {
  let at = root;
  noteBelow(at, mode, value);
  for (const segment of segments) {
    const child = at.children.get(segment) ?? newLargest();
    at.children.set(segment, child);
    at = child;
    noteBelow(at, mode, value);
  }
  at[mode] = Math.max(at[mode], value);
}

function noteBelow(at: Largest, mode: Mode, value: number): void {
  if (mode === "read") {
    at.belowRead = Math.max(at.belowRead, value);
  } else {
    at.belowWrite = Math.max(at.belowWrite, value);
  }
}

/** A claim conflicts with one at a resource above, or at or below its own. */
function look(root: Largest, segments: readonly string[], mode: Mode): number {
  let at = root;
  let found = -Infinity;
  for (const segment of segments) {
    found = Math.max(found, at.write, mode === "write" ? at.read : -Infinity);
    const child = at.children.get(segment);
    if (child === undefined) {
      return found;
    }
    at = child;
  }
  return Math.max(found, at.belowWrite, mode === "write" ? at.belowRead : -Infinity);
}

function newLargest(): Largest {
  const none = -Infinity;
  return { read: none, write: none, belowRead: none, belowWrite: none, children: new Map() };
}
