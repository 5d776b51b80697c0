import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parsePlan } from "../../src/plan/index.ts";
import { predict, type Prediction } from "../../src/plan/predict.ts";
import { doConflict, smallPlan, toPlan, type SmallPlan } from "./random-plan.ts";

const predictSmall = (plan: SmallPlan): Prediction =>
  predict(toPlan(plan), ({ expectedMs }) => expectedMs ?? 0);

/** Plans without limits that keep anything back. */
const unlimited = smallPlan(8).map((plan) => ({
  ...plan,
  limit: 1000,
  limits: { narrow: 1000, wide: 1000, module: 1000 },
}));

const sequentialMs = ({ tasks }: SmallPlan): number =>
  tasks.reduce((sum, each) => sum + each.durationMs, 0);

/** Whether the second of two tasks waits for the end of the first, limits aside. */
function waitsFor(plan: SmallPlan, later: number, earlier: number): boolean {
  const [a, b] = [plan.tasks[earlier]!, plan.tasks[later]!];
  return earlier < later && (b.after.includes(earlier) || doConflict(a, b));
}

/** The longest way from the start of a task to the end of the plan. */
function remainingMs(plan: SmallPlan, index: number): number {
  const later = plan.tasks.flatMap((_, other) =>
    waitsFor(plan, other, index) ? [remainingMs(plan, other)] : [],
  );
  return plan.tasks[index]!.durationMs + Math.max(0, ...later);
}

/** Runs a plan millisecond by millisecond. */
function simulate(plan: SmallPlan): number {
  const { tasks, limit, limits } = plan;
  const order = [...tasks.keys()].sort(
    (a, b) =>
      tasks[b]!.priority - tasks[a]!.priority ||
      remainingMs(plan, b) - remainingMs(plan, a) ||
      a - b,
  );
  const startMs = new Map<number, number>();
  const endMs = (index: number): number =>
    (startMs.get(index) ?? Infinity) + tasks[index]!.durationMs;
  for (let nowMs = 0; ; nowMs += 1) {
    for (let changed = true; changed;) {
      changed = false;
      // All that can start together start before any of them ends.
      const ended = new Set([...tasks.keys()].filter((index) => endMs(index) <= nowMs));
      const running = [...startMs.keys()].filter((index) => !ended.has(index));
      const inUse = (name?: string): number =>
        running.reduce((sum, index) => {
          const { weight, limit } = tasks[index]!;
          return sum + (name === undefined || limit.includes(name) ? weight : 0);
        }, 0);
      for (const index of order.filter((each) => !startMs.has(each))) {
        const { weight, limit: names } = tasks[index]!;
        const isFree = [...tasks.keys()].every(
          (other) => !waitsFor(plan, index, other) || ended.has(other),
        );
        const fits =
          inUse() + weight <= limit &&
          names.every((name) => inUse(name) + weight <= (limits[name] ?? Infinity));
        if (isFree && fits) {
          startMs.set(index, nowMs);
          running.push(index);
          changed = true;
        }
      }
      if (ended.size === tasks.length) {
        return nowMs;
      }
    }
  }
}

describe("predict", () => {
  test("comes to what a simulation by hand comes to", () => {
    fc.assert(
      fc.property(smallPlan(7), (plan) => {
        expect(predictSmall(plan).makespanMs).toBe(simulate(plan));
      }),
      { numRuns: 500 },
    );
  });

  test("lies between what no run can beat and running one after another", () => {
    fc.assert(
      fc.property(smallPlan(10), (plan) => {
        const { makespanMs, chainMs, ...rest } = predictSmall(plan);
        const work = (name?: string): number =>
          plan.tasks
            .filter(({ limit }) => name === undefined || limit.includes(name))
            .reduce((sum, { weight, durationMs }) => sum + weight * durationMs, 0);
        expect(rest.sequentialMs).toBe(sequentialMs(plan));
        expect(makespanMs).toBeLessThanOrEqual(rest.sequentialMs);
        expect(makespanMs).toBeGreaterThanOrEqual(chainMs);
        expect(makespanMs).toBeGreaterThanOrEqual(work() / plan.limit);
        for (const [name, concurrency] of Object.entries(plan.limits)) {
          expect(makespanMs).toBeGreaterThanOrEqual(work(name) / concurrency);
        }
      }),
      { numRuns: 500 },
    );
  });

  test("is the longest chain where no limit keeps anything back, and everything at a limit of 1", () => {
    fc.assert(
      fc.property(unlimited, (plan) => {
        const { makespanMs, chainMs } = predictSmall(plan);
        expect(makespanMs).toBe(chainMs);
        const light = {
          ...plan,
          limit: 1,
          tasks: plan.tasks.map((each) => ({ ...each, weight: 1 })),
        };
        expect(predictSmall(light).makespanMs).toBe(sequentialMs(plan));
      }),
    );
  });

  test("names a chain in which each waits for the one before, and than which none is longer", () => {
    fc.assert(
      fc.property(smallPlan(10), (plan) => {
        const { chain, chainMs } = predictSmall(plan);
        const indexes = chain.map((name) => plan.tasks.findIndex((each) => each.name === name));
        expect(indexes.slice(1).every((later, at) => waitsFor(plan, later, indexes[at]!))).toBe(
          true,
        );
        expect(chainMs).toBe(
          indexes.reduce((sum, index) => sum + plan.tasks[index]!.durationMs, 0),
        );
        expect(chainMs).toBe(Math.max(...plan.tasks.map((_, index) => remainingMs(plan, index))));
      }),
    );
  });

  test("does not depend on the order of the file where nothing but after orders the tasks", () => {
    const free = unlimited.map((plan) => ({
      ...plan,
      tasks: plan.tasks.map((each) => ({ ...each, reads: [], writes: [], exclusive: false })),
    }));
    fc.assert(
      fc.property(free, (plan) => {
        const reversed = toPlan(plan, [...plan.tasks.keys()].toReversed());
        expect(predict(reversed, ({ expectedMs }) => expectedMs ?? 0)).toMatchObject({
          makespanMs: predictSmall(plan).makespanMs,
          chainMs: predictSmall(plan).chainMs,
        });
      }),
    );
  });

  test.each([
    ["the one that is the longer way from the end", "", 10],
    ["the one of higher priority, whatever follows", ", priority: 1", 12],
  ])("starts first, of two that could start: %s", (_, more, makespanMs) => {
    const plan = parsePlan(`
limits: { one: 1 }
tasks:
  short: { module: ./m.js, expect: 2ms, limit: one ${more} }
  long: { module: ./m.js, expect: 1ms, limit: one }
  end: { module: ./m.js, expect: 9ms, after: long }
`);
    expect(predict(plan, (task) => task.expectedMs ?? 0).makespanMs).toBe(makespanMs);
  });

  test("lets conflicting tasks run in the order of the kernel: depth first along after", () => {
    const plan = parsePlan(`
tasks:
  a: { module: ./m.js, expect: 10ms, after: d }
  b: { module: ./m.js, expect: 1ms, writes: db:x }
  d: { module: ./m.js, expect: 1ms, writes: db:x }
`);
    // d, which a comes after, goes before b: else a would start a millisecond later.
    expect(predict(plan, ({ expectedMs }) => expectedMs ?? 0)).toEqual({
      makespanMs: 11,
      sequentialMs: 12,
      chainMs: 11,
      chain: ["d", "a"],
    });
  });

  test("knows an empty run", () => {
    expect(predict({ tasks: [], limit: undefined, limits: {} }, () => 1)).toEqual({
      makespanMs: 0,
      sequentialMs: 0,
      chainMs: 0,
      chain: [],
    });
  });
});
