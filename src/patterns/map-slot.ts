/** A slot of a `map`, and the context of the task in it. */
import { abortReason } from "../core/abort-reason.ts";
import type { Timer } from "../core/clock.ts";
import type { StopDecision } from "../core/cancel.ts";
import { spentAmounts } from "../core/task-context.ts";
import { causeOf } from "../core/task-record.ts";
import type { Cost } from "../core/task.ts";
import type { MapContext } from "./map-options.ts";

/** Who hears how the task in a slot ends. */
export interface SlotOwner {
  keyOf(index: number): string;
  /** What takes what the tasks in a slot return: no call lies between, as that is all that is called for most tasks. */
  onReturnOf(slot: Slot): (value: unknown) => void;
  onThrow(slot: Slot, error: unknown): void;
}

/** One of the tasks that run at once. Its two continuations are made once, and serve every task that it runs. */
export class Slot {
  index = 0;
  /** What is handed to the attempt, and to those that repeat it. */
  item: unknown = undefined;
  /** Whether it is a first attempt that nothing has stopped: then its end needs no look at what follows. */
  plain = true;
  attempt = 1;
  /** When an attempt began, and of which item; another one than that which runs where the clock was not read for it. */
  startedMs = 0;
  startedIndex = -1;
  /** What stopped the attempt before it ended by itself. Its result is then dropped. */
  decision: StopDecision | undefined = undefined;
  /** Whether the attempt was given up. The slot never runs anything again. */
  abandoned = false;
  /** Until the attempt is given up. */
  grace: Timer | undefined = undefined;
  /** What tasks are handed whose function declares no parameter for it. */
  context: SlotContext;
  /** That whose signal was read last. */
  signalled: SlotContext | undefined = undefined;
  /** While it rests: the one that has rested for longer. */
  nextIdle: Slot | undefined = undefined;
  readonly onReturn: (value: unknown) => void;
  readonly onThrow: (error: unknown) => void;
  readonly #owner: SlotOwner;

  constructor(owner: SlotOwner) {
    this.#owner = owner;
    this.onReturn = owner.onReturnOf(this);
    this.onThrow = (error) => owner.onThrow(this, error);
    this.context = new SlotContext(this, -1);
  }

  get key(): string {
    return this.keyOf(this.index);
  }

  keyOf(index: number): string {
    return this.#owner.keyOf(index);
  }

  /** Tells the attempt to stop. */
  stop(decision: StopDecision): void {
    this.plain = false;
    this.decision = decision;
    this.signalled?.stop();
  }

  /** The attempt has ended: the next is a first one, of another item. */
  reset(): void {
    this.plain = true;
    this.attempt = 1;
    this.decision = undefined;
    this.grace?.cancel();
    this.grace = undefined;
  }
}

/**
 * What a task is handed. Where a function declares no parameter for it, one object serves every task of the slot, until it is
 * touched: it then belongs to that task, and the slot has another. No slot holds one of the others before its signal is read, as
 * it would be garbage that the collector has to look for in an old object.
 */
export class SlotContext implements MapContext {
  readonly #slot: Slot;
  /** -1 until it belongs to a task. */
  #index: number;
  #attempt: number;
  #controller: AbortController | undefined = undefined;

  constructor(slot: Slot, index: number) {
    this.#slot = slot;
    this.#index = index;
    this.#attempt = slot.attempt;
  }

  get index(): number {
    this.#belong();
    return this.#index;
  }

  get attempt(): number {
    this.#belong();
    return this.#attempt;
  }

  get key(): string {
    this.#belong();
    return this.#slot.keyOf(this.#index);
  }

  get signal(): AbortSignal {
    this.#belong();
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#runs) {
        this.#slot.signalled = this;
        this.stop();
      }
    }
    return this.#controller.signal;
  }

  spend(spent: Cost): void {
    spentAmounts(this.key, spent); // Checked, and counted by nobody: slots of its own have no limit that does.
  }

  /** Aborts its signal, if its attempt is the one that runs, and was stopped. */
  stop(): void {
    const { decision } = this.#slot;
    if (decision !== undefined && this.#runs) {
      this.#controller?.abort(abortReason(this.key, causeOf(decision)));
    }
  }

  get #runs(): boolean {
    return this.#slot.index === this.#index && this.#slot.attempt === this.#attempt;
  }

  #belong(): void {
    if (this.#index < 0) {
      const slot = this.#slot;
      this.#index = slot.index;
      this.#attempt = slot.attempt;
      slot.context = new SlotContext(slot, -1);
    }
  }
}
