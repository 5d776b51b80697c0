/** The least that can run functions at a limit: slots that take the next function as their last one ends. */
import type { NoOperation } from "./input.ts";

export function run(functions: readonly NoOperation[], limit: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const results: number[] = Array.from({ length: functions.length });
    let next = 0;
    let pending = functions.length;
    const end = (index: number, value: number): void => {
      results[index] = value;
      pending -= 1;
      if (pending === 0) resolve(results.length);
      else runNext();
    };
    const runNext = (): void => {
      const index = next;
      const task = functions[index];
      if (task === undefined) return;
      next += 1;
      task().then((value) => end(index, value), reject);
    };
    for (let slot = 0; slot < limit; slot += 1) runNext();
  });
}
