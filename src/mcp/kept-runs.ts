/** Runs that outlive the call that started them: under way, and the last that have ended. */
import { shown } from "./given.ts";
import { Refusal } from "./refusal.ts";
import type { Standing } from "./batch-run.ts";
import type { Shown } from "./shown-result.ts";
import type { Work } from "./works.ts";

/** How many may be under way at once. */
const MOST_RUNNING = 20;

/** How many that have ended are kept, the last ones: each no larger than a result. */
const MOST_ENDED = 20;

/** One run. */
export interface KeptRun {
  readonly id: string;
  readonly startedAtMs: number;
  readonly standing: Standing;
  /** What came of it; undefined while it is under way. */
  readonly shown: Shown | undefined;
  /** Resolves when it has ended. */
  readonly ended: Promise<void>;
  cancel(reason: string): void;
}

/** The runs of a server. */
export class KeptRuns {
  readonly #runs = new Map<string, KeptRun>();
  #count = 0;

  /**
   * Starts a run.
   *
   * @throws Refusal - when too many are under way
   */
  start(work: Work): KeptRun {
    const open = [...this.#runs.values()].filter(({ shown }) => shown === undefined);
    if (open.length >= MOST_RUNNING) {
      const ids = open.map(({ id }) => id).join(", ");
      throw new Refusal(
        `${MOST_RUNNING} runs are under way, which is the most there may be: wait for one, or cancel one of ${ids}`,
      );
    }
    this.#count += 1;
    const id = `r${this.#count}`;
    const controller = new AbortController();
    let shown: Shown | undefined;
    const end = async (): Promise<void> => {
      shown = await work.run(id, controller.signal).catch(failed);
      this.#dropOld();
    };
    const run: KeptRun = {
      id,
      startedAtMs: work.startedAtMs,
      get standing() {
        return work.standing();
      },
      get shown() {
        return shown;
      },
      ended: end(),
      cancel: (reason) => controller.abort(reason),
    };
    this.#runs.set(id, run);
    return run;
  }

  /**
   * The run of that id.
   *
   * @throws Refusal - when there is none, or none any more
   */
  get(id: unknown): KeptRun {
    const run = typeof id === "string" ? this.#runs.get(id) : undefined;
    if (run === undefined) {
      const known = [...this.#runs.keys()].join(", ") || "none";
      throw new Refusal(
        `There is no run ${shown(id)}. Known are: ${known}; of those that have ended the last ${MOST_ENDED} are kept`,
      );
    }
    return run;
  }

  /** Cancels all, and resolves when all have ended. */
  async close(reason: string): Promise<void> {
    const runs = [...this.#runs.values()];
    runs.forEach((run) => run.cancel(reason));
    await Promise.all(runs.map(async ({ ended }) => await ended));
  }

  #dropOld(): void {
    const ended = [...this.#runs.values()].filter(({ shown }) => shown !== undefined);
    for (const { id } of ended.slice(0, Math.max(0, ended.length - MOST_ENDED))) {
      this.#runs.delete(id);
    }
  }
}

function failed(error: unknown): Shown {
  const text = error instanceof Error ? error.message : String(error);
  const data = {
    status: "failed",
    summary: text,
    wallMs: 0,
    sequentialMs: 0,
    speedup: 1,
    steps: [],
  };
  return { text, data };
}
