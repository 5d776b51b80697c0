/**
 * The claims at and below one resource: a list of entries for each mode, in the order of the tasks' places. An entry is *clear*
 * when no incompatible entry of an earlier place is left; a ticket is clear when all its entries are. As the earliest entries go,
 * the lists are walked forward and never back.
 */
import { incompatibleWith, isImplied, READ, WRITE, type Mode } from "./claim-mode.ts";
import { Entry, type Ticket } from "./claim-ticket.ts";
import { EntryList, type Precedes } from "./entry-list.ts";
import type { Resource } from "./resource-tree.ts";

/** The claims at and below one resource, where some have met. */
export class ClaimLists<T extends object> {
  readonly resource: Resource<T>;
  /** How many entries are in all lists. */
  size = 0;
  readonly #precedes: Precedes<T>;
  readonly #lists: (EntryList<T> | undefined)[] = [undefined, undefined, undefined, undefined];
  /** The entry that was made last. */
  #latest: Entry<T> | undefined;

  constructor(resource: Resource<T>, precedes: Precedes<T>) {
    this.resource = resource;
    this.#precedes = precedes;
  }

  /** Enters what a ticket does here, if that is not implied by what it entered just before. */
  enter(ticket: Ticket<T>, mode: Mode): void {
    const latest = this.#latest;
    if (latest?.ticket !== ticket || !isImplied(mode, latest.mode)) {
      this.#insert(new Entry(ticket, this, mode));
    }
  }

  /** Removes an entry. Tickets that become clear are added to `cleared`. */
  remove(entry: Entry<T>, cleared: Ticket<T>[]): void {
    this.#lists[entry.mode]?.remove(entry);
    this.size -= 1;
    if (this.#latest === entry) {
      this.#latest = undefined;
    }
    for (const other of incompatibleWith(entry.mode)) {
      this.#walkForward(other, cleared);
    }
  }

  /** The entries of the resource itself, without those of resources below. */
  *own(): Generator<Entry<T>> {
    for (const mode of [READ, WRITE]) {
      for (let at = this.#lists[mode]?.head; at !== undefined; at = at.next) {
        yield at;
      }
    }
  }

  /** The tasks whose entries are in the way of one, the earliest of each mode first. */
  *inTheWay(entry: Entry<T>): Generator<T> {
    for (const mode of incompatibleWith(entry.mode)) {
      let other = this.#lists[mode]?.head;
      while (other !== undefined && this.#precedes(other, entry)) {
        yield other.ticket.task;
        other = other.next;
      }
    }
  }

  #insert(entry: Entry<T>): void {
    const { mode, ticket } = entry;
    this.#latest = entry;
    const list = (this.#lists[mode] ??= new EntryList<T>());
    list.insert(entry, this.#precedes);
    this.size += 1;
    if (this.#isBlocked(entry)) {
      entry.clear = false;
      ticket.unclear += 1;
      if (list.unclear === undefined || this.#precedes(entry, list.unclear)) {
        list.unclear = entry;
      }
    }
    for (const other of incompatibleWith(mode)) {
      const behind = this.#lists[other];
      if (behind !== undefined) {
        this.#overtake(entry, behind);
      }
    }
  }

  /** A new entry stands before others: those that only wait now wait for it; it waits for those that hold their claims. */
  #overtake(entry: Entry<T>, list: EntryList<T>): void {
    for (const holder of list.heldBehind ?? []) {
      if (this.#precedes(entry, holder)) {
        holder.ticket.addFollower(entry.ticket);
      }
    }
    let at = list.unclear === undefined ? list.tail : list.unclear.previous;
    while (at !== undefined && this.#precedes(entry, at)) {
      if (at.ticket.held) {
        at.ticket.addFollower(entry.ticket);
        list.heldBehind ??= new Set();
        list.heldBehind.add(at);
      } else {
        at.clear = false;
        at.ticket.unclear += 1;
      }
      list.unclear = at;
      at = at.previous;
    }
  }

  #walkForward(mode: Mode, cleared: Ticket<T>[]): void {
    const list = this.#lists[mode];
    let at = list?.unclear;
    while (list !== undefined && at !== undefined && !this.#isBlocked(at)) {
      if (at.clear) {
        list.heldBehind?.delete(at);
      } else {
        at.clear = true;
        at.ticket.countClear(cleared);
      }
      at = at.next;
      list.unclear = at;
    }
  }

  #isBlocked(entry: Entry<T>): boolean {
    for (const mode of incompatibleWith(entry.mode)) {
      const head = this.#lists[mode]?.head;
      if (head !== undefined && this.#precedes(head, entry)) {
        return true;
      }
    }
    return false;
  }
}
