/**
 * Runs the tasks of a `map` of which nothing was declared: slots and an index, the same laws as the kernel with the empty case
 * compiled away. Per task there is the promise that the function returned and the one that `then` makes of it; no closure, no
 * record, no look at the clock. What is rare pays: it lowers `#end`, the one number that a slot compares before it goes on.
 *
 * ```
 *   slot: idle -> running -> idle            the function returned or threw
 *                    |
 *                    +-> stopping -> idle    timed out or cancelled, then ended
 *                            |
 *                            +-> abandoned   did not end within the grace; another slot takes its place
 * ```
 */
import type { StopDecision } from "../core/cancel.ts";
import type { Timer } from "../core/clock.ts";
import { callIn } from "../core/context.ts";
import { TimedOutError } from "../core/errors.ts";
import type { Report } from "../core/report/report.ts";
import { reasonOf, type EngineOptions, type MapEngine, type StopCause } from "./map-engine.ts";
import { Intake, type IntakeOwner } from "./map-intake.ts";
import { connectOutside } from "./map-outside.ts";
import { SlotPool } from "./map-pool.ts";
import { Pulse } from "./map-pulse.ts";
import { Reach } from "./map-reach.ts";
import { MapResults } from "./map-results.ts";
import { Retries } from "./map-retries.ts";
import { SlotContext, type Slot, type SlotOwner } from "./map-slot.ts";
import { Timeouts, type TimeoutOwner } from "./map-timeouts.ts";
import { listen, promiseThen } from "./listen.ts";

/** With so many starts for a look at the clock, what it costs is not to be seen, not even beside tasks that do nothing. */
const COARSE = 2048;

/**
 * Runs tasks in slots of its own. What is called for each task is `private` and has no `#`: V8 checks the brand of the object at
 * each call of a method that has.
 */
export class FastMap implements MapEngine, SlotOwner, IntakeOwner, TimeoutOwner {
  readonly #options: EngineOptions;
  readonly #fn: EngineOptions["fn"];
  /** Whether each task gets a context of its own at once. */
  readonly #wantsContext: boolean;
  #values: unknown[] | undefined;
  readonly #pulse: Pulse;
  readonly #timeouts: Timeouts | undefined;
  readonly #retries: Retries;
  readonly #intake = new Intake(this);
  #items: readonly unknown[] | undefined;
  #next = 0;
  /** The first item that may not start yet; 0 while none may. */
  #bound = 0;
  /** Where starts must look up: there, or to look at the clock. */
  #end = 0;
  /** Which item is not to start without a look at the clock. */
  #lookAt = 0;
  readonly #reach: Reach;
  readonly #pool: SlotPool;
  #waking = false;
  #cause: StopCause | undefined;
  readonly #results: MapResults;
  #grace: Timer | undefined;
  #disconnect: (() => void) | undefined;
  #isBegun = false;
  #isEnded = false;

  constructor(options: EngineOptions) {
    const { settings, fn } = options;
    const { clock, timeoutMs } = settings;
    this.#options = options;
    this.#fn = fn;
    this.#wantsContext = fn.length > 1;
    this.#reach = new Reach(options);
    this.#results = new MapResults(options);
    this.#pool = new SlotPool(this, settings.atOnce);
    this.#pulse = new Pulse({ clock, coarse: COARSE, onTurn: () => this.#enter() });
    this.#retries = new Retries(clock, () => this.#enter());
    this.#timeouts = timeoutMs === undefined ? undefined : new Timeouts(settings, timeoutMs, this);
  }

  get busy(): readonly Slot[] {
    return this.#pool.busy;
  }

  get report(): Report {
    return this.#results.report(this.#next - this.#pool.busy.length - this.#retries.size);
  }

  begin(): void {
    this.#isBegun = true;
    this.#results.begin();
    if (this.#cause === undefined) {
      this.#disconnect = connectOutside(this.#options.settings, (cause) => this.stop(cause));
    }
    callIn(this.#options.context, () => {
      if (this.#cause === undefined) {
        this.#open();
      }
      this.#wake();
    });
  }

  resume(): void {
    const { isAsync, isPulling } = this.#intake;
    if (isAsync && isPulling) {
      return; // There is nothing to do before the item comes.
    }
    this.regate();
    // To enter the context is dear.
    if (this.#next < this.#bound && !isPulling && this.#pool.hasFree) {
      this.#enter();
    }
  }

  stop(cause: StopCause): void {
    if (this.#cause !== undefined || this.#isEnded) {
      return;
    }
    this.#cause = cause;
    this.regate();
    if (!this.#isBegun) {
      return;
    }
    const reason = reasonOf(cause);
    for (const job of this.#retries.clear()) {
      this.#results.addCancelled({ index: job.index, attempt: job.attempt - 1 }, reason, false);
    }
    this.#pool.stop({ status: "cancelled", reason });
    const { clock, graceMs } = this.#options.settings;
    if (graceMs < Infinity) {
      this.#grace = clock.schedule(graceMs, () => this.#giveUp());
    }
    callIn(this.#options.context, () => this.#intake.close());
    this.#checkEnd();
  }

  keyOf(index: number): string {
    return this.#options.keyOf(index);
  }

  onReturnOf(slot: Slot): (value: unknown) => void {
    return (value) => {
      const values = this.#values;
      if (values !== undefined && slot.plain) {
        values[slot.index] = value;
      } else if (!this.returned(slot, value)) {
        return;
      }
      this.run(slot);
    };
  }

  onThrow(slot: Slot, error: unknown): void {
    if (this.#threw(slot, error)) {
      this.run(slot);
    }
  }

  /** Lets a free slot work for as long as there is something to start, and it ends at once. */
  private run(slot: Slot): void {
    do {
      while (this.#next < this.#end) {
        const index = this.#next;
        let item: unknown;
        if (this.#items !== undefined) {
          item = this.#items[index];
        } else if (this.#intake.pullSync()) {
          item = this.#intake.pulled;
        } else {
          break;
        }
        this.#next = index + 1;
        slot.index = index;
        if (!this.start(slot, item)) {
          return;
        }
      }
    } while (this.atGate(slot));
  }

  /** Begins an attempt. Returns whether it has ended already, and the slot is free. */
  private start(slot: Slot, item: unknown): boolean {
    slot.item = item;
    const fn = this.#fn;
    let result: unknown;
    try {
      result = fn(item, this.#wantsContext ? new SlotContext(slot, slot.index) : slot.context);
      // As in `isThenable` and `listen`, without looking for `then` three times.
      if (result !== null && (typeof result === "object" || typeof result === "function")) {
        const found: unknown = (result as Partial<PromiseLike<unknown>>).then;
        if (found === promiseThen) {
          (result as Promise<unknown>).then(slot.onReturn, slot.onThrow);
          return false;
        }
        if (typeof found === "function") {
          listen(result as PromiseLike<unknown>, slot.onReturn, slot.onThrow);
          return false;
        }
      }
    } catch (error) {
      return this.#threw(slot, error);
    }
    return this.returned(slot, result);
  }

  /** A free slot has come to the end of what it may start unseen. Returns whether it is free to go on; else it is at work, or rests. */
  private atGate(slot: Slot): boolean {
    if (this.#intake.isAsync || this.#next >= this.#bound) {
      return this.repeatOne(slot);
    }
    const items = this.#items;
    if (items === undefined && !this.#intake.pullSync()) {
      return this.repeatOne(slot);
    }
    const index = this.#next;
    this.#next = index + 1;
    slot.index = index;
    this.#look(slot);
    return this.start(slot, items === undefined ? this.#intake.pulled : items[index]);
  }

  /** Looks at the clock, as an attempt begins, and says when to look again. */
  #look(slot: Slot): void {
    const nowMs = this.#pulse.look();
    this.#lookAt = this.#next + this.#pulse.interval - 1;
    this.regate();
    this.#timeouts?.noteLook(slot, nowMs, this.#pulse);
  }

  /** Repeats a failed attempt, where one is due; else the slot rests. Returns whether it is free. */
  private repeatOne(slot: Slot): boolean {
    const job = this.#retries.due && this.mayStart ? this.#retries.take() : undefined;
    if (job === undefined) {
      this.#pool.rest(slot);
      // While an item is on its way, there is neither more to pull nor an end.
      if (!this.#intake.isPulling) {
        this.pull();
        this.#checkEnd();
      }
      return false;
    }
    slot.index = job.index;
    slot.attempt = job.attempt;
    slot.plain = false;
    this.#look(slot);
    return this.start(slot, job.item);
  }

  /** An attempt has returned. Returns whether its slot is free. */
  private returned(slot: Slot, value: unknown): boolean {
    if (slot.decision !== undefined) {
      return this.#endStopped(slot, slot.decision);
    }
    if (this.#values === undefined) {
      this.#results.addValue(slot, value);
    } else {
      this.#values[slot.index] = value;
    }
    if (!slot.plain) {
      slot.reset();
    }
    return true;
  }

  #threw(slot: Slot, error: unknown): boolean {
    if (slot.decision !== undefined) {
      return this.#endStopped(slot, slot.decision);
    }
    this.#failed(slot, error, false);
    slot.reset();
    return true;
  }

  /** A stopped attempt has ended. Returns whether its slot is free: that of abandoned work is nobody's any more. */
  #endStopped(slot: Slot, decision: StopDecision): boolean {
    if (slot.abandoned) {
      return false;
    }
    this.#conclude(slot, decision, false);
    slot.reset();
    return true;
  }

  #conclude(slot: Slot, decision: StopDecision, abandoned: boolean): void {
    if (decision.status === "failed") {
      this.#failed(slot, decision.error, abandoned);
    } else {
      this.#results.addCancelled(slot, decision.reason, abandoned);
    }
  }

  #failed(slot: Slot, error: unknown, abandoned: boolean): void {
    const { settings } = this.#options;
    if (!abandoned && this.#cause === undefined && this.#retries.accept(slot, error, settings)) {
      return;
    }
    this.#results.noteFailure(slot, error);
    // Before the reader is told, who would make room for the next.
    if (settings.failure === "stop") {
      this.stop({ kind: "failed", error });
    }
    this.#results.addFailure(slot, error, abandoned);
    this.regate();
  }

  private get mayStart(): boolean {
    return this.#cause === undefined && !this.#pulse.paused;
  }

  private regate(): void {
    this.#bound = this.mayStart && !this.#retries.due ? this.#reach.end : 0;
    // Of an async source no slot takes an item by itself.
    this.#end = this.#intake.isAsync ? 0 : Math.min(this.#bound, this.#lookAt);
  }

  /** Goes on in the context in which the run was made, whoever's turn it is. */
  #enter(): void {
    callIn(this.#options.context, () => this.#wake());
  }

  /** Gives free slots work. A call from within joins the one under way, so that nothing grows deep. */
  #wake(): void {
    this.regate();
    if (this.#waking) {
      return;
    }
    this.#waking = true;
    do {
      this.#fillFree();
    } while (this.#widen());
    this.#waking = false;
    this.pull();
    this.#checkEnd();
  }

  #fillFree(): void {
    const mayPull = !this.#intake.isAsync;
    while (
      this.#pool.hasFree &&
      (this.#retries.due ? this.mayStart : mayPull && this.#next < this.#bound)
    ) {
      this.run(this.#pool.take());
    }
  }

  #open(): void {
    const { outbox, settings, source } = this.#options;
    if (!this.#intake.open(source)) {
      return;
    }
    const { items } = this.#intake;
    this.#items = items;
    if (items !== undefined) {
      this.#reach.length = items.length;
      outbox.expect?.(items.length);
    }
    this.#values = settings.settles ? undefined : outbox.values;
  }

  /** Asks for the next item of an async iterable, where there is room for it. */
  private pull(): void {
    const mayPull = this.#intake.isAsync && this.#pool.hasFree;
    if (mayPull && this.#next >= this.#bound) {
      this.regate(); // The reader may have made room while an item was on its way.
    }
    if (mayPull && this.#next < this.#bound) {
      this.#intake.pull();
    }
  }

  onItem(item: unknown): void {
    if (this.#cause !== undefined) {
      this.#checkEnd();
      return;
    }
    const index = this.#next;
    this.#next += 1;
    if (!this.#pool.hasFree) {
      // A repeated attempt has taken the slot meanwhile, rather than wait for a source that may be slow.
      this.#retries.addDue({ index, item, attempt: 1 });
      this.regate();
      return;
    }
    const slot = this.#pool.take();
    slot.index = index;
    if (index >= this.#lookAt) {
      this.#look(slot);
    }
    if (this.start(slot, item)) {
      this.run(slot);
    } else {
      this.pull();
    }
  }

  onSourceEnd(failed: { readonly error: unknown } | undefined): void {
    this.#reach.length = this.#next;
    this.regate();
    if (failed !== undefined && this.#options.settings.failure === "stop") {
      this.stop({ kind: "source", error: failed.error });
    }
  }

  onSourceQuiet(): void {
    this.#checkEnd();
  }

  onTimeout(slot: Slot, timeoutMs: number): void {
    slot.stop({ status: "failed", error: new TimedOutError(slot.key, "timeout", timeoutMs) });
    const { clock, graceMs } = this.#options.settings;
    if (graceMs < Infinity) {
      slot.grace = clock.schedule(graceMs, () => {
        this.#abandon(slot);
        this.#enter();
      });
    }
  }

  onUnwatched(): void {
    this.#lookAt = this.#next;
    this.regate();
  }

  #abandon(slot: Slot): void {
    const { decision } = slot;
    slot.abandoned = true;
    slot.grace?.cancel();
    if (decision !== undefined) {
      this.#conclude(slot, decision, true);
    }
    this.#pool.remove(slot);
  }

  /** The grace of a stopped run is over: nobody waits for tasks and source any more. */
  #giveUp(): void {
    for (const slot of this.#pool.busy) {
      this.#abandon(slot);
    }
    this.#intake.giveUp();
    this.#checkEnd();
  }

  /** Looks whether that was all. */
  #checkEnd(): void {
    if (this.#waking || this.#isEnded || !this.#isQuiet) {
      return;
    }
    if (this.#widen()) {
      this.#wake();
    } else if (this.#cause !== undefined || this.#next >= this.#reach.length) {
      this.#finish();
    }
  }

  get #isQuiet(): boolean {
    return this.#pool.isIdle && !this.#intake.isBusy && this.#retries.size === 0;
  }

  /** Where all that was to be done is done, goes on with more, if there is more. */
  #widen(): boolean {
    const isWider =
      this.#cause === undefined && this.#isQuiet && this.#reach.widen(this.#next, this.#items);
    if (isWider) {
      this.regate();
    }
    return isWider;
  }

  #finish(): void {
    this.#isEnded = true;
    this.#results.end();
    this.#timeouts?.end();
    this.#grace?.cancel();
    this.#disconnect?.();
    this.#options.onEnd({
      cause: this.#cause,
      sourceError: this.#intake.error,
      failures: this.#results.failures,
    });
  }
}
