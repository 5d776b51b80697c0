/**
 * The timeouts of all slots of a `map`, by one timer: a timer for each task would cost more than the task. Where the clock was not
 * read when an attempt began, the attempt counts from the next look; looks are then an eighth of the timeout apart.
 */
import type { Clock, Timer } from "../core/clock.ts";
import type { Pulse } from "./map-pulse.ts";
import type { Slot } from "./map-slot.ts";

/** Whose attempts are watched. */
export interface TimeoutOwner {
  readonly busy: readonly Slot[];
  onTimeout(slot: Slot, timeoutMs: number): void;
  /** Nothing is watched any more: the next attempt that begins is to be told of. */
  onUnwatched(): void;
}

/** Watches the attempts that run. */
export class Timeouts {
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #owner: TimeoutOwner;
  #timer: Timer | undefined;
  /** Whether starts are so many that not all of them have their time. */
  #coarse = false;

  constructor({ clock }: { readonly clock: Clock }, timeoutMs: number, owner: TimeoutOwner) {
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
    this.#owner = owner;
  }

  /** An attempt begins at `nowMs`. */
  note(slot: Slot, nowMs: number): void {
    slot.startedMs = nowMs;
    slot.startedIndex = slot.index;
    if (this.#timer === undefined) {
      this.#schedule(this.#timeoutMs);
    }
  }

  /** An attempt begins at `nowMs`; starts may have become too many to read the clock for each. */
  noteLook(slot: Slot, nowMs: number, { exact }: Pulse): void {
    this.note(slot, nowMs);
    if (!exact && !this.#coarse) {
      this.#coarse = true;
      this.#timer?.cancel();
      this.#schedule(this.#stepMs);
    }
  }

  end(): void {
    this.#timer?.cancel();
  }

  get #stepMs(): number {
    return Math.max(1, this.#timeoutMs / 8);
  }

  #schedule(delayMs: number): void {
    this.#timer = this.#clock.schedule(delayMs, () => this.#look());
  }

  #look(): void {
    const nowMs = this.#clock.now();
    const isCoarse = this.#coarse;
    this.#coarse = false;
    let nextMs = Infinity;
    for (const slot of this.#owner.busy) {
      if (slot.decision !== undefined) {
        continue;
      }
      if (slot.startedIndex !== slot.index) {
        this.note(slot, nowMs);
      }
      const dueMs = slot.startedMs + this.#timeoutMs;
      if (dueMs <= nowMs) {
        this.#owner.onTimeout(slot, this.#timeoutMs);
      } else {
        nextMs = Math.min(nextMs, dueMs);
      }
    }
    // A slot that was refilled just now has had its time noted since.
    this.#coarse ||= isCoarse && nextMs < Infinity;
    this.#timer = undefined;
    if (nextMs < Infinity) {
      this.#schedule(Math.min(nextMs - nowMs, this.#coarse ? this.#stepMs : Infinity));
    } else {
      this.#owner.onUnwatched();
    }
  }
}
