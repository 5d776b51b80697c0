/** One function over many items, that is asynchronous and does nothing. */

/** Items, and what is done with each. */
export interface MapInput {
  readonly items: readonly number[];
  readonly task: (item: number) => Promise<number>;
}

export function makeInput(size: number): MapInput {
  return {
    items: Array.from({ length: size }, (_, index) => index),
    task: async (item) => item,
  };
}
