/** The resources that are claimed, and those above them, as a tree. A name that is known costs one look-up. */
import type { ClaimLists } from "./claim-lists.ts";
import { READ, type Mode } from "./claim-mode.ts";
import type { Ticket } from "./claim-ticket.ts";
import { EVERYTHING } from "./resource.ts";

/** A resource that is claimed, or above one. */
export class Resource<T extends object> {
  readonly name: string;
  readonly parent: Resource<T> | undefined;
  /** Its children, the latest first, as an intrusive list. */
  firstChild: Resource<T> | undefined;
  next: Resource<T> | undefined;
  previous: Resource<T> | undefined;
  /** The one ticket that claims it, while no other claims anything at or below it. */
  lone: Ticket<T> | undefined;
  /** What that one does with it. */
  mode: Mode = READ;
  /** The resource that the same ticket claimed alone before this one. */
  earlier: Resource<T> | undefined;
  /** The claims at and below it, once some of them have met here. */
  lists: ClaimLists<T> | undefined;

  constructor(parent: Resource<T> | undefined, name: string) {
    this.parent = parent;
    this.name = name;
  }

  /** Whether anything at or below it is claimed. */
  get isUsed(): boolean {
    return this.lone !== undefined || this.firstChild !== undefined || (this.lists?.size ?? 0) > 0;
  }

  /** Notes a claim that meets no other. */
  note(ticket: Ticket<T>, mode: Mode): void {
    this.lone = ticket;
    this.mode = mode;
    this.earlier = ticket.alone;
    ticket.alone = this;
  }
}

/** The resources in use. */
export class ResourceTree<T extends object> {
  readonly #top = new Resource<T>(undefined, EVERYTHING);
  readonly #byName = new Map<string, Resource<T>>();

  /** How many resources it knows, without the one above all. */
  get size(): number {
    return this.#byName.size;
  }

  /** Finds a resource by its name, or enters it with those above it. */
  find(name: string): Resource<T> {
    return name === EVERYTHING ? this.#top : (this.#byName.get(name) ?? this.#enter(name));
  }

  /** Forgets a resource and those above it as far as nothing at or below them is claimed. */
  prune(resource: Resource<T>): void {
    let at: Resource<T> | undefined = resource;
    while (at !== undefined && !at.isUsed) {
      at.lists = undefined;
      if (at.parent !== undefined) {
        this.#byName.delete(at.name);
        unlink(at, at.parent);
      }
      at = at.parent;
    }
  }

  #enter(name: string): Resource<T> {
    let parent: Resource<T> | undefined;
    let end = name.length;
    while (parent === undefined) {
      end = name.lastIndexOf("/", end - 1);
      parent = end < 0 ? this.#top : this.#byName.get(name.slice(0, end));
    }
    while (parent.name !== name) {
      end = name.indexOf("/", end + 1);
      const child: Resource<T> = new Resource(parent, end < 0 ? name : name.slice(0, end));
      this.#byName.set(child.name, child);
      link(child, parent);
      parent = child;
    }
    return parent;
  }
}

/** All resources below one, depth first. */
export function* resourcesBelow<T extends object>(top: Resource<T>): Generator<Resource<T>> {
  let at: Resource<T> | undefined = top.firstChild;
  while (at !== undefined) {
    yield at;
    let after: Resource<T> | undefined = at.firstChild;
    while (after === undefined && at !== undefined && at !== top) {
      after = at.next;
      at = at.parent;
    }
    at = after;
  }
}

function link<T extends object>(child: Resource<T>, parent: Resource<T>): void {
  const next = parent.firstChild;
  child.next = next;
  if (next !== undefined) {
    next.previous = child;
  }
  parent.firstChild = child;
}

function unlink<T extends object>({ previous, next }: Resource<T>, parent: Resource<T>): void {
  if (previous === undefined) {
    parent.firstChild = next;
  } else {
    previous.next = next;
  }
  if (next !== undefined) {
    next.previous = previous;
  }
}
