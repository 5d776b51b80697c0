/** What happens to the calls of a turn, read off the events of the run that they are in. */
import type { RunEvent, TaskAddedEvent } from "../core/event.ts";
import type { Kernel } from "../core/kernel.ts";
import { conflict, type CallClaims } from "./call-claims.ts";
import type { CallWait } from "./result.ts";

/** What is known of one call. Times are those of its run, in milliseconds since its start. */
export interface CallTimes {
  readonly id: string;
  /** The calls whose outputs it uses. */
  readonly after: readonly string[];
  claims: CallClaims;
  attempts: number;
  queuedMs: number;
  runMs: number;
  readonly waits: CallWait[];
  /** Until when it is counted: it waits, or runs, since then. */
  sinceMs: number;
  /** What it is doing. */
  doing: "waiting" | "running" | "nothing";
  waitsFor: Omit<CallWait, "ms"> | undefined;
}

/** The names of calls that others may wait for: by task, over all turns of a toolbox in one run. */
export type CallNames = Map<number, string>;

/** Shorter waits say nothing: a call that finds its way free is in line for a moment too. */
const LEAST_WAIT_MS = 1;

/** The log of one turn. */
export class CallLog {
  readonly #events: RunEvent[] = [];
  readonly #kernel: Kernel;
  readonly #names: CallNames;
  readonly #calls = new Map<number, CallTimes>();
  /** Tasks inside the calls. */
  readonly #inside = new Set<number>();
  #stop: (() => void) | undefined;
  #adding: { id: string; taskId: number | undefined } | undefined;

  constructor(kernel: Kernel, names: CallNames) {
    this.#kernel = kernel;
    this.#names = names;
  }

  /** Runs `add`, which adds the task of a call; its events belong to it from the first. */
  adding<T>(id: string, add: () => T): { readonly value: T; readonly times: CallTimes } {
    this.#stop ??= this.#kernel.options.log.listen((event) => this.#see(event));
    const adding = { id, taskId: undefined as number | undefined };
    this.#adding = adding;
    try {
      const value = add();
      const times = this.#calls.get(adding.taskId ?? -1) as CallTimes; // `add` has added it.
      return { value, times };
    } finally {
      this.#adding = undefined;
    }
  }

  /** All events, counted from a moment, and how long they took from there: to the last, or to now while something is under way. */
  eventsFrom(startMs: number): { readonly events: readonly RunEvent[]; readonly wallMs: number } {
    const isUnderWay = [...this.#calls.values()].some(({ doing }) => doing !== "nothing");
    const endMs = isUnderWay ? this.nowMs : (this.#events.at(-1)?.atMs ?? startMs);
    const events = this.#events.map((event) => ({ ...event, atMs: event.atMs - startMs }));
    return { events, wallMs: endMs - startMs };
  }

  /** What is known of a call now, with what is under way counted up to this moment. */
  read(times: CallTimes): Pick<CallTimes, "attempts" | "queuedMs" | "runMs" | "waits"> {
    const now = { ...times, waits: [...times.waits] };
    count(now, this.nowMs);
    const { attempts, queuedMs, runMs, waits } = now;
    return { attempts, queuedMs, runMs, waits: waits.filter(({ ms }) => ms >= LEAST_WAIT_MS) };
  }

  /** A call has ended: nobody else will wait for it. */
  forget(taskId: number): void {
    this.#names.delete(taskId);
  }

  /** The time of the run. */
  get nowMs(): number {
    const { log } = this.#kernel.options;
    return this.#kernel.now() - log.startedAtMs;
  }

  /** Nothing more will happen in the turn. */
  close(): void {
    this.#stop?.();
    this.#stop = undefined;
  }

  #see(event: RunEvent): void {
    if (!("taskId" in event)) {
      return;
    }
    if (event.type === "task-added") {
      this.#seeAdded(event);
      return;
    }
    const times = this.#calls.get(event.taskId);
    if (times !== undefined) {
      this.#events.push(event);
      this.#apply(times, event);
    } else if (this.#inside.has(event.taskId)) {
      this.#events.push(event);
    }
  }

  #seeAdded(event: TaskAddedEvent): void {
    const { taskId, parentTaskId = -1, after, atMs } = event;
    if (this.#adding !== undefined && this.#adding.taskId === undefined) {
      this.#adding.taskId = taskId;
      this.#names.set(taskId, this.#adding.id);
      // To the turn it is a task at the top.
      this.#events.push({ ...event, parentTaskId: undefined });
      this.#calls.set(taskId, {
        id: this.#adding.id,
        after: this.#idsOf(after),
        claims: event,
        attempts: 0,
        queuedMs: 0,
        runMs: 0,
        waits: [],
        sinceMs: atMs,
        doing: "waiting",
        waitsFor: undefined,
      });
    } else if (this.#calls.has(parentTaskId) || this.#inside.has(parentTaskId)) {
      this.#inside.add(taskId);
      this.#events.push(event);
    }
  }

  #apply(times: CallTimes, event: Exclude<RunEvent, TaskAddedEvent>): void {
    switch (event.type) {
      case "claims-narrowed":
        times.claims = { reads: event.reads, writes: event.writes, exclusive: false };
        return;
      case "task-waiting": {
        const { reason, limit } = event;
        const on = reason === "dependency" ? times.after : this.#idsOf(event.on);
        this.#turnTo(times, event.atMs, "waiting", { reason, on, limit });
        return;
      }
      case "attempt-started":
        times.attempts = event.attempt;
        this.#noteLast(times, event.enabledBy);
        this.#turnTo(times, event.atMs, "running");
        return;
      case "attempt-retrying":
        this.#turnTo(times, event.atMs, "waiting", { reason: "retry", on: [], limit: undefined });
        return;
      case "attempt-completed":
      case "attempt-failed":
      case "attempt-abandoned":
      case "task-settled":
        this.#turnTo(times, event.atMs, "nothing");
        return;
      default:
    }
  }

  /** While it waited for claims others may have come into its way than at first: the last of them let it go on. */
  #noteLast(times: CallTimes, taskId: number | undefined): void {
    const { waits, waitsFor } = times;
    const last = this.#calls.get(taskId ?? -1);
    if (last === undefined || !conflict(last.claims, times.claims)) {
      return; // It only gave a slot back.
    }
    const index = waits.findLastIndex(({ reason }) => reason === "claim");
    const wait = waitsFor?.reason === "claim" ? waitsFor : waits[index];
    if (wait === undefined) {
      return;
    }
    const on = [...new Set([...wait.on, last.id])];
    if (wait === waitsFor) {
      times.waitsFor = { ...waitsFor, on };
    } else {
      waits[index] = { ...(wait as CallWait), on };
    }
  }

  /** The ids of calls, as far as they are known. */
  #idsOf(taskIds: readonly number[]): readonly string[] {
    return taskIds.flatMap(
      (taskId) => this.#calls.get(taskId)?.id ?? this.#names.get(taskId) ?? [],
    );
  }

  #turnTo(
    times: CallTimes,
    atMs: number,
    doing: CallTimes["doing"],
    waitsFor?: CallTimes["waitsFor"],
  ): void {
    count(times, atMs);
    times.doing = doing;
    times.waitsFor = waitsFor;
  }
}

/** Counts what a call has been doing until now. */
function count(times: CallTimes, nowMs: number): void {
  const ms = nowMs - times.sinceMs;
  times.sinceMs = nowMs;
  switch (times.doing) {
    case "waiting":
      times.queuedMs += ms;
      if (times.waitsFor !== undefined) {
        times.waits.push({ ...times.waitsFor, ms });
      }
      return;
    case "running":
      times.runMs += ms;
      return;
    case "nothing":
  }
}
