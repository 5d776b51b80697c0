/** The slots of a run: made when first needed, as most limits are never reached. */
import { Slot, type SlotOwner } from "./map-slot.ts";

/** At most so many slots. */
export class SlotPool {
  readonly #owner: SlotOwner;
  readonly #size: number;
  readonly #slots: Slot[] = [];
  readonly #idle: Slot[] = [];

  constructor(owner: SlotOwner, size: number) {
    this.#owner = owner;
    this.#size = size;
  }

  get isIdle(): boolean {
    return this.#idle.length === this.#slots.length;
  }

  get hasFree(): boolean {
    return this.#idle.length > 0 || this.#slots.length < this.#size;
  }

  /** Those that are at work. */
  get busy(): readonly Slot[] {
    const idle = new Set(this.#idle);
    return this.#slots.filter((slot) => !idle.has(slot));
  }

  /** Takes a free slot. There is one. */
  take(): Slot {
    const idle = this.#idle.pop();
    if (idle !== undefined) {
      return idle;
    }
    const slot = new Slot(this.#owner);
    this.#slots.push(slot);
    return slot;
  }

  /** The slot has nothing to do. */
  rest(slot: Slot): void {
    this.#idle.push(slot);
  }

  /** Another is to take the place of this one. */
  remove(slot: Slot): void {
    this.#slots.splice(this.#slots.indexOf(slot), 1);
  }
}
