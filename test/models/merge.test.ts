import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { settle } from "../../src/index.ts";
import {
  fromOutcomes,
  merge,
  numericConsensus,
  type ConflictStrategy,
  type SourceResult,
} from "../../src/models/index.ts";

const scalar = fc.oneof(
  fc.constantFrom("a", "b", ""),
  fc.integer({ min: -2, max: 2 }),
  fc.boolean(),
  fc.constant(null),
);
const keys = fc.constantFrom("x", "y", "a/b", "~", "__proto__", "constructor");
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3 },
    scalar,
    fc
      .array(fc.tuple(keys, tie("tree")), { maxLength: 3 })
      .map((entries) => Object.fromEntries(entries) as unknown),
    fc.array(scalar, { maxLength: 3 }),
  ),
}));
const results: fc.Arbitrary<SourceResult[]> = fc
  .array(
    fc.record({
      value: tree,
      atMs: fc.option(fc.integer({ min: 0, max: 2 }), { nil: undefined }),
      confidence: fc.option(fc.constantFrom(0, 0.5, 1), { nil: undefined }),
    }),
    { minLength: 1, maxLength: 5 },
  )
  .map((list) => list.map((each, index) => ({ key: `s${index}`, ...each })));
const strategy: fc.Arbitrary<ConflictStrategy> = fc.oneof(
  fc.constantFrom<ConflictStrategy>("majority", "newest", "most-confident", "report-both"),
  fc.uniqueArray(fc.constantFrom("s0", "s1", "s2", "nobody")).map((prefer) => ({ prefer })),
);

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const same = (a: unknown, b: unknown): boolean => {
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((each, index) => same(each, b[index]));
  }
  if (isObject(a) && isObject(b)) {
    const names = Object.keys(a);
    return (
      names.length === Object.keys(b).length &&
      names.every((name) => Object.hasOwn(b, name) && same(a[name], b[name]))
    );
  }
  return a === b;
};

/** Whether `mine` beats `other` under a strategy: by its definition, one pair at a time. */
function beats(
  mine: unknown,
  other: unknown,
  said: readonly SourceResult[],
  strategy: ConflictStrategy,
): boolean {
  const of = (value: unknown) => said.filter((each) => same(each.value, value));
  if (typeof strategy === "object") {
    for (const key of strategy.prefer) {
      if (of(mine).some((each) => each.key === key)) return true;
      if (said.some((each) => each.key === key)) return false;
    }
    return false;
  }
  const most = (list: readonly (number | undefined)[]) =>
    list.reduce<number>((a, b) => Math.max(a, b ?? -1), -1);
  switch (strategy) {
    case "majority":
      return of(mine).length > of(other).length;
    case "newest":
      return most(of(mine).map((e) => e.atMs)) > most(of(other).map((e) => e.atMs));
    case "most-confident":
      return most(of(mine).map((e) => e.confidence)) > most(of(other).map((e) => e.confidence));
    case "report-both":
      return false;
  }
}

/** What merging means, tried out on every value. */
function oracle(list: readonly SourceResult[], strategy: ConflictStrategy): unknown {
  const said = list.filter(({ value }) => value !== null && value !== undefined);
  if (said.length === 0) return undefined;
  if (said.every(({ value }) => isObject(value))) {
    const merged: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
    for (const { value } of said) {
      for (const name of Object.keys(value as object)) {
        const inside = said
          .filter((each) => Object.hasOwn(each.value as object, name))
          .map((each) => ({ ...each, value: (each.value as Record<string, unknown>)[name] }));
        const one = oracle(inside, strategy);
        if (one !== undefined) merged[name] = one;
      }
    }
    return merged;
  }
  if (said.every(({ value }) => Array.isArray(value))) {
    const united: unknown[] = [];
    for (const item of said.flatMap(({ value }) => value as unknown[])) {
      if (!united.some((each) => same(each, item))) united.push(item);
    }
    return united;
  }
  if (said.every(({ value }) => same(value, said[0]?.value))) return said[0]?.value;
  const winner = said.find(({ value }) =>
    said.every((other) => same(other.value, value) || beats(value, other.value, said, strategy)),
  );
  return winner?.value;
}

describe("merge", () => {
  test("gives what the strategy means, tried out on every value of every field", () => {
    fc.assert(
      fc.property(results, strategy, (list, conflict) => {
        const { value } = merge({ results: list, conflict });
        expect(same(value, oracle(list, conflict))).toBe(true);
      }),
      { numRuns: 3000 },
    );
  });

  test("reports every contradiction, with each source on one side of it", () => {
    fc.assert(
      fc.property(results, strategy, (list, conflict) => {
        for (const { claims, believed } of merge({ results: list, conflict }).conflicts) {
          expect(claims.length).toBeGreaterThan(1);
          const keys = claims.flatMap((claim) => claim.keys);
          expect(new Set(keys).size).toBe(keys.length);
          if (believed !== undefined) expect(claims).toContain(believed);
        }
      }),
    );
  });

  test("of one source, or of equal ones, is its value without what says nothing", () => {
    fc.assert(
      fc.property(tree, strategy, (value, conflict) => {
        const one = merge({ results: [{ key: "a", value }], conflict });
        const two = merge({
          results: [
            { key: "a", value },
            { key: "b", value: structuredClone(value) },
          ],
          conflict,
        });
        expect(two.value).toEqual(one.value);
        expect([...one.conflicts, ...two.conflicts]).toEqual([]);
      }),
    );
  });

  test("takes dates as values", () => {
    const [early, late] = [new Date(1), new Date(2)];
    const results = [early, late, new Date(2)].map((at, index) => ({
      key: `${index}`,
      value: { at, same: early },
    }));
    const { value, conflicts } = merge({ results, conflict: "majority" });
    expect(value).toEqual({ at: late, same: early });
    expect(conflicts.map(({ path }) => path)).toEqual(["/at"]);
  });

  test("touches no prototype", () => {
    const value = JSON.parse('{"__proto__": {"polluted": true}}') as unknown;
    const merged = merge({
      results: [
        { key: "a", value },
        { key: "b", value },
      ],
    });
    expect(Object.keys(merged.value as object)).toEqual(["__proto__"]);
    expect(Object.getPrototypeOf(merged.value)).toBe(Object.prototype);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  test("takes a strategy by field, and the median of numbers", () => {
    const merged = merge<Record<string, unknown>>({
      results: [
        { key: "a", value: { price: 1, name: "A", size: { "w/h": 3 } }, atMs: 1 },
        { key: "b", value: { price: 9, name: "B", size: { "w/h": 5 } }, atMs: 2 },
        { key: "c", value: { price: 2, name: "A" }, atMs: 3 },
      ],
      numbers: "median",
      conflict: (path) => (path === "/name" ? "majority" : "newest"),
      failed: [{ key: "d", reason: "503" }],
    });
    expect(merged.value).toEqual({ price: 2, name: "A", size: { "w/h": 4 } });
    expect(merged.numbers).toEqual([
      { path: "/price", median: 2, low: 1, high: 9, deviation: 1, count: 3 },
      { path: "/size/w~1h", median: 4, low: 3, high: 5, deviation: 1, count: 2 },
    ]);
    expect([merged.coverage, merged.gaps]).toEqual([0.75, [{ key: "d", reason: "503" }]]);
  });

  test("keeps lists whole where they are values", () => {
    const list = [
      { key: "a", value: { at: [1, 2] } },
      { key: "b", value: { at: [1, 3] } },
    ];
    expect(merge({ results: list, lists: "conflict" }).value).toEqual({});
    expect(merge({ results: list }).value).toEqual({ at: [1, 2, 3] });
  });

  test("leaves a field out on which nobody is believed", () => {
    const list = [
      { key: "a", value: { x: 1 } },
      { key: "b", value: { x: 2 } },
    ];
    const { value, conflicts } = merge({ results: list, conflict: "majority" });
    expect(value).toEqual({});
    expect(conflicts[0]?.believed).toBeUndefined();
  });

  test("refuses keys that are there twice, and strategies that are not there", () => {
    const results = [{ key: "a", value: 1 }];
    expect(() => merge({ results, failed: [{ key: "a", reason: "" }] })).toThrow(TypeError);
    expect(() => merge({ results, conflict: "oldest" as "newest" })).toThrow(/oldest/);
    expect(() => merge({ results: [{ key: "a", value: 1, confidence: 2 }] })).toThrow(RangeError);
  });

  test("takes the outcomes of settle", async () => {
    const outcomes = await settle({
      a: () => 1,
      b: () => {
        throw new Error("503");
      },
      c: (ctx) => ctx.skip("nothing to do"),
    });
    expect(fromOutcomes(outcomes)).toEqual({
      results: [{ key: "a", value: 1 }],
      failed: [
        { key: "b", reason: "503" },
        { key: "c", reason: "skipped: its condition was not met: nothing to do" },
      ],
    });
  });
});

describe("numericConsensus", () => {
  test("has half of the numbers on each side, and half within the deviation", () => {
    const numbers = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1 });
    fc.assert(
      fc.property(numbers, (list) => {
        const { median, deviation, low, high } = numericConsensus(list);
        const half = list.length / 2;
        expect(list.filter((each) => each <= median).length).toBeGreaterThanOrEqual(half);
        expect(list.filter((each) => each >= median).length).toBeGreaterThanOrEqual(half);
        const distances = list.map((each) => Math.abs(each - median));
        expect(distances.filter((each) => each <= deviation).length).toBeGreaterThanOrEqual(half);
        expect(distances.filter((each) => each >= deviation).length).toBeGreaterThanOrEqual(half);
        expect(list.every((each) => each >= low && each <= high)).toBe(true);
        expect(list).toContain(low);
        expect(list).toContain(high);
      }),
    );
  });

  test("refuses what is no number", () => {
    expect(() => numericConsensus([])).toThrow(RangeError);
    expect(() => numericConsensus([1, Number.NaN])).toThrow(RangeError);
  });
});
