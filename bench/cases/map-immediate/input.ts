/** One function over many items, that waits for one turn of the event loop. */
import type { MapInput } from "../map/input.ts";

export function makeInput(size: number): MapInput {
  return {
    items: Array.from({ length: size }, (_, index) => index),
    task: (item) => new Promise((resolve) => void setImmediate(resolve, item)),
  };
}
