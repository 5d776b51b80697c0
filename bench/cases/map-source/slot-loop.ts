/** The least that can map an async source: one pull at a time, only while a slot is free; results are handed to a function. */
import type { SourceInput } from "./input.ts";

export function run({ source, task }: SourceInput, limit: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const items = source();
    let free = limit;
    let isPulling = false;
    let isOver = false;
    let count = 0;
    const onResult = (value: number): void => {
      count += value < 0 ? 0 : 1;
    };
    const pull = (): void => {
      if (isPulling || isOver || free === 0) {
        if (isOver && free === limit) resolve(count);
        return;
      }
      isPulling = true;
      items.next().then(onItem, reject);
    };
    const onItem = ({ done, value }: IteratorResult<number, void>): void => {
      isPulling = false;
      if (done === true) {
        isOver = true;
      } else {
        free -= 1;
        task(value).then(onReturn, reject);
      }
      pull();
    };
    const onReturn = (value: number): void => {
      onResult(value);
      free += 1;
      pull();
    };
    pull();
  });
}
