/** Small plans at random, and what follows from them, worked out in the plainest way. */
import fc from "fast-check";
import { parsePlan, type Plan } from "../../src/plan/index.ts";

/** One task of a small plan. It comes after tasks in front of it alone, so that plans have no cycles. */
export interface SmallTask {
  readonly name: string;
  readonly after: readonly number[];
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  readonly exclusive: boolean;
  readonly weight: number;
  readonly limit: readonly string[];
  readonly priority: number;
  readonly durationMs: number;
}

/** A small plan. */
export interface SmallPlan {
  readonly limit: number;
  readonly limits: Readonly<Record<string, number>>;
  readonly tasks: readonly SmallTask[];
}

const resources = fc.uniqueArray(fc.constantFrom("db:a", "db:a/x", "db:a/y", "db:b", "db:ab"), {
  maxLength: 2,
});

const task = fc.record({
  after: fc.uniqueArray(fc.nat(20), { maxLength: 2 }),
  reads: resources,
  writes: fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, resources),
  exclusive: fc.integer({ min: 0, max: 9 }).map((roll) => roll === 0),
  weight: fc.integer({ min: 1, max: 2 }),
  limit: fc.subarray(["narrow", "wide"]),
  priority: fc.integer({ min: -1, max: 1 }),
  durationMs: fc.nat(9),
});

/** Plans of at most `most` tasks. */
export function smallPlan(most: number): fc.Arbitrary<SmallPlan> {
  return fc
    .record({
      limit: fc.integer({ min: 2, max: 5 }),
      limits: fc.constant({ narrow: 2, wide: 4, module: 1000 }),
      tasks: fc.array(task, { minLength: 1, maxLength: most }),
    })
    .map(({ tasks, ...rest }) => ({
      ...rest,
      tasks: tasks.map((each, index) => ({
        ...each,
        name: `t${index}`,
        after: index === 0 ? [] : [...new Set(each.after.map((other) => other % index))],
      })),
    }));
}

/** The plan as the loader reads it, with its tasks in the order of `order`: the order of the file by default. */
export function toPlan(plan: SmallPlan, order: readonly number[] = [...plan.tasks.keys()]): Plan {
  const tasks = order.map((index) => {
    const { name, after, reads, writes, durationMs, ...rest } = plan.tasks[index]!;
    return [
      name,
      {
        ...rest,
        module: "./m.js",
        after: after.map((other) => `t${other}`),
        ...(reads.length === 0 ? {} : { reads }),
        ...(writes.length === 0 ? {} : { writes }),
        expect: `${durationMs}ms`,
      },
    ];
  });
  return parsePlan(JSON.stringify({ ...plan, tasks: Object.fromEntries(tasks) }));
}

/** Whether a task comes after another, by way of others or not. */
export function comesAfter(plan: SmallPlan, later: number, earlier: number): boolean {
  const { after } = plan.tasks[later]!;
  return after.includes(earlier) || after.some((each) => comesAfter(plan, each, earlier));
}

/** Whether two tasks must not run at the same time. */
export function doConflict(a: SmallTask, b: SmallTask): boolean {
  const overlap = (some: readonly string[], others: readonly string[]): boolean =>
    some.some((one) =>
      others.some(
        (other) => `${one}/`.startsWith(`${other}/`) || `${other}/`.startsWith(`${one}/`),
      ),
    );
  return (
    a.exclusive ||
    b.exclusive ||
    overlap(a.writes, b.writes) ||
    overlap(a.writes, b.reads) ||
    overlap(a.reads, b.writes)
  );
}
