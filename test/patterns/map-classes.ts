// The two classes in which a `map` runs: slots of its own, and the kernel. The same laws hold for both.
import { limit, type MapOptions } from "../../src/index.ts";

/** Makes options that lead to one class, with room for `concurrency` tasks. */
export interface RunClass {
  readonly name: string;
  options(concurrency: number, more?: MapOptions): MapOptions;
}

export const RUN_CLASSES: readonly RunClass[] = [
  {
    name: "with slots of its own",
    options: (concurrency, more = {}) => ({ ...more, limit: concurrency }),
  },
  {
    name: "through the kernel",
    options: (concurrency, more = {}) => ({ ...more, limit: limit(concurrency) }),
  },
];
