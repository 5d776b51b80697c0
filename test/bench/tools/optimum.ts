/** The shortest schedule of few calls of the same length, by trying all: an oracle. */
import type { Edge } from "../../../bench/tools/call.ts";

/** How many steps are needed where at most `width` calls run in a step, and for each edge the earlier call in an earlier one. */
export function optimum(count: number, edges: readonly Edge[], width: number): number {
  let best = count; // One after another.
  const steps: number[] = [];
  const place = (index: number): void => {
    if (index === count) {
      best = Math.min(best, Math.max(0, ...steps.map((step) => step + 1)));
      return;
    }
    for (let step = 0; step < count; step += 1) {
      const isFull = steps.slice(0, index).filter((each) => each === step).length >= width;
      const isEarly = edges.some(([i, j]) => j === index && (steps[i] ?? 0) >= step);
      if (!isFull && !isEarly) {
        steps[index] = step;
        place(index + 1);
        steps.length = index;
      }
    }
  };
  place(0);
  return best;
}
