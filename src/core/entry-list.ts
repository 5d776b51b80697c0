/** The entries of one mode at one resource. */
import type { Entry } from "./claim-ticket.ts";

/** Whether the place of `a` is before that of `b`. False for two of the same ticket. */
export type Precedes<T extends object> = (a: Entry<T>, b: Entry<T>) => boolean;

/** The entries of one mode at one resource, in the order of places. */
export class EntryList<T extends object> {
  head: Entry<T> | undefined;
  tail: Entry<T> | undefined;
  /** The first that is not clear by its place; all before it are. */
  unclear: Entry<T> | undefined;
  /** Held entries from `unclear` on: an entry of an earlier place came after they were taken. */
  heldBehind: Set<Entry<T>> | undefined;
  /** The last entry that was not inserted at the end: those that follow it often belong right behind. */
  #hint: Entry<T> | undefined;

  insert(entry: Entry<T>, precedes: Precedes<T>): void {
    const previous = this.#predecessor(entry, precedes);
    const next = previous === undefined ? this.head : previous.next;
    entry.previous = previous;
    entry.next = next;
    if (previous === undefined) {
      this.head = entry;
    } else {
      previous.next = entry;
    }
    if (next === undefined) {
      this.tail = entry;
    } else {
      next.previous = entry;
      this.#hint = entry;
    }
  }

  remove(entry: Entry<T>): void {
    const { previous, next } = entry;
    if (this.unclear === entry) {
      this.unclear = next;
    }
    if (this.#hint === entry) {
      this.#hint = previous;
    }
    this.heldBehind?.delete(entry);
    if (previous === undefined) {
      this.head = next;
    } else {
      previous.next = next;
    }
    if (next === undefined) {
      this.tail = previous;
    } else {
      next.previous = previous;
    }
  }

  /** The entry after which a new one belongs: nearly always the last; else near the one inserted before it. */
  #predecessor(entry: Entry<T>, precedes: Precedes<T>): Entry<T> | undefined {
    let at = this.tail;
    if (at === undefined || !precedes(entry, at)) {
      return at;
    }
    if (this.#hint !== undefined && precedes(this.#hint, entry)) {
      at = this.#hint;
      // Past one of the same task too, which it replaces: what is unclear of the two comes after what was.
      while (at.next !== undefined && !precedes(entry, at.next)) {
        at = at.next;
      }
      return at;
    }
    while (at !== undefined && precedes(entry, at)) {
      at = at.previous;
    }
    return at;
  }
}
