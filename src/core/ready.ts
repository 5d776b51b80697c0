/** The tasks of a run whose dependencies and claims are done: they take their place in line, and start, when the code that runs now has ended. */
import type { Kernel } from "./kernel.ts";
import type { Limit } from "./limits/limit.ts";
import { enqueue } from "./limits/line.ts";
import { startWaiting } from "./limits/start-waiting.ts";
import { noteLimited } from "./notes.ts";
import { TaskRecord } from "./task-record.ts";

/** Tasks that wait for their slots as one. */
interface ReadyGroup {
  readonly limits: readonly Limit[];
  enterLine(): void;
}

const NO_LIMITS: readonly Limit[] = [];

/** With more than this many places the list is not kept: it would outlive a burst for the rest of the run. */
const MOST_KEPT = 256;

/** Those that are ready, in the order in which they became so. */
export class Ready {
  readonly #kernel: Kernel;
  #list: (TaskRecord | ReadyGroup | undefined)[] = [];
  /** How many they are: the list keeps its places, as one that is emptied for each task is made anew for each. */
  #count = 0;
  /** Those of them that need no slot, the last first. */
  readonly #free: TaskRecord[] = [];
  /** Whether they will be started without anybody asking. */
  #scheduled = false;
  #starting = false;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** Whether nobody is ready, and nobody is being started. */
  get isQuiet(): boolean {
    return this.#count === 0 && !this.#starting;
  }

  /** Notes who is ready to stand in line. */
  push(ready: TaskRecord | ReadyGroup): void {
    this.#list[this.#count] = ready;
    this.#count += 1;
    if (!this.#scheduled) {
      this.#scheduled = true;
      queueMicrotask(this.drain);
    }
  }

  /** Says that {@link drain} will be called: what becomes ready until then needs nobody else to start it. */
  expectDrain(): void {
    this.#scheduled = true;
  }

  /** Starts what has become ready: those that need slots take their place in line first, then slots are handed out. */
  readonly drain = (): void => {
    this.#scheduled = true; // Those that become ready meanwhile are seen.
    const limits = this.#enterLine();
    this.#scheduled = false;
    startWaiting(limits);
    if (!this.#starting) {
      this.#starting = true;
      for (let record = this.#free.pop(); record !== undefined; record = this.#free.pop()) {
        if (record.queued) {
          record.queued = false;
          this.#kernel.begin(record);
        }
      }
      this.#starting = false;
    }
    this.#kernel.checkStalled();
  };

  /** Puts those that are ready in line. Returns the limits that they wait for. */
  #enterLine(): readonly Limit[] {
    let limits = NO_LIMITS;
    let all: Set<Limit> | undefined;
    let free: TaskRecord[] | undefined;
    // The loop also sees those that are added while it runs, as it makes records for who listens since a moment ago.
    for (let at = 0; at < this.#count; at += 1) {
      const each = this.#list[at] as TaskRecord | ReadyGroup; // Those up to the count are there.
      this.#list[at] = undefined;
      if (!(each instanceof TaskRecord)) {
        each.enterLine();
      } else if (each.queued && each.limits.length === 0) {
        free ??= [];
        free.push(each);
      } else if (each.queued) {
        enqueue(each);
        noteLimited(this.#kernel.options.log, each);
      }
      if (limits.length === 0) {
        limits = each.limits;
      } else if (limits !== each.limits) {
        // Nearly all tasks of a run share one list.
        all ??= new Set(limits);
        each.limits.forEach((limit) => all?.add(limit));
      }
    }
    this.#count = 0;
    if (this.#list.length > MOST_KEPT) {
      this.#list = [];
    }
    for (let record = free?.pop(); record !== undefined; record = free?.pop()) {
      this.#free.push(record);
    }
    return all === undefined ? limits : [...all];
  }
}
