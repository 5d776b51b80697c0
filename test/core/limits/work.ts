/** Tasks that take time on a clock and note when they start. */
import type { Clock, TaskContext } from "../../../src/index.ts";

export function sleep(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => void clock.schedule(ms, resolve));
}

/** Makes tasks that take `durationMs`, and the list of the times at which they start. */
export function timed(
  clock: Clock,
  durationMs = 0,
): { readonly starts: number[]; readonly task: (ctx: TaskContext) => Promise<string> } {
  const starts: number[] = [];
  return {
    starts,
    task: async ({ key }) => {
      starts.push(clock.now());
      await sleep(clock, durationMs);
      return key;
    },
  };
}

/** The error of a client whose request was answered with a status and headers. */
export function answered(status: number, headers: object = {}): Error {
  return Object.assign(new Error(`status ${status}`), { status, headers });
}
