import { expectTypeOf, test } from "vitest";
import {
  all,
  first,
  hedge,
  hedging,
  map,
  mapReduce,
  mapSettled,
  scope,
  settle,
  type MapRun,
  type Outcome,
  type Run,
  type TaskContext,
  type TaskHandle,
} from "../../src/index.ts";

test("all keeps the shape and the value types of what it is given", async () => {
  expectTypeOf(await all({ a: () => 1, b: async () => "x" })).toEqualTypeOf<{
    a: number;
    b: string;
  }>();
  expectTypeOf(await all([() => 1, async () => "x"])).toEqualTypeOf<[number, string]>();
  expectTypeOf(await all(new Set([() => 1]))).toEqualTypeOf<number[]>();
  expectTypeOf(await all({ a: { reads: ["f"], run: async () => true } })).toEqualTypeOf<{
    a: boolean;
  }>();
  expectTypeOf(await all([1, 2].map((each) => () => each))).toEqualTypeOf<number[]>();
});

test("settle gives an outcome for each", async () => {
  expectTypeOf(await settle({ a: (ctx: TaskContext) => ctx.attempt })).toEqualTypeOf<{
    a: Outcome<number>;
  }>();
  expectTypeOf(await settle([() => 1, () => "x"])).toEqualTypeOf<
    [Outcome<number>, Outcome<string>]
  >();
});

test("hedge gives what its task gives", async () => {
  const calls = hedging();
  expectTypeOf(hedge(() => 1, { hedging: calls, idempotent: true })).toEqualTypeOf<Run<number>>();
  const task = { idempotent: true, run: async (ctx: TaskContext) => ctx.key };
  expectTypeOf(await hedge(task, { hedging: calls, staggerMs: "p99.9" })).toEqualTypeOf<string>();
  // @ts-expect-error -- a percentile begins with a p
  await hedge(task, { hedging: calls, staggerMs: "95" });
  // @ts-expect-error -- what is learnt must be kept somewhere
  await hedge(task, {});
});

test("first gives the values of any", async () => {
  const [winner] = await first(1, { a: () => 1, b: async () => "x" });
  expectTypeOf(winner?.value).toEqualTypeOf<string | number | undefined>();
});

test("scope gives what its body returns, awaited", async () => {
  expectTypeOf(await scope((s) => s.start("a", () => 1))).toEqualTypeOf<number>();
  expectTypeOf(await scope(async (s) => [await s.start("a", async () => "x")])).toEqualTypeOf<
    string[]
  >();
  await scope((s) => {
    expectTypeOf(s.start("a", () => 1)).toEqualTypeOf<TaskHandle<number>>();
  });
});

test("a task must be a function or have one", () => {
  // @ts-expect-error a number is no task
  expectTypeOf(all({ a: 1 })).not.toBeAny();
  // @ts-expect-error an object without run is no task
  expectTypeOf(all({ a: { reads: [] } })).not.toBeAny();
});

test("map gives what its function gives, whatever the source", async () => {
  const items = ["a"];
  const later = async function* () {
    yield 1;
  };
  expectTypeOf(map(items, (item) => item.length)).toEqualTypeOf<MapRun<number>>();
  expectTypeOf(await map(later, async (item) => item > 0).toArray()).toEqualTypeOf<boolean[]>();
  expectTypeOf(await map(() => new Set([1]), String).toArray()).toEqualTypeOf<string[]>();
  expectTypeOf(await mapSettled(items, () => 1).toArray()).toEqualTypeOf<Outcome<number>[]>();
  for await (const value of map(later(), (item, ctx) => [item, ctx.index] as const)) {
    expectTypeOf(value).toEqualTypeOf<readonly [number, number]>();
  }
});

test("mapReduce hands items, or chunks of them, to map", async () => {
  const reduce = (a: number, b: number): number => a + b;
  const total = mapReduce(["a"], { map: (item) => item.length, reduce });
  expectTypeOf(total).toEqualTypeOf<Run<number>>();
  const chunked = mapReduce(["a"], { chunk: 2, map: (items) => items.length, reduce });
  expectTypeOf(await chunked).toEqualTypeOf<number>();
  // @ts-expect-error a chunk is a list
  expectTypeOf(mapReduce(["a"], { chunk: 2, map: (item: string) => item.length, reduce }));
});
