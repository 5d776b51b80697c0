import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { columnsOf } from "../../src/plan/bit-matrix.ts";
import { parsePlan } from "../../src/plan/index.ts";
import {
  conflictMatrix,
  conflictsAmong,
  orderMatrix,
  type Conflict,
} from "../../src/plan/plan-pairs.ts";
import { comesAfter, doConflict, smallPlan, toPlan } from "./random-plan.ts";

function conflictOf(first: string, second: string): readonly Conflict[] {
  const { tasks } = parsePlan(`
tasks:
  a: { module: ./m.js, ${first} }
  b: { module: ./m.js, ${second} }
  c: { module: ./m.js }
`);
  return conflictsAmong(tasks)(tasks[0]!, tasks[1]!);
}

describe("conflictsAmong", () => {
  test.each<[string, string, readonly Conflict[]]>([
    ["reads: db:a", "reads: db:a", []],
    ["writes: db:a", "writes: db:b", []],
    ["writes: db:a", "reads: db:ab", []],
    ["writes: db:a", "reads: web:a", []],
    ["writes: db:a", "reads: db:a", [{ resource: "db:a", first: "writes", second: "reads" }]],
    ["reads: db:a/x", "writes: db:a", [{ resource: "db:a", first: "reads", second: "writes" }]],
    ["writes: db:a", "writes: db:a#x", [{ resource: "db:a", first: "writes", second: "writes" }]],
    [
      "writes: 'db:${{ tasks.c.value }}'",
      "reads: 'db:y/z'",
      [{ resource: "db:", first: "writes", second: "reads" }],
    ],
    [
      "exclusive: true",
      "weight: 1",
      [{ resource: "everything", first: "writes", second: "writes" }],
    ],
    [
      "writes: [db:a, db:b]",
      "writes: db:a, reads: db:b/x",
      [
        { resource: "db:a", first: "writes", second: "writes" },
        { resource: "db:b", first: "writes", second: "reads" },
      ],
    ],
  ])("tells of %s and %s what they cannot use at once", (first, second, conflicts) => {
    expect(conflictOf(first, second)).toEqual(conflicts);
  });

  test("says the same whichever way round, with the sides changed", () => {
    fc.assert(
      fc.property(smallPlan(6), (plan) => {
        const { tasks } = toPlan(plan);
        const conflictsOf = conflictsAmong(tasks);
        const turned = ({ resource, first, second }: Conflict): string =>
          `${second} ${first} ${resource}`;
        for (const [i, a] of tasks.entries()) {
          for (const [j, b] of tasks.entries()) {
            const found = conflictsOf(a, b).map(
              ({ resource, first, second }) => `${first} ${second} ${resource}`,
            );
            expect(found.toSorted()).toEqual(conflictsOf(b, a).map(turned).toSorted());
            expect(found.length > 0).toBe(doConflict(plan.tasks[i]!, plan.tasks[j]!));
          }
        }
      }),
    );
  });

  test("takes an each for exclusive when its items are", () => {
    const { tasks } = parsePlan(
      "tasks: { a: { each: [1], do: { command: ls, exclusive: true } }, b: { command: ls } }",
    );
    expect(conflictsAmong(tasks)(tasks[0]!, tasks[1]!)).toMatchObject([{ resource: "everything" }]);
  });
});

describe("conflictMatrix", () => {
  test("has every two tasks that conflict, both ways round, and none with itself", () => {
    fc.assert(
      fc.property(smallPlan(8), (plan) => {
        const matrix = conflictMatrix(toPlan(plan).tasks);
        const expected = plan.tasks.map((a) =>
          [...plan.tasks.keys()].filter(
            (at) => plan.tasks[at] !== a && doConflict(a, plan.tasks[at]!),
          ),
        );
        expect(plan.tasks.map((_, index) => columnsOf(matrix.row(index)))).toEqual(expected);
      }),
    );
  });
});

describe("orderMatrix", () => {
  test("has every two tasks of which one comes after the other, by way of others or not", () => {
    fc.assert(
      fc.property(smallPlan(8), (plan) => {
        const matrix = orderMatrix(toPlan(plan).tasks);
        const all = [...plan.tasks.keys()];
        const expected = all.map((i) =>
          all.filter((j) => comesAfter(plan, i, j) || comesAfter(plan, j, i)),
        );
        expect(all.map((index) => columnsOf(matrix.row(index)))).toEqual(expected);
      }),
    );
  });
});
