/** How far the tasks of a run are, from its events. */
import type { RunEvent } from "../core/event.ts";

/** A task that has not ended. */
interface OpenTask {
  readonly key: string;
  /** Whether it was started inside another: a part of that one, whatever it is called. */
  readonly isInside: boolean;
  readonly hasBegun: boolean;
}

/** Counts tasks that have ended, and knows what runs. */
export class TaskCount {
  readonly #open = new Map<number, OpenTask>();
  #ended = 0;

  /** How many have ended, but for those inside of others. */
  get ended(): number {
    return this.#ended;
  }

  /** What runs, by name, with what runs inside of it; tasks of one name once. */
  get running(): readonly string[] {
    const begun = [...this.#open.values()].filter(({ hasBegun }) => hasBegun);
    return [...new Set(begun.map(({ key }) => key))];
  }

  /** Takes notice of an event. */
  see(event: RunEvent): void {
    if (event.type === "task-added") {
      const { key, parentTaskId } = event;
      this.#open.set(event.taskId, { key, isInside: parentTaskId !== undefined, hasBegun: false });
      return;
    }
    const task = "taskId" in event ? this.#open.get(event.taskId) : undefined;
    if (task === undefined || !("taskId" in event)) {
      return;
    }
    if (event.type === "attempt-started") {
      this.#open.set(event.taskId, { ...task, hasBegun: true });
    } else if (event.type === "task-settled") {
      this.#open.delete(event.taskId);
      this.#ended += task.isInside ? 0 : 1;
    }
  }
}
