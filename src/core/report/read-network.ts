/** Reads the activity network of a run off its event log. */
import type { RunEvent } from "../event.ts";
import { addEdge, type Point } from "./network.ts";
import type { TaskRow } from "./timings.ts";
import { beginWait, endWait, newTrack, type Track } from "./track.ts";

type EventOf<T extends RunEvent["type"]> = Extract<RunEvent, { readonly type: T }>;
type TrackEvent = Exclude<
  Extract<RunEvent, { readonly taskId: number }>,
  { readonly type: "task-added" }
>;

/** The name of the limit that a run has to itself, as by `limit: 4`: nobody else gives slots of it back. */
const OWN_LIMIT = "run";

/** A log to read. */
export interface NetworkLog {
  readonly events: readonly RunEvent[];
  /** Until when what is unfinished goes on. */
  readonly nowMs: number;
  /** Whether the tasks at the top come from outside, when they come: nothing of the run is the reason why not sooner. */
  readonly isOpen: boolean;
}

/** Reads the network. */
export function readNetwork(
  { events, nowMs, isOpen }: NetworkLog,
  rows: ReadonlyMap<number, TaskRow>,
): readonly Point[] {
  const reader = new NetworkReader(rows, isOpen);
  for (const event of events) {
    reader.read(event);
  }
  reader.end(nowMs);
  return reader.points;
}

class NetworkReader {
  readonly points: Point[] = [];
  readonly #rows: ReadonlyMap<number, TaskRow>;
  /** By the number of the task. */
  readonly #tracks: (Track | undefined)[] = [];
  readonly #root = newTrack();
  readonly #isOpen: boolean;
  /** What tasks failed with. */
  readonly #failures = new Set<unknown>();

  constructor(rows: ReadonlyMap<number, TaskRow>, isOpen: boolean) {
    this.#rows = rows;
    this.#isOpen = isOpen;
  }

  read(event: RunEvent): void {
    if (event.type === "task-added") {
      this.#add(event);
    } else if ("taskId" in event) {
      const track = this.#tracks[event.taskId];
      if (track !== undefined) {
        this.#apply(track, event);
      }
    }
  }

  end(nowMs: number): void {
    for (const track of this.#tracks) {
      if (track !== undefined && track.state !== "settled") {
        this.#settle(track, nowMs);
      }
    }
  }

  #add({ taskId, atMs, parentTaskId, enabledBy, limits }: EventOf<"task-added">): void {
    const track = newTrack(this.#rows.get(taskId), limits[0]?.name);
    this.#tracks[taskId] = track;
    const parent = this.#track(parentTaskId) ?? this.#root;
    const isGiven = this.#isOpen && parent === this.#root;
    const point = this.#point(track, atMs, isGiven ? atMs : 0);
    track.last = point;
    link(point, parent, "order");
    link(point, this.#track(enabledBy), "order");
    if (isGiven) {
      return;
    }
    // Of the code around it nothing is known but that there was no more to do, or no room, before the last of these had ended.
    if (enabledBy === undefined && parent.state !== "running" && parent.lastChild !== undefined) {
      addEdge(point, parent.lastChild, 0, "slot");
    }
  }

  #apply(track: Track, event: TrackEvent): void {
    const { atMs } = event;
    switch (event.type) {
      case "task-waiting":
        beginWait(track, atMs, event.reason, event.limit);
        return;
      case "attempt-started":
        this.#start(track, event);
        return;
      case "attempt-paused":
        this.#move(track, atMs, "paused");
        beginWait(track, atMs, event.mutex === undefined ? undefined : "mutex");
        return;
      case "attempt-resumed":
        this.#resume(track, event);
        return;
      case "attempt-completed":
      case "attempt-failed":
      case "attempt-abandoned":
        this.#move(track, atMs, "ended");
        return;
      case "task-settled":
        this.#settle(track, atMs);
        this.#noteFailure(track, event);
        return;
      case "attempt-retrying":
        track.state = "waiting"; // It settles later than that attempt has ended, also where no other begins.
        return;
      case "claims-narrowed":
      case "task-progressed":
    }
  }

  #start(track: Track, { atMs, attempt, enabledBy }: EventOf<"attempt-started">): void {
    if (track.limit === OWN_LIMIT && enabledBy === undefined) {
      // A slot was free: whoever started before it took their time.
      track.reason = undefined;
      track.limit = undefined;
    }
    const point = this.#move(track, atMs, "running");
    if (attempt === 1) {
      point.kind = "began";
      this.#linkAll(point, track.row?.after);
    }
    link(point, this.#track(enabledBy), "slot");
  }

  #resume(track: Track, { atMs, after, enabledBy }: EventOf<"attempt-resumed">): void {
    if (track.reason === "mutex" && (after ?? []).length === 0) {
      track.delayMs = atMs - track.sinceMs; // Nobody of this run had it.
    }
    const tookBack = enabledBy !== undefined && enabledBy !== after?.at(-1);
    if (tookBack) {
      track.reason = "limit";
      track.limit = track.ownLimit;
    }
    const point = this.#move(track, atMs, "running");
    this.#linkAll(point, after);
    if (tookBack) {
      link(point, this.#track(enabledBy), "slot");
    }
  }

  #settle(track: Track, atMs: number): void {
    const isNew = track.state !== "ended" || track.childEnds !== undefined;
    const point = isNew || track.last === undefined ? this.#move(track, atMs, "ended") : track.last;
    point.kind = "settled";
    if (track.row?.startedAtMs === undefined) {
      this.#linkAll(point, track.row?.after);
    }
    track.state = "settled";
    const parent = this.#track(track.row?.parentTaskId) ?? this.#root;
    parent.lastChild = point;
    if (parent !== this.#root) {
      parent.childEnds ??= [];
      parent.childEnds.push(point);
    }
  }

  /** The failure of a task ends others that never ran: the run has not waited with them, however late they are told. */
  #noteFailure({ row, last }: Track, { status, error }: EventOf<"task-settled">): void {
    if (status === "failed") {
      this.#failures.add(error);
    } else if (
      status === "cancelled" &&
      row?.startedAtMs === undefined &&
      last !== undefined &&
      this.#failures.has(error)
    ) {
      last.kind = "moved";
    }
  }

  /** A point where a task begins to run, or ceases to. It ends only after its children. */
  #move(track: Track, atMs: number, state: Track["state"]): Point {
    endWait(track, atMs);
    const point = this.#point(track, atMs);
    if (track.state === "running") {
      link(point, track, "order");
    } else if (track.last !== undefined) {
      addEdge(point, track.last, track.delayMs, "order");
    }
    if (state === "ended") {
      track.childEnds?.forEach((from) => addEdge(point, from, 0, "order"));
      track.childEnds = undefined;
    }
    track.state = state;
    track.last = point;
    track.reason = undefined;
    track.limit = undefined;
    track.cause = undefined;
    track.causeMs = 0;
    track.delayMs = 0;
    return point;
  }

  #point({ row, state, last, cause, limit }: Track, atMs: number, givenMs = 0): Point {
    const point: Point = {
      index: this.points.length,
      atMs,
      givenMs,
      row: row as TaskRow, // All but the root, which has no points, have one.
      kind: last === undefined ? "added" : "moved",
      reason: state === "running" ? undefined : cause,
      limit: state === "running" ? undefined : limit,
      edges: undefined,
      binding: undefined,
    };
    this.points.push(point);
    return point;
  }

  #linkAll(point: Point, taskIds: readonly number[] = []): void {
    for (const taskId of taskIds) {
      link(point, this.#track(taskId), "order");
    }
  }

  #track(taskId: number | undefined): Track | undefined {
    return taskId === undefined ? undefined : this.#tracks[taskId];
  }
}

/** A point comes after where another task is: in the middle of its running, or at its last point. */
function link(point: Point, track: Track | undefined, kind: "order" | "slot"): void {
  if (track?.last === undefined) {
    return;
  }
  const { last: from, state } = track;
  if (state !== "running") {
    addEdge(point, from, 0, kind);
  } else if (kind === "order") {
    addEdge(point, from, point.atMs - from.atMs, "run");
  } // A task that runs has given no slot back.
}
