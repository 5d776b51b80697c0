/** Where every task of a run is, from its events alone. */
import type { RunEvent, TaskAddedEvent, WaitReason } from "../core/event.ts";
import type { OutcomeStatus, SkipCause } from "../core/outcome.ts";

/** Where one task is. */
export interface TaskProgress {
  readonly id: number;
  readonly key: string;
  readonly parentId: number | undefined;
  /** The tasks that it comes after. */
  readonly after: readonly number[];
  /** How it ended; `running` also while it waits for the tasks that it started. */
  state: "waiting" | "running" | OutcomeStatus;
  /** What it waits for; undefined while it does not, or nothing keeps it. */
  wait:
    | {
        readonly reason: WaitReason;
        readonly on: readonly number[];
        readonly limit?: string | undefined;
      }
    | undefined;
  startedAtMs: number | undefined;
  settledAtMs: number | undefined;
  value: unknown;
  error: unknown;
  because: SkipCause | undefined;
  /** The tasks that it started, in that order. */
  readonly children: TaskProgress[];
}

/** The tasks of one run. */
export class Progress {
  readonly #tasks = new Map<number, TaskProgress>();
  readonly #top: TaskProgress[] = [];

  /** The tasks that no other started, in the order of adding. */
  get top(): readonly TaskProgress[] {
    return this.#top;
  }

  task(id: number): TaskProgress | undefined {
    return this.#tasks.get(id);
  }

  /** Takes an event, and returns the task that it was about. */
  apply(event: RunEvent): TaskProgress | undefined {
    if (event.type === "task-added") {
      return this.#add(event);
    }
    const task = "taskId" in event ? this.#tasks.get(event.taskId) : undefined;
    if (task === undefined) {
      return undefined;
    }
    if (event.type === "task-waiting") {
      task.state = "waiting";
      task.wait = event;
    } else if (event.type === "attempt-started") {
      task.state = "running";
      task.wait = undefined;
      task.startedAtMs ??= event.atMs;
    } else if (event.type === "attempt-retrying") {
      task.state = "waiting";
      task.wait = { reason: "retry", on: [] };
    } else if (event.type === "task-settled") {
      task.state = event.status;
      task.wait = undefined;
      task.settledAtMs = event.atMs;
      task.value = event.value;
      task.error = event.error;
      task.because = event.because;
    }
    return task;
  }

  #add({ taskId: id, key, after, parentTaskId: parentId }: TaskAddedEvent): TaskProgress {
    const task = newTask({ id, key, parentId, after });
    this.#tasks.set(id, task);
    const parent = parentId === undefined ? undefined : this.#tasks.get(parentId);
    (parent?.children ?? this.#top).push(task);
    return task;
  }
}

/** A task that has just been added. */
export function newTask(
  added: Pick<TaskProgress, "id" | "key" | "parentId" | "after">,
): TaskProgress {
  return {
    ...added,
    state: "waiting",
    wait: undefined,
    startedAtMs: undefined,
    settledAtMs: undefined,
    value: undefined,
    error: undefined,
    because: undefined,
    children: [],
  };
}

/** Whether a task has its outcome. */
export function isSettled({ state }: TaskProgress): boolean {
  return state !== "waiting" && state !== "running";
}
