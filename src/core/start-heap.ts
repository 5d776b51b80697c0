/** A binary heap in start order, the first of all in front. */
import { startsBefore, type StartRank } from "./start-order.ts";

/** Lets the item at `from` rise to its place in the heap. */
export function rise(heap: (StartRank | undefined)[], from: number): void {
  const item = heap[from];
  let index = from;
  while (index > 0) {
    const parent = (index - 1) >> 1;
    if (!before(item, heap[parent])) {
      break;
    }
    heap[index] = heap[parent];
    index = parent;
  }
  heap[index] = item;
}

/** Puts `item` in the place of the first and lets it sink. */
export function sink<T extends StartRank>(heap: (T | undefined)[], item: T | undefined): void {
  const { length } = heap;
  let index = 0;
  for (let child = 1; child < length; child = index * 2 + 1) {
    if (child + 1 < length && before(heap[child + 1], heap[child])) {
      child += 1;
    }
    if (!before(heap[child], item)) {
      break;
    }
    heap[index] = heap[child];
    index = child;
  }
  heap[index] = item;
}

/** Whether both are there, and the one comes first in start order. */
export function before(a: StartRank | undefined, b: StartRank | undefined): boolean {
  return a !== undefined && b !== undefined && startsBefore(a, b);
}
