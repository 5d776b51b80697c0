/**
 * Which claims are in the way of which. Two claims conflict when they name the same resource, or one above the other, and at
 * least one of them writes.
 *
 * Most claims meet no other: such a one is only noted at its resource, which stands in a tree. Where two tasks meet, one of them
 * at a resource and the other at or below it, that resource gets lists of the claims at and below it, and keeps them until
 * it is out of use: each claim enters the lists of a resource once, so that adding and releasing one cost the depth of
 * its resource, amortised.
 */
import { ClaimLists } from "./claim-lists.ts";
import { intentionOf, READ, WRITE, type Mode } from "./claim-mode.ts";
import { Ticket, type Entry } from "./claim-ticket.ts";
import { resourcesBelow, ResourceTree, type Resource } from "./resource-tree.ts";

/** The claims of one task: names of resources as `resourceName` gives them, or `EVERYTHING`. */
export interface Claims {
  readonly reads: readonly string[];
  readonly writes: readonly string[];
}

/** What became of the claims of one task. */
export interface ClaimTicket<T> {
  /** Whose it is. Another one of the same place may take it over. */
  task: T;
  /** Whether nothing is in the way. */
  readonly clear: boolean;
  /** Takes the claims; only when clear. From now on, also tasks of an earlier place that are added later wait for this one. */
  hold(): void;
  /** Tasks that are in the way, at most `most` of them. */
  blockers(most: number): readonly T[];
  /** Ends the claims, whether they were held or not. A second call does nothing. */
  release(): void;
}

/** What a table needs to know of its tasks. */
export interface ClaimTableOptions<T> {
  /** Whether the place of `a` is before that of `b`. False for a task and itself. */
  precedes(a: T, b: T): boolean;
  /** Called for each task whose ticket became clear as that of `by` was released, in the order of places. May call the table again. */
  onClear(task: T, by: T): void;
}

/** The claims of tasks that may conflict with each other. */
export class ClaimTable<T extends object> {
  readonly #options: ClaimTableOptions<T>;
  readonly #tree = new ResourceTree<T>();

  constructor(options: ClaimTableOptions<T>) {
    this.#options = options;
  }

  /** How many resources are in use: those claimed, and those above them. */
  get size(): number {
    return this.#tree.size;
  }

  /** Enters the claims of a task. */
  add(task: T, { reads, writes }: Claims): ClaimTicket<T> {
    const ticket = new Ticket<T>(this, task);
    // Writes come first, as they imply reads of the same: what is implied is not entered.
    for (const name of writes) {
      this.#claim(ticket, this.#tree.find(name), WRITE);
    }
    for (const name of reads) {
      this.#claim(ticket, this.#tree.find(name), READ);
    }
    return ticket;
  }

  /**
   * Replaces the claims of a task, which must not hold them yet, by some that lie within them; the others are free from now on. The task keeps
   * its place.
   */
  narrow(ticket: ClaimTicket<T>, task: T, claims: Claims): ClaimTicket<T> {
    // The new ones come first, so that nobody behind the task gets ahead of it.
    const narrowed = this.add(task, claims);
    ticket.release();
    return narrowed;
  }

  /** @internal Called by a ticket that is released. */
  remove(ticket: Ticket<T>): void {
    for (let at = ticket.alone; at !== undefined;) {
      const { earlier } = at;
      at.earlier = undefined;
      if (at.lone === ticket) {
        at.lone = undefined;
        this.#tree.leave(at);
      }
      at = earlier;
    }
    ticket.alone = undefined;
    if (ticket.entries === undefined) {
      return; // It has met nobody.
    }
    const cleared: Ticket<T>[] = [];
    for (let at: Entry<T> | undefined = ticket.entries; at !== undefined; at = at.earlier) {
      at.lists.remove(at, cleared);
      this.#tree.leave(at.lists.resource);
    }
    ticket.entries = undefined;
    for (const follower of ticket.followers ?? []) {
      follower.countClear(cleared);
    }
    cleared.sort((a, b) => this.#compare(a, b));
    for (const each of cleared) {
      if (each.clear && !each.released) {
        this.#options.onClear(each.task, ticket.task);
      }
    }
  }

  #claim(ticket: Ticket<T>, resource: Resource<T>, mode: Mode): void {
    // The resource itself comes last: lists that are made for those above it must not find this claim there.
    for (let above = resource.parent; above !== undefined; above = above.parent) {
      if (above.lists !== undefined || (above.lone ?? ticket) !== ticket) {
        this.#listsOf(above).enter(ticket, intentionOf(mode));
      }
    }
    if (!resource.isUsed) {
      this.#tree.note(resource, ticket, mode);
    } else if (resource.lone !== ticket) {
      this.#listsOf(resource).enter(ticket, mode);
    }
  }

  #listsOf(resource: Resource<T>): ClaimLists<T> {
    resource.lists ??= this.#makeLists(resource);
    return resource.lists;
  }

  /** Enters what is claimed at and below a resource where claims are about to meet for the first time. */
  #makeLists(resource: Resource<T>): ClaimLists<T> {
    const lists = new ClaimLists(resource, this.#precedes);
    const claims: { readonly ticket: Ticket<T>; readonly mode: Mode }[] = [];
    if (resource.lone !== undefined) {
      claims.push({ ticket: resource.lone, mode: resource.mode });
      resource.lone = undefined;
    }
    for (const { lone, mode, lists: theirs } of resourcesBelow(resource)) {
      if (lone !== undefined) {
        claims.push({ ticket: lone, mode: intentionOf(mode) });
      }
      for (const entry of theirs?.own() ?? []) {
        claims.push({ ticket: entry.ticket, mode: intentionOf(entry.mode) });
      }
    }
    // In the order of places each is entered at the end; of one ticket, first what implies the rest.
    claims.sort((a, b) => this.#compare(a.ticket, b.ticket) || b.mode - a.mode);
    for (const { ticket, mode } of claims) {
      lists.enter(ticket, mode);
    }
    return lists;
  }

  #compare(a: Ticket<T>, b: Ticket<T>): number {
    if (a.task === b.task) {
      return 0; // One of them replaces the other.
    }
    return this.#options.precedes(a.task, b.task) ? -1 : 1;
  }

  readonly #precedes = (a: Entry<T>, b: Entry<T>): boolean => this.#compare(a.ticket, b.ticket) < 0;
}
