/** How the tasks in the slots of a `map` ended: told to the outbox, counted, and kept where it is thrown at the end. */
import type { TaskFailure } from "../core/errors.ts";
import type { Report } from "../core/report/report.ts";
import type { EngineOptions } from "./map-engine.ts";

/** A task that has ended. */
export interface EndedTask {
  readonly index: number;
  /** How many attempts were started. */
  readonly attempt: number;
}

/** The results of one run. */
export class MapResults {
  /** The first to happen first; without those that are told as outcomes and stop nothing. */
  readonly failures: TaskFailure[] = [];
  #failed = 0;
  #cancelled = 0;
  #startedMs: number | undefined;
  #endedMs: number | undefined;
  readonly #options: EngineOptions;

  constructor(options: EngineOptions) {
    this.#options = options;
  }

  begin(): void {
    this.#startedMs = this.#options.settings.clock.now();
  }

  end(): void {
    this.#endedMs = this.#options.settings.clock.now();
  }

  /** Values are not counted one by one: they are what is left of all that has ended. */
  report(ended: number): Report {
    const nowMs = this.#endedMs ?? this.#options.settings.clock.now();
    const failed = this.#failed;
    const cancelled = this.#cancelled;
    return {
      wallMs: nowMs - (this.#startedMs ?? nowMs),
      tasks: { completed: ended - failed - cancelled, failed, cancelled, skipped: 0 },
    };
  }

  addValue({ index, attempt }: EndedTask, value: unknown): void {
    const { outbox, settings, keyOf } = this.#options;
    outbox.put(
      index,
      settings.settles
        ? { status: "completed", key: keyOf(index), attempts: attempt, value }
        : value,
    );
  }

  /** Counts a failure and keeps it, before anything is stopped because of it. */
  noteFailure({ index, attempt }: EndedTask, error: unknown): void {
    const { settings, keyOf } = this.#options;
    this.#failed += 1;
    if (!settings.settles || settings.failure === "stop") {
      this.failures.push({ key: keyOf(index), attempt, error });
    }
  }

  addFailure({ index, attempt }: EndedTask, error: unknown, abandoned: boolean): void {
    const key = this.#options.keyOf(index);
    this.#add(index, { status: "failed", key, attempts: attempt, error, abandoned });
  }

  addCancelled({ index, attempt }: EndedTask, reason: unknown, abandoned: boolean): void {
    const key = this.#options.keyOf(index);
    this.#cancelled += 1;
    this.#add(index, { status: "cancelled", key, attempts: attempt, reason, abandoned });
  }

  #add(index: number, outcome: object): void {
    const { outbox, settings } = this.#options;
    if (settings.settles) {
      outbox.put(index, outcome);
    } else {
      outbox.leaveOut(index);
    }
  }
}
