/** The resources that are claimed, and those above them, as a tree. A name that is known costs one look-up. */
import type { ClaimLists } from "./claim-lists.ts";
import { READ, type Mode } from "./claim-mode.ts";
import type { Ticket } from "./claim-ticket.ts";
import { EVERYTHING } from "./resource.ts";

/** So many that are out of use may be kept, and as many more as are in use: the same files are claimed again and again. */
const MOST_IDLE = 256;

/** A resource that is claimed, or above one, or was. */
export class Resource<T extends object> {
  readonly name: string;
  readonly parent: Resource<T> | undefined;
  /** Its children, the latest first, as an intrusive list. */
  firstChild: Resource<T> | undefined;
  next: Resource<T> | undefined;
  /** How many of its children are in use. */
  usedChildren = 0;
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
    return this.lone !== undefined || this.usedChildren > 0 || (this.lists?.size ?? 0) > 0;
  }
}

/** The resources in use, and some that were. */
export class ResourceTree<T extends object> {
  readonly #top = new Resource<T>(undefined, EVERYTHING);
  readonly #byName = new Map<string, Resource<T>>();
  /** How many of them are out of use. */
  #idle = 0;

  /** How many resources are in use, without the one above all. */
  get size(): number {
    return this.#byName.size - this.#idle;
  }

  /** Finds a resource by its name, or enters it with those above it. */
  find(name: string): Resource<T> {
    return name === EVERYTHING ? this.#top : (this.#byName.get(name) ?? this.#enter(name));
  }

  /** Notes the claim of a resource that is not in use: it meets no other. */
  note(resource: Resource<T>, ticket: Ticket<T>, mode: Mode): void {
    let isNew = !resource.isUsed;
    resource.lone = ticket;
    resource.mode = mode;
    resource.earlier = ticket.alone;
    ticket.alone = resource;
    for (let at = resource; isNew && at.parent !== undefined; at = at.parent) {
      isNew = !at.parent.isUsed;
      at.parent.usedChildren += 1;
      this.#idle -= 1;
    }
  }

  /** A claim at a resource has ended. Those that are out of use because of that are forgotten, some time. */
  leave(resource: Resource<T>): void {
    let at: Resource<T> | undefined = resource;
    while (at !== undefined && !at.isUsed) {
      at.lists = undefined;
      if (at.parent !== undefined) {
        at.parent.usedChildren -= 1;
        this.#idle += 1;
      }
      at = at.parent;
    }
    if (this.#idle > MOST_IDLE + this.size) {
      this.#forgetIdle();
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
      this.#idle += 1;
      link(child, parent);
      parent = child;
    }
    return parent;
  }

  #forgetIdle(): void {
    const used = [...this.#byName.values()].filter(({ isUsed }) => isUsed);
    this.#top.firstChild = undefined;
    for (const each of used) {
      each.firstChild = undefined;
    }
    this.#byName.clear();
    this.#idle = 0;
    for (const each of used) {
      this.#byName.set(each.name, each);
      if (each.parent !== undefined) {
        link(each, each.parent);
      }
    }
  }
}

/** All resources in use below one, depth first. */
export function* resourcesBelow<T extends object>(top: Resource<T>): Generator<Resource<T>> {
  let at: Resource<T> | undefined = top.firstChild;
  while (at !== undefined) {
    if (at.isUsed) {
      yield at;
    }
    let after: Resource<T> | undefined = at.usedChildren > 0 ? at.firstChild : undefined;
    while (after === undefined && at !== undefined && at !== top) {
      after = at.next;
      at = at.parent;
    }
    at = after;
  }
}

function link<T extends object>(child: Resource<T>, parent: Resource<T>): void {
  child.next = parent.firstChild;
  parent.firstChild = child;
}
