/** A run without a body: it stays open, and tasks are added to it from outside for as long as it is kept. */
import { EventLog } from "./event-log.ts";
import { inProcess } from "./executor.ts";
import { Kernel } from "./kernel.ts";
import { plainSpec } from "./plain-spec.ts";
import type { RunOptions } from "./run-options.ts";
import { systemClock } from "./clock.ts";
import { waitForInside } from "./waits.ts";

/** The options of a run that stays open. */
export type OpenRunOptions = Pick<RunOptions, "name" | "graceMs" | "observe" | "clock">;

/**
 * Opens a run. A failure touches only the task itself and those after it. When nothing in it can move any more, tasks that wait for abandoned work
 * are skipped as in any run. There is nothing to close: without tasks it holds nothing but memory, and that only as long as it is referred to.
 */
export function openRun(options: OpenRunOptions): Kernel {
  const { clock = systemClock, name = "run" } = options;
  const log = new EventLog({ clock, keep: false, observe: options.observe });
  const kernel: Kernel = new Kernel(
    {
      clock,
      log,
      executor: inProcess,
      onAbandon: "release",
      agingMs: 30_000,
      plainSpec: plainSpec(options, "continue"),
    },
    {
      key: name,
      run() {
        waitForInside(kernel, kernel.root);
        return new Promise<never>(() => {
          // It has no end of its own.
        });
      },
    },
  );
  kernel.begin(kernel.root);
  return kernel;
}
