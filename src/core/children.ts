/** The tasks inside one: how many they are, which may still be at work, and what they share. */
import type { ClaimTable } from "./claim-table.ts";
import type { Claimant, TaskRecord } from "./task-record.ts";
import type { Unstarted } from "./unstarted.ts";
import type { WaitingGraph } from "./waiting-graph.ts";

/** The tasks inside one. */
export class Children {
  /** How many were ever added. */
  added = 0;
  /** How many have no outcome. */
  open = 0;
  /** How many may still be at work. */
  live = 0;
  /** The live ones in the order of adding, as an intrusive list. */
  first: TaskRecord | undefined;
  last: TaskRecord | undefined;
  /** Those that are exclusive and not released, in the order of adding. */
  exclusives: TaskRecord[] | undefined;
  /** The last of them, where they have no records yet. */
  unstarted: Unstarted | undefined;
  /** Those among them that were given together and wait for each other. */
  graph: WaitingGraph | undefined;
  /** Their claims, where the task around them claims something or is the root. */
  table: ClaimTable<Claimant> | undefined;
}

/** The part of a record that tasks with children have, made when first needed. */
export function childrenOf(record: TaskRecord): Children {
  record.children ??= new Children();
  return record.children;
}

/** Adds a child at the end of the list. */
export function linkChild(children: Children, child: TaskRecord): void {
  const { last } = children;
  child.previous = last;
  if (last === undefined) {
    children.first = child;
  } else {
    last.next = child;
  }
  children.last = child;
}

/** The live children in the order of adding: a list of its own, as one that ends leaves the list that it stands in. */
export function liveChildren({ children }: TaskRecord): readonly TaskRecord[] {
  const live: TaskRecord[] = [];
  for (let child = children?.first; child !== undefined; child = child.next) {
    live.push(child);
  }
  return live.sort((a, b) => a.index - b.index); // The list has those of a graph in the order in which they became ready.
}

/** Takes a released child out of the list. */
export function unlinkChild(children: Children, child: TaskRecord): void {
  const { previous, next } = child;
  if (previous === undefined) {
    children.first = next;
  } else {
    previous.next = next;
  }
  if (next === undefined) {
    children.last = previous;
  } else {
    next.previous = previous;
  }
  child.previous = undefined;
  child.next = undefined;
}
