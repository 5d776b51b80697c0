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
import { TimedOutError, type TaskFailure } from "../core/errors.ts";
import type { Outcome } from "../core/outcome.ts";
import type { Report } from "../core/report/report.ts";
import { reasonOf, type EngineOptions, type MapEngine, type StopCause } from "./map-engine.ts";
import { Feed } from "./map-feed.ts";
import { Pulse } from "./map-pulse.ts";
import { Retries } from "./map-retries.ts";
import { Slot, SlotContext, type SlotOwner } from "./map-slot.ts";
import { Timeouts } from "./map-timeouts.ts";
import { isThenable, listen, promiseThen } from "./thenable.ts";

/** Runs tasks in slots of its own. */
export class FastMap implements MapEngine, SlotOwner {
  readonly #options: EngineOptions;
  readonly #fn: EngineOptions["fn"];
  /** Whether each task gets a context of its own at once. */
  readonly #wantsContext: boolean;
  #values: unknown[] | undefined;
  /** How many starts until the next look at the clock. */
  #countdown = 1;
  readonly #pulse: Pulse;
  readonly #timeouts: Timeouts | undefined;
  readonly #retries: Retries;
  #feed: Feed | undefined;
  #items: readonly unknown[] | undefined;
  #next = 0;
  /** Where starts must look up: at the end of the source, of the window, of the group; 0 while nothing may start. */
  #end = 0;
  #sourceEnd = Infinity;
  #groupEnd: number;
  readonly #slots: Slot[] = [];
  readonly #idle: Slot[] = [];
  #pulling = false;
  #pulled: unknown;
  #closing = false;
  #waking = false;
  #cause: StopCause | undefined;
  #sourceError: { readonly error: unknown } | undefined;
  readonly #failures: TaskFailure[] = [];
  readonly #counts = { failed: 0, cancelled: 0, skipped: 0 };
  #grace: Timer | undefined;
  #disconnect: (() => void) | undefined;
  #startedMs: number | undefined;
  #endedMs: number | undefined;

  constructor(options: EngineOptions) {
    const { settings, fn } = options;
    const { clock, timeoutMs } = settings;
    this.#options = options;
    this.#fn = fn;
    this.#wantsContext = fn.length > 1;
    this.#groupEnd = settings.batch;
    this.#pulse = new Pulse(clock, () => this.#enter());
    this.#retries = new Retries(clock, () => this.#enter());
    this.#timeouts =
      timeoutMs === undefined
        ? undefined
        : new Timeouts({
            clock,
            timeoutMs,
            busy: () => this.#busy(),
            onTimeout: (slot) => this.#timeOut(slot, timeoutMs),
          });
  }

  get report(): Report {
    const nowMs = this.#endedMs ?? this.#options.settings.clock.now();
    const done = this.#next - this.#busy().length - this.#retries.size;
    const { failed, cancelled, skipped } = this.#counts;
    return {
      wallMs: nowMs - (this.#startedMs ?? nowMs),
      tasks: { completed: done - failed - cancelled, failed, cancelled, skipped },
    };
  }

  begin(): void {
    const { settings, source } = this.#options;
    this.#startedMs = settings.clock.now();
    if (this.#cause === undefined) {
      this.#connect();
    }
    callIn(this.#options.context, () => {
      if (this.#cause === undefined) {
        this.#open(source);
      }
      this.#wake();
    });
  }

  resume(): void {
    this.#regate();
    if (this.#next < this.#end && this.#hasFree()) {
      this.#enter();
    }
  }

  stop(cause: StopCause): void {
    if (this.#cause !== undefined || this.#endedMs !== undefined) {
      return;
    }
    this.#cause = cause;
    this.#regate();
    if (this.#startedMs === undefined) {
      return;
    }
    const reason = reasonOf(cause);
    for (const job of this.#retries.clear()) {
      this.#cancelled({ ...job, attempts: job.attempt - 1 }, reason, false);
    }
    for (const slot of this.#busy()) {
      if (slot.decision === undefined) {
        slot.stop({ status: "cancelled", reason });
      }
    }
    const { clock, graceMs } = this.#options.settings;
    if (graceMs < Infinity) {
      this.#grace = clock.schedule(graceMs, () => this.#giveUp());
    }
    callIn(this.#options.context, () => this.#close());
    this.#checkEnd();
  }

  keyOf(index: number): string {
    return this.#options.keyOf(index);
  }

  onReturn(slot: Slot, value: unknown): void {
    if (!slot.plain) {
      if (!this.#endSpecial(slot, value)) {
        return;
      }
    } else if (this.#values !== undefined) {
      this.#values[slot.index] = value;
    } else {
      this.#put(slot, value);
    }
    this.run(slot);
  }

  onThrow(slot: Slot, error: unknown): void {
    if (this.#threw(slot, error)) {
      this.run(slot);
    }
  }

  // The next two are not private, as V8 checks the brand of the object at each call of a private method.

  /** Lets a free slot work for as long as there is something to start, and it ends at once. */
  run(slot: Slot): void {
    do {
      while (this.#next < this.#end) {
        const index = this.#next;
        let item: unknown;
        if (this.#items !== undefined) {
          item = this.#items[index];
        } else if (this.#pullSync()) {
          item = this.#pulled;
        } else {
          break;
        }
        this.#next = index + 1;
        slot.index = index;
        if (!this.start(slot, item)) {
          return;
        }
      }
    } while (this.#repeatOne(slot));
  }

  /** Begins an attempt. Returns whether it has ended already, and the slot is free. */
  start(slot: Slot, item: unknown): boolean {
    slot.item = item;
    this.#countdown -= 1;
    if (this.#countdown === 0) {
      this.#look(slot);
    }
    const fn = this.#fn;
    let result: unknown;
    try {
      result = fn(item, this.#wantsContext ? new SlotContext(slot, slot.index) : slot.context);
      // As in `listen` and `isThenable`, without looking for `then` three times.
      if (result !== null && (typeof result === "object" || typeof result === "function")) {
        const found: unknown = (result as Partial<PromiseLike<unknown>>).then;
        if (found === promiseThen) {
          // oxlint-disable-next-line typescript/no-floating-promises -- as in `listen`
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
    if (slot.plain) {
      this.#deliver(slot, result);
      return true;
    }
    return this.#endSpecial(slot, result);
  }

  /** Looks at the clock, as an attempt begins. */
  #look(slot: Slot): void {
    const nowMs = this.#pulse.look();
    this.#countdown = this.#pulse.interval;
    if (this.#pulse.paused) {
      this.#regate();
    }
    this.#timeouts?.note(slot, nowMs);
    if (!this.#pulse.exact) {
      this.#timeouts?.noteCoarse();
    }
  }

  /** Repeats a failed attempt, where one is due; else the slot rests. Returns whether it is free. */
  #repeatOne(slot: Slot): boolean {
    const job = this.#mayStart ? this.#retries.take() : undefined;
    if (job === undefined) {
      this.#idle.push(slot);
      this.#pull();
      this.#checkEnd();
      return false;
    }
    this.#regate();
    slot.index = job.index;
    slot.attempt = job.attempt;
    slot.plain = false;
    return this.start(slot, job.item);
  }

  #deliver(slot: Slot, value: unknown): void {
    const values = this.#values;
    if (values !== undefined) {
      values[slot.index] = value;
    } else {
      this.#put(slot, value);
    }
  }

  #put({ index, key, attempt }: Slot, value: unknown): void {
    const { outbox, settings } = this.#options;
    outbox.put(
      index,
      settings.settles ? { status: "completed", key, attempts: attempt, value } : value,
    );
  }

  #threw(slot: Slot, error: unknown): boolean {
    if (slot.decision !== undefined) {
      return this.#endStopped(slot, slot.decision);
    }
    this.#failed(slot, error, false);
    slot.reset();
    return true;
  }

  /** A repeated or a stopped attempt has returned. Returns whether its slot is free. */
  #endSpecial(slot: Slot, value: unknown): boolean {
    if (slot.decision !== undefined) {
      return this.#endStopped(slot, slot.decision);
    }
    this.#deliver(slot, value);
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
      const { index, attempt } = slot;
      this.#cancelled({ index, attempts: attempt }, decision.reason, abandoned);
    }
  }

  #failed(slot: Slot, error: unknown, abandoned: boolean): void {
    const { settings } = this.#options;
    const { index, key, attempt } = slot;
    if (!abandoned && this.#cause === undefined && this.#retries.accept(slot, error, settings)) {
      return;
    }
    this.#counts.failed += 1;
    if (!settings.settles || settings.failure === "stop") {
      this.#failures.push({ key, attempt, error });
    }
    // Before the reader is told, who would make room for the next.
    if (settings.failure === "stop") {
      this.stop({ kind: "failed", error });
    }
    if (settings.settles) {
      this.#tell(index, { status: "failed", key, attempts: attempt, error, abandoned });
    } else {
      this.#leaveOut(index);
    }
  }

  #cancelled(
    { index, attempts }: { readonly index: number; readonly attempts: number },
    reason: unknown,
    abandoned: boolean,
  ): void {
    this.#counts.cancelled += 1;
    if (this.#options.settings.settles) {
      const key = this.keyOf(index);
      this.#tell(index, { status: "cancelled", key, attempts, reason, abandoned });
    } else {
      this.#leaveOut(index);
    }
  }

  #tell(index: number, outcome: Outcome<unknown>): void {
    this.#options.outbox.put(index, outcome);
  }

  #leaveOut(index: number): void {
    this.#options.outbox.leaveOut(index);
    this.#regate();
  }

  get #mayStart(): boolean {
    return this.#cause === undefined && !this.#pulse.paused;
  }

  #regate(): void {
    let end = 0;
    if (this.#mayStart && !this.#retries.due) {
      const { outbox, settings } = this.#options;
      const windowEnd = outbox.freed + settings.window;
      end = this.#sourceEnd;
      end = windowEnd < end ? windowEnd : end;
      end = this.#groupEnd < end ? this.#groupEnd : end;
    }
    this.#end = end;
  }

  /** Goes on in the context in which the run was made, whoever's turn it is. */
  #enter(): void {
    callIn(this.#options.context, () => this.#wake());
  }

  /** Gives free slots work. A call from within joins the one under way, so that nothing grows deep. */
  #wake(): void {
    this.#regate();
    if (this.#waking) {
      return;
    }
    this.#waking = true;
    do {
      this.#fillFree();
    } while (this.#widen());
    this.#waking = false;
    this.#pull();
    this.#checkEnd();
  }

  #fillFree(): void {
    while ((this.#next < this.#end && !this.#isAsync) || (this.#mayStart && this.#retries.due)) {
      if (!this.#hasFree()) {
        return;
      }
      this.run(this.#takeFree());
    }
  }

  /** Whether a slot is free that is not kept for the item on its way. */
  #hasFree(): boolean {
    const free = this.#idle.length + this.#options.settings.atOnce - this.#slots.length;
    return free > (this.#pulling ? 1 : 0);
  }

  #takeFree(): Slot {
    const idle = this.#idle.pop();
    if (idle !== undefined) {
      return idle;
    }
    const slot = new Slot(this);
    this.#slots.push(slot);
    return slot;
  }

  #busy(): readonly Slot[] {
    const idle = new Set(this.#idle);
    return this.#slots.filter((slot) => !idle.has(slot));
  }

  #open(source: EngineOptions["source"]): void {
    const { outbox, settings } = this.#options;
    try {
      this.#feed = new Feed(source);
    } catch (error) {
      this.#sourceFailed(error);
      return;
    }
    this.#items = this.#feed.items;
    if (this.#items !== undefined) {
      this.#sourceEnd = this.#items.length;
      outbox.expect?.(this.#sourceEnd);
    }
    this.#values = settings.settles ? undefined : outbox.values;
  }

  get #isAsync(): boolean {
    return this.#feed?.async !== undefined;
  }

  /** Takes the next item of an iterable. Returns false where there is none, or none yet. */
  #pullSync(): boolean {
    const sync = this.#feed?.sync;
    if (sync === undefined) {
      return false;
    }
    this.#pulling = true;
    try {
      const step = sync.next();
      this.#pulling = false;
      if (step.done === true) {
        this.#sourceEnded();
        return false;
      }
      this.#pulled = step.value;
    } catch (error) {
      this.#pulling = false;
      this.#sourceFailed(error);
      return false;
    }
    if (this.#cause !== undefined) {
      this.#close(); // The source itself has stopped the run: it could not be closed while it ran.
      return false;
    }
    return true;
  }

  /** Asks an async iterable for its next item, where there is room for it. One at a time: not every source can do more. */
  #pull(): void {
    const feed = this.#feed;
    if (feed?.async === undefined || this.#next >= this.#end || this.#pulling || !this.#hasFree()) {
      return;
    }
    this.#pulling = true;
    try {
      listen(feed.async.next(), this.#onItem, this.#onSourceThrow);
    } catch (error) {
      this.#onSourceThrow(error);
    }
  }

  readonly #onItem = (step: unknown): void => {
    const { done, value } = step as IteratorResult<unknown>; // The protocol of iterators.
    this.#pulling = false;
    if (done === true) {
      this.#sourceEnded();
      this.#checkEnd();
      return;
    }
    if (this.#cause !== undefined) {
      this.#checkEnd();
      return;
    }
    const slot = this.#takeFree();
    slot.index = this.#next;
    this.#next += 1;
    if (this.start(slot, value)) {
      this.run(slot);
    } else {
      this.#pull();
    }
  };

  readonly #onSourceThrow = (error: unknown): void => {
    this.#pulling = false;
    this.#sourceFailed(error);
    this.#checkEnd();
  };

  #sourceEnded(): void {
    this.#feed?.noteEnd();
    this.#sourceEnd = this.#next;
    this.#regate();
  }

  #sourceFailed(error: unknown): void {
    this.#sourceError ??= { error };
    this.#sourceEnded();
    if (this.#options.settings.failure === "stop") {
      this.stop({ kind: "source", error });
    }
  }

  /** Closes the source, unless it is just being asked: then afterwards. */
  #close(): void {
    if (this.#feed === undefined || (this.#pulling && !this.#isAsync)) {
      return;
    }
    const ended = (): void => {
      this.#closing = false;
      this.#checkEnd();
    };
    const failed = (error: unknown): void => {
      this.#sourceError ??= { error };
      ended();
    };
    try {
      const closed = this.#feed.close();
      if (isThenable(closed)) {
        this.#closing = true;
        listen(closed, ended, failed);
      }
    } catch (error) {
      failed(error);
    }
  }

  #timeOut(slot: Slot, timeoutMs: number): void {
    slot.stop({ status: "failed", error: new TimedOutError(slot.key, "timeout", timeoutMs) });
    const { clock, graceMs } = this.#options.settings;
    if (graceMs < Infinity) {
      slot.grace = clock.schedule(graceMs, () => {
        this.#abandon(slot);
        this.#enter();
      });
    }
  }

  #abandon(slot: Slot): void {
    const { decision } = slot;
    slot.abandoned = true;
    slot.grace?.cancel();
    if (decision !== undefined) {
      this.#conclude(slot, decision, true);
    }
    this.#slots.splice(this.#slots.indexOf(slot), 1);
  }

  /** The grace of a stopped run is over: nobody waits for tasks and source any more. */
  #giveUp(): void {
    for (const slot of this.#busy()) {
      this.#abandon(slot);
    }
    this.#pulling = false;
    this.#closing = false;
    this.#checkEnd();
  }

  /** One abort listener and one deadline for the whole run. */
  #connect(): void {
    const { name, clock, options } = this.#options.settings;
    const { signal, deadlineMs } = options;
    const onAbort = (): void => this.stop({ kind: "cancelled", reason: signal?.reason });
    if (signal?.aborted === true) {
      onAbort();
      return;
    }
    signal?.addEventListener("abort", onAbort, { once: true });
    const timer =
      deadlineMs === undefined
        ? undefined
        : clock.schedule(deadlineMs, () =>
            this.stop({ kind: "ended", error: new TimedOutError(name, "deadline", deadlineMs) }),
          );
    this.#disconnect = () => {
      timer?.cancel();
      signal?.removeEventListener("abort", onAbort);
    };
  }

  /** Looks whether that was all. */
  #checkEnd(): void {
    if (this.#waking || this.#endedMs !== undefined || !this.#isQuiet) {
      return;
    }
    if (this.#widen()) {
      this.#wake();
    } else if (this.#cause !== undefined || this.#next >= this.#sourceEnd) {
      this.#finish();
    }
  }

  get #isQuiet(): boolean {
    const isBusy = this.#idle.length < this.#slots.length || this.#pulling || this.#closing;
    return !isBusy && this.#retries.size === 0;
  }

  /** Where all that was to be done is done, lets the next group begin; or, like an iterator, reads an array on that has grown. */
  #widen(): boolean {
    if (this.#cause !== undefined || !this.#isQuiet) {
      return false;
    }
    if (this.#items !== undefined && this.#items.length > this.#sourceEnd) {
      this.#sourceEnd = this.#items.length;
    } else if (this.#next >= this.#groupEnd && this.#next < this.#sourceEnd) {
      this.#groupEnd += this.#options.settings.batch;
    } else {
      return false;
    }
    this.#regate();
    return true;
  }

  #finish(): void {
    const { settings, onEnd } = this.#options;
    this.#endedMs = settings.clock.now();
    this.#timeouts?.end();
    this.#grace?.cancel();
    this.#disconnect?.();
    onEnd({ cause: this.#cause, sourceError: this.#sourceError, failures: this.#failures });
  }
}
