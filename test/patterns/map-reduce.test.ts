import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { limit, mapReduce, SourceFailedError, type TasksFailedError } from "../../src/index.ts";
import { TreeReduction } from "../../src/patterns/reduction.ts";
import { virtualClock, type VirtualClock } from "../../src/testing/index.ts";

const sleep = (clock: VirtualClock, ms: number): Promise<void> =>
  new Promise((resolve) => void clock.schedule(ms, resolve));

const joined = (left: string, right: string): string => `(${left} ${right})`;

/** Ends in an order of its own. */
function spelled(clock: VirtualClock) {
  return async (item: number): Promise<string> => {
    await sleep(clock, (item * 7) % 5);
    return String(item);
  };
}

describe("mapReduce", () => {
  test.each([
    [1, "0"],
    [2, "(0 1)"],
    [3, "((0 1) 2)"],
    [4, "((0 1) (2 3))"],
    [7, "(((0 1) (2 3)) ((4 5) 6))"],
  ])(
    "makes one value of %s in the shape of a tree that depends on their number alone",
    async (size, shape) => {
      for (const concurrency of [1, 3, 16]) {
        const clock = virtualClock();
        const total = await mapReduce(Array(size).keys(), {
          map: spelled(clock),
          reduce: joined,
          limit: concurrency,
          clock,
        });
        expect(total).toBe(shape);
      }
    },
  );

  test("reduces from the first to the last when asked for, whatever ends first", async () => {
    const clock = virtualClock();
    const options = { map: spelled(clock), reduce: joined, limit: 3, clock } as const;
    expect(await mapReduce(Array(4).keys(), { ...options, reduction: "left" })).toBe(
      "(((0 1) 2) 3)",
    );
    expect(await mapReduce(Array(3).keys(), { ...options, reduction: "left", initial: "i" })).toBe(
      "(((i 0) 1) 2)",
    );
  });

  test("from the left, reduces one at a time, and maps not too far ahead", async () => {
    const clock = virtualClock();
    let begun = 0;
    let mostAhead = 0;
    let folded = 0;
    const total = await mapReduce(Array(30).keys(), {
      map: async (item: number) => {
        begun += 1;
        mostAhead = Math.max(mostAhead, begun - folded);
        await sleep(clock, item === 0 ? 100 : 1);
        return String(item);
      },
      reduce: async (left, right) => {
        await sleep(clock, 5);
        folded += 1;
        return `${left} ${right}`;
      },
      limit: 3,
      lookAhead: 2,
      reduction: "left",
      clock,
    });
    expect(total).toBe([...Array(30).keys()].join(" "));
    expect(mostAhead).toBeLessThanOrEqual(3 + 2 + 2);
  });

  test("reduces any two when asked for", async () => {
    const clock = virtualClock();
    const total = await mapReduce(Array(9).keys(), {
      map: async (item: number) => {
        await sleep(clock, 9 - item);
        return item;
      },
      reduce: (a, b) => a + b,
      reduction: "any",
      initial: 100,
      clock,
    });
    expect(total).toBe(136);
  });

  test("puts the initial value first, once", async () => {
    const items = [1, 2, 3].values();
    const total = await mapReduce(items, { map: String, reduce: joined, initial: "i" });
    expect(total).toBe("(i ((1 2) 3))");
  });

  test("of an empty source is its initial value, or an error", async () => {
    const options = { map: (item: number) => item, reduce: (a: number, b: number) => a + b };
    for (const reduction of ["tree", "any", "left"] as const) {
      expect(await mapReduce([], { ...options, reduction, initial: 7 })).toBe(7);
      await expect(mapReduce([], { ...options, reduction })).rejects.toThrow(
        'Cannot reduce an empty source as there is no "initial"',
      );
    }
  });

  test.each([
    ["a number of items", 2, ["aa b", "cccc d", "e"]],
    ["a size", { size: 4, sizeOf: (word: string) => word.length }, ["aa b", "cccc", "d e"]],
    ["both", { count: 1, size: 9 }, ["aa", "b", "cccc", "d", "e"]],
    [
      "a size that one item exceeds",
      { size: 3, sizeOf: (word: string) => word.length },
      ["aa b", "cccc", "d e"],
    ],
  ])("cuts chunks by %s", async (_, chunk, chunks) => {
    const words = ["aa", "b", "cccc", "d", "e"];
    async function* later(): AsyncGenerator<string, void> {
      yield* words;
    }
    for (const source of [words, words.values(), later]) {
      const found = await mapReduce<string, string[]>(source, {
        chunk,
        map: (each) => [each.join(" ")],
        reduce: (a, b) => [...a, ...b],
      });
      expect(found).toEqual(chunks);
    }
  });

  test("refuses wrong options at once", () => {
    const options = { map: () => 1, reduce: () => 1 };
    expect(() => mapReduce([], { ...options, chunk: 0 })).toThrow(RangeError);
    expect(() => mapReduce([], { ...options, chunk: { size: 0 } })).toThrow(RangeError);
    expect(() => mapReduce([], { ...options, chunk: {} })).toThrow(RangeError);
    expect(() => mapReduce([], { ...options, limit: 0 })).toThrow(RangeError);
    expect(() => mapReduce([], { ...options, reduction: "x" as "any" })).toThrow(TypeError);
    expect(() => mapReduce([], { ...options, reduce: 1 as never })).toThrow(TypeError);
  });

  test("runs map and reduce together at its limit, and reduces before it maps on", async () => {
    for (const shared of [2, limit(2)]) {
      const clock = virtualClock();
      const order: string[] = [];
      let running = 0;
      let most = 0;
      const work = async (key: string): Promise<void> => {
        order.push(key);
        running += 1;
        most = Math.max(most, running);
        await sleep(clock, 10);
        running -= 1;
      };
      await mapReduce(Array(4).keys(), {
        map: (_, { key }) => work(key),
        reduce: (_, __, { key }) => work(key),
        limit: shared,
        clock,
      });
      expect(most).toBe(2);
      expect(order).toEqual([
        "map 0",
        "map 1",
        "map 2", // As "map 1" had not ended yet.
        "reduce 0-1",
        "map 3",
        "reduce 2-3",
        "reduce 0-3",
      ]);
    }
  });

  test("names what failed, and tells the source apart", async () => {
    const error = new Error("no");
    const reduce = (): never => {
      throw error;
    };
    const failed: unknown = await mapReduce([1, 2], { map: (item) => item, reduce }).catch(
      (thrown: unknown) => thrown,
    );
    expect((failed as TasksFailedError).errors).toEqual([{ key: "reduce 0-1", attempt: 1, error }]);
    function* source(): Generator<number, void> {
      yield 1;
      throw error;
    }
    const broken = mapReduce(source, { map: (item) => item, reduce: (a) => a });
    await expect(broken).rejects.toThrow(SourceFailedError);
    await expect(broken).rejects.toHaveProperty("cause", error);
  });

  test("closes its source and waits when it is cancelled", async () => {
    const clock = virtualClock();
    const log: string[] = [];
    async function* endless(): AsyncGenerator<number, void> {
      try {
        for (let item = 0; ; item += 1) yield item;
      } finally {
        log.push("closed");
      }
    }
    const run = mapReduce(endless, {
      chunk: 3,
      map: () => sleep(clock, 5),
      reduce: () => sleep(clock, 5),
      limit: 2,
      clock,
    });
    clock.schedule(50, () => run.cancel("enough"));
    await expect(run).rejects.toMatchObject({ reason: "enough" });
    expect(log).toEqual(["closed"]);
  });

  test("repeats failed reductions", async () => {
    const clock = virtualClock();
    const total = await mapReduce([1, 2, 3], {
      map: (item) => item,
      reduce: (a, b, { attempt }) => {
        if (attempt === 1) throw new Error("again");
        return a + b;
      },
      retry: 2,
      clock,
    });
    expect(total).toBe(6);
  });

  test("gives the total of any source, at any limit, in every reduction", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 40 }),
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 1, max: 5 }),
        fc.constantFrom("tree", "left", "any"),
        async (durations, concurrency, chunk, reduction) => {
          const clock = virtualClock();
          const total = await mapReduce(durations.entries(), {
            chunk,
            map: async (entries) => {
              await sleep(clock, entries[0]?.[1] ?? 0);
              return entries.map(([index]) => index);
            },
            reduce: (left, right) => [...left, ...right],
            initial: [] as number[],
            limit: concurrency,
            reduction,
            clock,
          });
          const indexes = durations.map((_, index) => index);
          expect(reduction === "any" ? total.toSorted((a, b) => a - b) : total).toEqual(indexes);
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe("the tree of a reduction", () => {
  test("holds O(log n) values for each that is missing", () => {
    const tree = new TreeReduction(undefined);
    const settle = (): void => {
      for (let pair = tree.take(); pair !== undefined; pair = tree.take()) {
        tree.add(pair.place, `${String(pair.left)}${String(pair.right)}`);
      }
    };
    let most = 0;
    for (let position = 1; position < 100_000; position += 1) {
      tree.add({ level: 0, position }, "");
      settle();
      most = Math.max(most, tree.held);
    }
    expect(most).toBeLessThanOrEqual(2 * Math.ceil(Math.log2(100_000)));
    tree.add({ level: 0, position: 0 }, "x");
    tree.end(100_000);
    settle();
    expect(tree.result).toEqual({ value: "x" });
    expect(tree.held).toBe(0);
  });
});
