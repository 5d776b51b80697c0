/** The slots of a run: made when first needed, as most limits are never reached. */
import type { StopDecision } from "../core/cancel.ts";
import { Slot, type SlotOwner } from "./map-slot.ts";

/** At most so many slots. */
export class SlotPool {
  readonly #owner: SlotOwner;
  readonly #size: number;
  /** How many are at work. */
  #atWork = 0;
  readonly #slots: Slot[] = [];
  /** The one that has rested for the shortest time; each knows the next. */
  #idle: Slot | undefined;

  constructor(owner: SlotOwner, size: number) {
    this.#owner = owner;
    this.#size = size;
  }

  get isIdle(): boolean {
    return this.#atWork === 0;
  }

  get hasFree(): boolean {
    return this.#atWork < this.#size;
  }

  /** Those that are at work. */
  get busy(): readonly Slot[] {
    const idle = new Set<Slot>();
    for (let slot = this.#idle; slot !== undefined; slot = slot.nextIdle) {
      idle.add(slot);
    }
    return this.#slots.filter((slot) => !idle.has(slot));
  }

  /** Takes a free slot. There is one. */
  take(): Slot {
    this.#atWork += 1;
    const idle = this.#idle;
    if (idle !== undefined) {
      this.#idle = idle.nextIdle;
      return idle;
    }
    const slot = new Slot(this.#owner);
    this.#slots.push(slot);
    return slot;
  }

  /** Stops all that are at work, and are not yet to stop. */
  stop(decision: StopDecision): void {
    for (const slot of this.busy) {
      if (slot.decision === undefined) {
        slot.stop(decision);
      }
    }
  }

  /** The slot has nothing to do. */
  rest(slot: Slot): void {
    this.#atWork -= 1;
    slot.nextIdle = this.#idle;
    this.#idle = slot;
  }

  /** Another is to take the place of this one. */
  remove(slot: Slot): void {
    this.#atWork -= 1;
    this.#slots.splice(this.#slots.indexOf(slot), 1);
  }
}
