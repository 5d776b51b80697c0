import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { advise, type PlanAdvice } from "../../src/plan/check-plan.ts";
import { parsePlan, type Plan } from "../../src/plan/index.ts";
import {
  advisePairByPair,
  pairAdviceOf,
  type PairAdvice,
  predictStepByStep,
} from "./advice-oracle.ts";
import { comesAfter, doConflict, smallPlan, toPlan, type SmallTask } from "./random-plan.ts";

const subsetsOf = <T>(all: readonly T[]): readonly (readonly T[])[] =>
  all.reduce<readonly (readonly T[])[]>(
    (found, each) => [...found, ...found.map((some) => [...some, each])],
    [[]],
  );

const eachOf = (lint: string, build: string): string => `
inputs: { packages: [a, b] }
tasks:
  list: { command: ls }
  lint: { each: ${lint}, do: { command: ls, reads: "packages/\${{ item }}/src" } }
  build: { each: ${build}, after: list, do: { command: ls, writes: "packages/\${{ item }}/dist" } }
`;

test.each([
  ["[a, b]", '"${{ inputs.packages }}"', [], []],
  ["[a, b]", '"${{ tasks.list.lines }}"', ["lint build"], ["build"]],
  ['"${{ tasks.list.lines }}"', '"${{ tasks.list.lines }}"', ["lint build"], ["lint", "build"]],
])(
  "an each claims whole folders where its list is not known: %s, %s",
  (lint, build, pairs, all) => {
    const { heldApart, wide } = adviseOf(eachOf(lint, build));
    expect(heldApart.map(({ first, second }) => `${first} ${second}`)).toEqual(pairs);
    expect(wide).toEqual(all);
  },
);

const adviseOf = (text: string, durations: Readonly<Record<string, number>> = {}): PlanAdvice =>
  advise(parsePlan(text), new Map(Object.entries(durations)));

const pairsOf = (plan: Plan): PairAdvice => pairAdviceOf(plan, advise(plan, new Map()));

describe("advise", () => {
  test("puts every pair of tasks into one of three: beside each other, held apart, or ordered", () => {
    fc.assert(
      fc.property(smallPlan(8), (plan) => {
        const { beside, heldApart } = pairsOf(toPlan(plan));
        const apart = heldApart.map(({ first, second }) => `${first} ${second}`);
        for (const [i, a] of plan.tasks.entries()) {
          for (const [j, b] of plan.tasks.slice(0, i).entries()) {
            const isBeside = beside.get(a.name)?.includes(b.name);
            expect(beside.get(b.name)?.includes(a.name)).toBe(isBeside);
            expect([
              isBeside,
              apart.includes(`${b.name} ${a.name}`),
              comesAfter(plan, i, j),
            ]).toEqual([
              !comesAfter(plan, i, j) && !doConflict(a, b),
              !comesAfter(plan, i, j) && doConflict(a, b),
              comesAfter(plan, i, j),
            ]);
          }
          expect(beside.get(a.name)).not.toContain(a.name);
        }
        expect(new Set(apart).size).toBe(apart.length);
      }),
    );
  });

  test("comes to the same as a look at every pair, whatever the order of the file", () => {
    const shuffled = smallPlan(14).chain((plan) =>
      fc
        .shuffledSubarray([...plan.tasks.keys()], { minLength: plan.tasks.length })
        .map((order) => toPlan(plan, order)),
    );
    fc.assert(
      fc.property(shuffled, (plan) => {
        const { prediction } = advise(plan, new Map());
        expect(pairsOf(plan)).toEqual(advisePairByPair(plan));
        expect(prediction).toEqual(predictStepByStep(plan, ({ expectedMs = 0 }) => expectedMs));
      }),
      { numRuns: 300 },
    );
  });

  test("comes to the same for more tasks than there are bits in a word", () => {
    const resource = (index: number): string => `db:${index % 7}/${index % 3}`;
    const tasks = Array.from({ length: 75 }, (_, index) => [
      `t${index}`,
      {
        ...{ module: "./m.js", expect: `${index % 11}ms`, exclusive: index % 40 === 39 },
        ...(index % 3 === 0 ? { writes: resource(index) } : { reads: ["db:1", resource(index)] }),
        ...(index % 5 === 4 ? { after: [`t${index - 4}`, `t${index - 1}`] } : {}),
      },
    ]);
    const plan = parsePlan(JSON.stringify({ tasks: Object.fromEntries(tasks) }));
    const { prediction } = advise(plan, new Map());
    expect(pairsOf(plan)).toEqual(advisePairByPair(plan));
    expect(prediction).toEqual(predictStepByStep(plan, ({ expectedMs = 0 }) => expectedMs));
  });

  test("is given for ten thousand tasks in chains, too", () => {
    const after = (index: number): string => (index % 10 === 0 ? "" : `, after: t${index - 1}`);
    const tasks = Array.from({ length: 10_000 }, (_, i) => `  t${i}: { command: ls${after(i)} }`);
    const { beside, narrow } = adviseOf(`tasks:\n${tasks.join("\n")}`);
    expect([beside.count(0), beside.names(0, 2)]).toEqual([9990, ["t10", "t11"]]);
    expect(narrow).toEqual([{ limit: "command", concurrency: 3, wanted: 1000 }]);
  });

  test("names of tasks held apart first the one that runs first, and what they both use", () => {
    const { heldApart } = adviseOf(`
tasks:
  a: { command: ls, reads: db:other, after: d }
  b: { command: ls, reads: db:users }
  c: { command: ls, reads: db:users/7 }
  d: { command: ls, writes: db:users }
`);
    expect(heldApart).toEqual([
      {
        first: "d",
        second: "b",
        conflict: { resource: "db:users", first: "writes", second: "reads" },
      },
      {
        first: "d",
        second: "c",
        conflict: { resource: "db:users", first: "writes", second: "reads" },
      },
    ]);
  });

  test("calls a command unsafe that declares nothing and may run beside a writer", () => {
    const { unsafe } = adviseOf(`
tasks:
  silent: { command: make }
  items: { each: [1, 2], do: { command: make } }
  ordered: { command: make, after: [writer, other] }
  reader: { command: make, reads: db:x }
  alone: { command: make, exclusive: true }
  aloneItems: { each: [1], do: { command: make, exclusive: true } }
  file: { read: package.json }
  request: { http: "http://localhost" }
  writer: { command: make, writes: db:a }
  other: { write: out.txt, content: x }
`);
    expect(unsafe).toEqual([
      { task: "silent", writers: ["writer", "other"] },
      { task: "items", writers: ["writer", "other"] },
    ]);
  });

  test("has nothing unsafe where nobody writes", () => {
    expect(
      adviseOf("tasks: { a: { command: ls }, b: { command: ls, reads: db:a } }").unsafe,
    ).toEqual([]);
  });

  test("calls a limit narrow when its tasks could take more of it at once", () => {
    const plan = (limits: string): PlanAdvice["narrow"] =>
      adviseOf(`
limits: ${limits}
tasks:
  a: { module: ./m.js, limit: db }
  b: { module: ./m.js, limit: db, weight: 2 }
  c: { module: ./m.js, limit: db, after: a }
  d: { module: ./m.js }
`).narrow;
    expect(plan("{ db: 4 }")).toEqual([]);
    expect(plan("{ db: 3 }")).toEqual([]);
    expect(plan("{ db: 2 }")).toEqual([{ limit: "db", concurrency: 2, wanted: 3 }]);
    expect(plan("{ db: 9, module: 3 }")).toEqual([{ limit: "module", concurrency: 3, wanted: 4 }]);
  });

  test("wants of a limit no more than tasks that may all run at once would take", () => {
    fc.assert(
      fc.property(smallPlan(7), (plan) => {
        const { narrow, beside } = pairsOf(toPlan(plan));
        const groups = subsetsOf(plan.tasks).filter((group) =>
          group.every((a) => group.every((b) => a === b || beside.get(a.name)?.includes(b.name))),
        );
        for (const [limit, concurrency] of Object.entries(plan.limits)) {
          const wantedBy = (group: readonly SmallTask[]): number =>
            group
              .filter((each) => limit === "module" || each.limit.includes(limit))
              .reduce((sum, { weight }) => sum + weight, 0);
          const wanted = narrow.find((each) => each.limit === limit)?.wanted ?? 0;
          expect(wanted).toBeLessThanOrEqual(Math.max(...groups.map(wantedBy)));
          if (wanted > 0) {
            expect(wanted).toBeGreaterThan(concurrency);
          }
        }
      }),
    );
  });
});

describe("the prediction", () => {
  const TASKS =
    "tasks: { a: { command: ls, expect: 1s }, b: { command: ls }, c: { command: ls, after: a } }";

  test("takes expect first, then the last runs, and for the others the mean of those known", () => {
    expect(adviseOf(TASKS, { a: 5000, b: 3000, gone: 1 })).toMatchObject({
      unknown: ["c"],
      prediction: { makespanMs: 3000, sequentialMs: 6000, chainMs: 3000 },
    });
    expect(adviseOf(TASKS).unknown).toEqual(["b", "c"]);
  });

  test("is not made of nothing", () => {
    expect(adviseOf("tasks: { a: { command: ls }, b: { command: ls } }")).toMatchObject({
      unknown: ["a", "b"],
      prediction: undefined,
      notWorthIt: [],
    });
  });
});

describe("parallel running is not worth it", () => {
  const reasonsOf = (tasks: string): readonly string[] =>
    adviseOf(`tasks: { ${tasks} }`).notWorthIt;

  test.each([
    [
      "in a chain, even of unknown durations",
      "a: { command: ls }, b: { command: ls, after: a }, c: { command: ls, after: b }",
      "every task waits for another one: nothing can run at the same time",
    ],
    [
      "where all use the same thing",
      "a: { command: ls, writes: db:x }, b: { command: ls, writes: db:x }",
      "every task waits for another one: nothing can run at the same time",
    ],
    [
      "for what takes no time",
      "a: { command: ls, expect: 40ms }, b: { command: ls, expect: 50ms }",
      "all tasks together are expected to take less than 100 ms: there is nothing to gain",
    ],
    [
      "where one task takes it all",
      "a: { command: ls, expect: 9s }, b: { command: ls, expect: 500ms }, c: { command: ls, expect: 500ms }",
      '"a" alone is expected to take 90 % of the time: split it, or make it faster',
    ],
    [
      "where next to nothing overlaps",
      "a: { command: ls, expect: 5s }, b: { command: ls, expect: 5s, after: a }, c: { command: ls, expect: 500ms, after: a }",
      "the tasks wait for each other most of the time",
    ],
  ])("%s", (_, tasks, reason) => {
    expect(reasonsOf(tasks)).toEqual([reason]);
  });

  test.each([
    ["a: { command: ls, expect: 1s }, b: { command: ls, expect: 1s }"],
    ["a: { command: ls, expect: 50ms }, b: { command: ls, expect: 50ms }"],
    ["a: { command: ls, expect: 8s }, b: { command: ls, expect: 2s }"],
    ["a: { command: ls }, b: { each: [1, 2], do: { command: ls }, after: a }"],
    ["a: { command: ls, expect: 9s }"],
    ["a: { each: [1, 2], do: { command: ls }, expect: 9s }"],
  ])("is not said of %s", (tasks) => {
    expect(reasonsOf(tasks)).toEqual([]);
  });
});
