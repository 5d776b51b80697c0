/** The least that can map at a limit: slots with a function each, made once, that take the next item as their last one ends. */
import type { MapInput } from "./input.ts";
export function run({ items, task }: MapInput, limit: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const { length } = items;
    // oxlint-disable-next-line unicorn/no-new-array -- the least: nothing is written before it is there
    const results: number[] = new Array(length);
    let next = 0;
    let idle = 0;
    const startSlot = (): void => {
      let current = 0;
      const onReturn = (value: number): void => {
        results[current] = value;
        runNext();
      };
      const runNext = (): void => {
        if (next < length) {
          current = next;
          next += 1;
          task(items[current] as number).then(onReturn, reject);
          return;
        }
        idle += 1;
        if (idle === limit) resolve(results.length);
      };
      runNext();
    };
    for (let slot = 0; slot < limit; slot += 1) startSlot();
  });
}
