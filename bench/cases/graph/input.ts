/** A random graph with a mean in-degree of 2: the same in every process. */
import { integer, seeded } from "../../support/random.ts";

/** A node by its key. */
export interface Node {
  readonly key: string;
  readonly task: () => Promise<number>;
  /** Keys of earlier nodes, without repetition. */
  readonly after: readonly string[];
}

/** None to four dependencies a node, each any earlier one. */
export function makeInput(size: number): readonly Node[] {
  const random = seeded(1);
  return Array.from({ length: size }, (_, index) => {
    const wanted = Math.min(index, integer(random, 0, 4));
    const before = new Set<number>();
    while (before.size < wanted) before.add(integer(random, 0, index - 1));
    return {
      key: `node${index}`,
      task: async () => index,
      after: [...before].map((each) => `node${each}`),
    };
  });
}
