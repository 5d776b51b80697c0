/** What a claim table knows of one task. Fields are open to its table: there are as many tickets as tasks. */
import type { ClaimLists } from "./claim-lists.ts";
import type { Mode } from "./claim-mode.ts";
import type { ClaimTable, ClaimTicket } from "./claim-table.ts";
import type { Resource } from "./resource-tree.ts";

/** The claims of one task. */
export class Ticket<T extends object> implements ClaimTicket<T> {
  task: T;
  /** How many of its entries, and of the holders that it follows, are in its way. */
  unclear = 0;
  held = false;
  released = false;
  /** The resources where it met nobody when it came: the latest, which knows the one before. */
  alone: Resource<T> | undefined;
  /** Its entries where claims have met: the latest, which knows the one before. */
  entries: Entry<T> | undefined;
  /** Tickets of earlier places that were added while this one was held. */
  followers: Ticket<T>[] | undefined;
  follows: Ticket<T>[] | undefined;
  readonly #table: ClaimTable<T>;

  constructor(table: ClaimTable<T>, task: T) {
    this.#table = table;
    this.task = task;
  }

  get clear(): boolean {
    return this.unclear === 0;
  }

  hold(): void {
    this.held = true;
  }

  blockers(most: number): readonly T[] {
    const found = new Set<T>();
    for (const holder of this.follows ?? []) {
      if (!holder.released && found.size < most) {
        found.add(holder.task);
      }
    }
    for (let entry = this.entries; entry !== undefined; entry = entry.earlier) {
      for (const task of entry.clear ? [] : entry.lists.inTheWay(entry)) {
        if (found.size >= most) {
          return [...found];
        }
        found.add(task);
      }
    }
    return [...found];
  }

  release(): void {
    if (!this.released) {
      this.released = true;
      this.#table.remove(this);
    }
  }

  addFollower(follower: Ticket<T>): void {
    this.followers ??= [];
    if (this.followers.at(-1) !== follower) {
      this.followers.push(follower);
      follower.unclear += 1;
      follower.follows ??= [];
      follower.follows.push(this);
    }
  }

  countClear(cleared: Ticket<T>[]): void {
    this.unclear -= 1;
    if (this.unclear === 0 && !this.released) {
      cleared.push(this);
    }
  }
}

/** What a ticket does at a resource where claims have met. */
export class Entry<T extends object> {
  readonly ticket: Ticket<T>;
  readonly lists: ClaimLists<T>;
  readonly mode: Mode;
  /** Whether no incompatible entry of an earlier place is left, or none was when its ticket was taken. */
  clear = true;
  previous: Entry<T> | undefined;
  next: Entry<T> | undefined;
  /** The entry that its ticket made before. */
  readonly earlier: Entry<T> | undefined;

  constructor(ticket: Ticket<T>, lists: ClaimLists<T>, mode: Mode) {
    this.ticket = ticket;
    this.lists = lists;
    this.mode = mode;
    this.earlier = ticket.entries;
    ticket.entries = this;
  }
}
