/**
 * Which claims are in the way of which: a tree of resources with intention modes, as in hierarchical locking of databases
 * (Gray, Lorie, Putzolu and Traiger, "Granularity of Locks and Degrees of Consistency in a Shared Data Base", 1976).
 *
 * A claim leaves an entry at its resource (read or write) and at each resource above (intends to read or write below). Two
 * claims conflict exactly where two entries of one resource are incompatible. Each resource has a list of entries for each mode,
 * in the order of the tasks' places. An entry is *clear* when no incompatible entry of an earlier place is left; a ticket
 * is clear when all its entries are. As the earliest entries go, the lists are walked forward and never back: adding costs the
 * depth of the resource, releasing the same, amortised.
 */

/** What a claim does with its resource. */
export type ClaimMode = "read" | "write";

/** A claimed resource. No segments at all mean everything. */
export interface Claim {
  readonly segments: readonly string[];
  readonly mode: ClaimMode;
}

/** The claims of one task. */
export interface ClaimTicket<T> {
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

type Mode = 0 | 1 | 2 | 3;
const INTENDS_READ: Mode = 0;
const INTENDS_WRITE: Mode = 1;
const READ: Mode = 2;
const WRITE: Mode = 3;

/** Which modes each mode cannot be beside. */
const INCOMPATIBLE: readonly (readonly Mode[])[] = [
  [WRITE],
  [READ, WRITE],
  [INTENDS_WRITE, WRITE],
  [INTENDS_READ, INTENDS_WRITE, READ, WRITE],
];

/** The claims of tasks that may conflict with each other. */
export class ClaimTable<T extends object> {
  readonly #options: ClaimTableOptions<T>;
  readonly #root = new Resource<T>(undefined, "");

  constructor(options: ClaimTableOptions<T>) {
    this.#options = options;
  }

  /** Enters the claims of a task. */
  add(task: T, claims: readonly Claim[]): ClaimTicket<T> {
    const ticket = new Ticket<T>(this, task);
    for (const resource of this.#mark(ticket, claims)) {
      for (const mode of modesOf(resource.markedModes)) {
        this.#insert(new Entry(ticket, resource, mode));
      }
    }
    return ticket;
  }

  /** @internal Called by a ticket that is released. */
  remove(ticket: Ticket<T>): void {
    const cleared: Ticket<T>[] = [];
    for (const entry of ticket.entries) {
      entry.resource.lists[entry.mode]?.unlink(entry);
    }
    for (const { resource, mode } of ticket.entries) {
      for (const other of INCOMPATIBLE[mode] ?? []) {
        this.#walkForward(resource, other, cleared);
      }
      resource.prune();
    }
    for (const follower of ticket.followers ?? []) {
      follower.countClear(cleared);
    }
    cleared.sort((a, b) => (this.#options.precedes(a.task, b.task) ? -1 : 1));
    for (const each of cleared) {
      if (each.clear && !each.released) {
        this.#options.onClear(each.task, ticket.task);
      }
    }
  }

  /** @internal The tasks whose entries at this one's resource are in its way, the earliest first. */
  *inTheWay(entry: Entry<T>): Generator<T> {
    for (const mode of INCOMPATIBLE[entry.mode] ?? []) {
      let other = entry.resource.lists[mode]?.head;
      while (other !== undefined && this.#precedes(other, entry)) {
        yield other.ticket.task;
        other = other.next;
      }
    }
  }

  /** Notes on each resource from the top to the claimed ones what the ticket does there. */
  #mark(ticket: Ticket<T>, claims: readonly Claim[]): readonly Resource<T>[] {
    const marked: Resource<T>[] = [];
    for (const { segments, mode } of claims) {
      let resource = this.#root;
      const intention = mode === "write" ? INTENDS_WRITE : INTENDS_READ;
      for (const segment of segments) {
        resource.mark(ticket, intention, marked);
        resource = resource.child(segment);
      }
      resource.mark(ticket, mode === "write" ? WRITE : READ, marked);
    }
    return marked;
  }

  #insert(entry: Entry<T>): void {
    const { resource, mode, ticket } = entry;
    const list = resource.listOf(mode);
    list.insertAfter(this.#predecessor(list, entry), entry);
    if (this.#isBlocked(entry)) {
      entry.clear = false;
      ticket.unclear += 1;
      if (list.unclear === undefined || this.#precedes(entry, list.unclear)) {
        list.unclear = entry;
      }
    }
    for (const other of INCOMPATIBLE[mode] ?? []) {
      const behind = resource.lists[other];
      if (behind !== undefined) {
        this.#overtake(entry, behind);
      }
    }
  }

  /** The entry after which a new one belongs: nearly always the last; else near the one inserted before it. */
  #predecessor(list: EntryList<T>, entry: Entry<T>): Entry<T> | undefined {
    let at = list.tail;
    if (at === undefined || !this.#precedes(entry, at)) {
      return at;
    }
    const { hint } = list;
    if (hint !== undefined && this.#precedes(hint, entry)) {
      at = hint;
      while (at.next !== undefined && this.#precedes(at.next, entry)) {
        at = at.next;
      }
      return at;
    }
    while (at !== undefined && this.#precedes(entry, at)) {
      at = at.previous;
    }
    return at;
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
        list.heldBehind ??= [];
        list.heldBehind.push(at);
      } else {
        at.clear = false;
        at.ticket.unclear += 1;
      }
      list.unclear = at;
      at = at.previous;
    }
  }

  #walkForward(resource: Resource<T>, mode: Mode, cleared: Ticket<T>[]): void {
    const list = resource.lists[mode];
    let at = list?.unclear;
    while (list !== undefined && at !== undefined && !this.#isBlocked(at)) {
      if (at.clear) {
        list.dropHeld(at);
      } else {
        at.clear = true;
        at.ticket.countClear(cleared);
      }
      at = at.next;
      list.unclear = at;
    }
  }

  #isBlocked(entry: Entry<T>): boolean {
    for (const mode of INCOMPATIBLE[entry.mode] ?? []) {
      const head = entry.resource.lists[mode]?.head;
      if (head !== undefined && this.#precedes(head, entry)) {
        return true;
      }
    }
    return false;
  }

  #precedes(a: Entry<T>, b: Entry<T>): boolean {
    return a.ticket !== b.ticket && this.#options.precedes(a.ticket.task, b.ticket.task);
  }
}

class Ticket<T extends object> implements ClaimTicket<T> {
  readonly task: T;
  readonly entries: Entry<T>[] = [];
  /** How many of its entries, and of the holders that it follows, are in its way. */
  unclear = 0;
  held = false;
  released = false;
  /** Tickets of earlier places that were added while this one was held. */
  followers: Ticket<T>[] | undefined;
  #follows: Ticket<T>[] | undefined;
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
    for (const holder of this.#follows ?? []) {
      if (!holder.released && found.size < most) {
        found.add(holder.task);
      }
    }
    for (const entry of this.entries) {
      if (!entry.clear && found.size < most) {
        for (const task of this.#table.inTheWay(entry)) {
          found.add(task);
          if (found.size >= most) {
            break;
          }
        }
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
      follower.#follows ??= [];
      follower.#follows.push(this);
    }
  }

  countClear(cleared: Ticket<T>[]): void {
    this.unclear -= 1;
    if (this.unclear === 0 && !this.released) {
      cleared.push(this);
    }
  }
}

class Entry<T extends object> {
  readonly ticket: Ticket<T>;
  readonly resource: Resource<T>;
  readonly mode: Mode;
  /** Whether no incompatible entry of an earlier place is left, or none was when its ticket was taken. */
  clear = true;
  previous: Entry<T> | undefined;
  next: Entry<T> | undefined;

  constructor(ticket: Ticket<T>, resource: Resource<T>, mode: Mode) {
    this.ticket = ticket;
    this.resource = resource;
    this.mode = mode;
    ticket.entries.push(this);
  }
}

/** The entries of one mode at one resource, in the order of places. */
class EntryList<T extends object> {
  head: Entry<T> | undefined;
  tail: Entry<T> | undefined;
  /** The first that is not clear by its place; all before it are. */
  unclear: Entry<T> | undefined;
  /** Held entries from `unclear` on: an entry of an earlier place came after they were taken. */
  heldBehind: Entry<T>[] | undefined;
  /** The last entry that was not inserted at the end: those that follow it often belong right behind. */
  hint: Entry<T> | undefined;

  insertAfter(previous: Entry<T> | undefined, entry: Entry<T>): void {
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
      this.hint = entry;
    }
  }

  unlink(entry: Entry<T>): void {
    const { previous, next } = entry;
    if (this.unclear === entry) {
      this.unclear = next;
    }
    if (this.hint === entry) {
      this.hint = previous;
    }
    this.dropHeld(entry);
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

  dropHeld(entry: Entry<T>): void {
    const index = this.heldBehind?.indexOf(entry) ?? -1;
    if (index >= 0) {
      this.heldBehind?.splice(index, 1);
    }
  }
}

/** One resource of the tree. */
class Resource<T extends object> {
  readonly lists: (EntryList<T> | undefined)[] = [undefined, undefined, undefined, undefined];
  /** The modes of the ticket that is being added, as bits. */
  markedModes = 0;
  #markedBy: Ticket<T> | undefined;
  readonly #parent: Resource<T> | undefined;
  readonly #segment: string;
  #children: Map<string, Resource<T>> | undefined;

  constructor(parent: Resource<T> | undefined, segment: string) {
    this.#parent = parent;
    this.#segment = segment;
  }

  child(segment: string): Resource<T> {
    this.#children ??= new Map();
    let child = this.#children.get(segment);
    if (child === undefined) {
      child = new Resource(this, segment);
      this.#children.set(segment, child);
    }
    return child;
  }

  mark(ticket: Ticket<T>, mode: Mode, marked: Resource<T>[]): void {
    if (this.#markedBy !== ticket) {
      this.#markedBy = ticket;
      this.markedModes = 0;
      marked.push(this);
    }
    this.markedModes |= 1 << mode;
  }

  listOf(mode: Mode): EntryList<T> {
    const list = this.lists[mode] ?? new EntryList<T>();
    this.lists[mode] = list;
    return list;
  }

  /** Leaves the tree, with those above, where nothing is left in it. */
  prune(): void {
    const isUsed =
      (this.#children?.size ?? 0) > 0 || this.lists.some((list) => list?.head !== undefined);
    if (!isUsed && this.#parent !== undefined) {
      this.#markedBy = undefined;
      this.#parent.#children?.delete(this.#segment);
      this.#parent.prune();
    }
  }
}

/** The modes to enter for a set of them: one that is implied by another of the same ticket is left out. */
function modesOf(bits: number): readonly Mode[] {
  return MODES_BY_BITS[bits] ?? [];
}

const MODES_BY_BITS: readonly (readonly Mode[])[] = Array.from({ length: 16 }, (_, bits) => {
  const has = (mode: Mode): boolean => (bits & (1 << mode)) !== 0;
  if (has(WRITE)) {
    return [WRITE];
  }
  const modes: Mode[] = [];
  if (has(INTENDS_WRITE)) {
    modes.push(INTENDS_WRITE);
  }
  if (has(READ)) {
    modes.push(READ);
  }
  return modes.length === 0 && has(INTENDS_READ) ? [INTENDS_READ] : modes;
});
