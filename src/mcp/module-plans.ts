/** Plans whose modules run in this process. What one of them throws later cannot be told from what the others do: it cancels all. */
import { runsModules } from "../plan/plan-graph.ts";
import type { Plan } from "../plan/plan.ts";

/** Those that are under way. */
export class ModulePlans {
  readonly #open = new Set<AbortController>();
  /** Whether a module has run: what it left behind in this process stays there. */
  hasRun = false;

  /** Runs a plan with a signal that {@link cancelAll} aborts as well, where it has modules. */
  async run<T>(
    plan: Plan,
    signal: AbortSignal,
    use: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    if (!runsModules(plan)) {
      return await use(signal);
    }
    this.hasRun = true;
    const controller = new AbortController();
    this.#open.add(controller);
    try {
      return await use(AbortSignal.any([signal, controller.signal]));
    } finally {
      this.#open.delete(controller);
    }
  }

  /** Cancels all, and returns how many. */
  cancelAll(reason: unknown): number {
    const { size } = this.#open;
    this.#open.forEach((controller) => controller.abort(reason));
    return size;
  }
}
