// Chains far longer than the call stack: what is told along them must not be told by a call from within a call.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  scope,
  settle,
  type Outcome,
  type RunOptions,
  type Starter,
  type Task,
  type TaskHandle,
} from "../../src/index.ts";

const LENGTH = 100_000;

type Chain = (
  first: () => unknown,
  options: RunOptions,
  until?: "completed" | "settled",
) => Promise<readonly (Outcome<unknown> | undefined)[]>;

/** Each comes after the one before; all but the first return their numbers. */
const asBatch: Chain = async (first, options, until = "completed") => {
  const entries = Array.from({ length: LENGTH }, (_, n): [string, Task<unknown>] =>
    n === 0 ? ["t0", first] : [`t${n}`, { after: [{ task: `t${n - 1}`, until }], run: () => n }],
  );
  return Object.values(await settle(Object.fromEntries(entries), options));
};

const asHandles: Chain = async (first, options, until = "completed") => {
  const handles: TaskHandle<unknown>[] = [];
  const run = scope(
    (s) => {
      let before = s.start("t0", first);
      handles.push(before);
      for (let n = 1; n < LENGTH; n += 1) {
        before = s.start(`t${n}`, { after: [{ task: before, until }], run: () => n });
        handles.push(before);
      }
    },
    { failure: "continue", ...options },
  );
  await Promise.allSettled([run]);
  return handles.map(({ outcome }) => outcome);
};

const fail = (): never => {
  throw new Error("first");
};

const ways: readonly (readonly [string, Chain])[] = [
  ["a batch", asBatch],
  ["handles", asHandles],
];
const settings: readonly (readonly [string, RunOptions])[] = [
  ["without a limit", {}],
  ["at a limit", { limit: 2 }],
  ["observed", { limit: 2, observe: () => undefined }],
];

describe.each(ways)("a chain of 100,000 tasks, made as %s", (_, chain) => {
  describe.each(settings)("%s", (_, options) => {
    test("is skipped to its end when the first fails", async () => {
      const outcomes = await chain(fail, options);
      expect(outcomes[0]?.status).toBe("failed");
      expect(outcomes.at(1)).toMatchObject({ status: "skipped", because: { task: "t0" } });
      expect(outcomes.at(-1)).toMatchObject({
        status: "skipped",
        because: { task: `t${LENGTH - 2}`, status: "skipped" },
      });
    });

    test("runs to its end when all complete at once", async () => {
      expect((await chain(() => 0, options)).at(-1)).toMatchObject({ value: LENGTH - 1 });
    });

    test("runs to its end when any end of the first will do", async () => {
      expect((await chain(fail, options, "settled")).at(-1)).toMatchObject({ value: LENGTH - 1 });
    });

    test("ends when the run is cancelled", async () => {
      const controller = new AbortController();
      const outcomes = await chain(
        async () => {
          controller.abort();
          await Promise.resolve();
          throw new Error("stopped");
        },
        { ...options, signal: controller.signal },
      );
      expect(outcomes.filter((outcome) => outcome?.status === "completed")).toEqual([]);
      expect(outcomes.at(-1)?.status).not.toBe("completed");
    });

    test("ends when its first failure stops the run", async () => {
      const outcomes = await chain(fail, { ...options, failure: "stop" });
      expect(outcomes[0]?.status).toBe("failed");
      expect(outcomes.at(-1)?.status).not.toBe("completed");
    });
  });
});

test("a task in a task ends at a depth beyond that of the call stack", async () => {
  const depth = 12_000;
  let ended = 0;
  const descend =
    (left: number) =>
    (ctx: Starter): void => {
      ended += 1;
      if (left > 0) {
        ctx.start("inner", descend(left - 1));
      }
    };
  const run = scope(descend(depth));
  await run;
  expect(ended).toBe(depth + 1);
  expect(run.report.tasks).toMatchObject({ completed: depth });
}, 60_000);

/** For each task, which of those before it, counted back, it comes after. */
const graph = fc.array(
  fc.array(
    fc.record({
      back: fc.integer({ min: 1, max: 5 }),
      until: fc.constantFrom("completed" as const, "settled" as const),
    }),
    { maxLength: 3 },
  ),
  { minLength: 2, maxLength: 14 },
);

test("skips are told depth first: those after a task before those beside it", async () => {
  await fc.assert(
    fc.asyncProperty(graph, async (given) => {
      const edges = given.map((each, n) => each.filter(({ back }) => back <= n));
      const expected: string[] = [];
      const state = given.map((): "open" | "ended" => "open");
      const skip = (n: number): void => {
        expected.push(`t${n}`);
        state[n] = "ended";
        for (const [later, before] of edges.entries()) {
          for (const { back, until } of before) {
            if (later - back === n && until === "completed" && state[later] === "open") {
              skip(later);
            }
          }
        }
      };
      skip(0);
      const told: string[] = [];
      const keys = new Map<number, string>();
      const entries = edges.map((each, n): [string, Task<unknown>] => [
        `t${n}`,
        {
          after: each.map(({ back, until }) => ({ task: `t${n - back}`, until })),
          run: n === 0 ? fail : () => n,
        },
      ]);
      await settle(Object.fromEntries(entries), {
        limit: 1,
        observe(event) {
          if (event.type === "task-added") {
            keys.set(event.taskId, event.key);
          } else if (event.type === "task-settled" && event.status !== "completed") {
            told.push(keys.get(event.taskId) ?? "");
          }
        },
      });
      expect(told).toEqual(expected);
    }),
  );
});
