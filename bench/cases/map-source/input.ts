/** An async generator, and a function that is asynchronous and does nothing. */

/** A source, and what is done with each item. */
export interface SourceInput {
  readonly source: () => AsyncGenerator<number, void>;
  readonly task: (item: number) => Promise<number>;
}

export function makeInput(size: number): SourceInput {
  return {
    async *source() {
      for (let item = 0; item < size; item += 1) {
        yield item;
      }
    },
    task: async (item) => item,
  };
}
