/** A toolbox as its turns see it: checked, with all defaults filled in. */
import type { Budget } from "../core/budget/budget.ts";
import type { Kernel } from "../core/kernel.ts";
import type { Limit } from "../core/limits/limit.ts";
import type { CallNames } from "./call-log.ts";
import type { SharedWork } from "./shared-work.ts";
import type { Tool } from "./tool.ts";
import type { Approve } from "./turn.ts";

/** What the turns of a toolbox share. */
export interface ToolboxSettings {
  readonly tools: ReadonlyMap<string, Tool>;
  readonly root: string;
  /** The run of all turns that are not within another. */
  readonly kernel: Kernel;
  /** That of the toolbox, if it has one. */
  readonly limits: readonly Limit[];
  /** Those of the toolbox. */
  readonly budgets: readonly Budget[];
  readonly timeoutMs: number | undefined;
  readonly graceMs: number | undefined;
  readonly approve: Approve | undefined;
  readonly maxResultBytes: number;
  readonly resultFolder: string;
  /** By run: turns may be within others than that of the toolbox. */
  readonly names: WeakMap<Kernel, CallNames>;
  /** The limits of tools that gave a number. */
  readonly ownLimits: ReadonlyMap<Tool, Limit>;
  /** What the turns that are open have to share. */
  readonly shared: Set<SharedWork>;
  /** Counts the calls at work. */
  readonly work: WorkCount;
}

/** How many calls are at work, and who waits until none is. */
export class WorkCount {
  #open = 0;
  #writing = 0;
  #writes = 0;
  #waiting: (() => void)[] = [];

  add(): void {
    this.#open += 1;
  }

  end(): void {
    this.#open -= 1;
    if (this.#open === 0) {
      for (const resolve of this.#waiting.splice(0)) {
        resolve();
      }
    }
  }

  /** A call with side effects begins. Returns what is to be called when it has ended. */
  beginWrite(): () => void {
    this.#writing += 1;
    this.#writes += 1;
    return () => {
      this.#writing -= 1;
    };
  }

  /**
   * A mark of this moment: two are equal when no call with side effects was at work in between. While one is, it is `NaN`, which equals no other.
   */
  mark(): number {
    return this.#writing > 0 ? NaN : this.#writes;
  }

  async idle(): Promise<void> {
    if (this.#open > 0) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    }
  }
}
