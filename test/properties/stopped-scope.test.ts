/** Whoever waits for tasks of a scope that is stopped is told: of how they ended, or that he is to stop. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { scope, type Scope, type TaskContext, type TaskHandle } from "../../src/index.ts";
import { virtualClock } from "../../src/testing/index.ts";

const TASK = fc.record({
  kind: fc.constantFrom(
    "ends",
    "fails",
    "obeys",
    "ignores",
    "never stops",
    "waits inside",
    "waits beside",
  ),
  ms: fc.nat(30),
  writes: fc.constantFrom([], ["a:1"], ["*"]),
  comesAfter: fc.boolean(),
  always: fc.boolean(),
  attempts: fc.constantFrom(1, 3),
});

const RUN = fc.record({
  limit: fc.constantFrom(1, 2, Infinity),
  failure: fc.constantFrom("stop" as const, "continue" as const),
  graceMs: fc.constantFrom(0, 10, 5000, Infinity),
  stop: fc.constantFrom("itself", "its signal", "its deadline"),
  stopAtMs: fc.integer({ min: 1, max: 40 }),
  isInside: fc.boolean(),
});

test("every wait for tasks of a scope that is stopped ends: in its body and in its tasks, begun before and after", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(TASK, { minLength: 1, maxLength: 5 }), RUN, async (tasks, how) => {
      const clock = virtualClock();
      const controller = new AbortController();
      let waits = 0;
      const pending = new Set<string>();
      const sleep = async (ms: number): Promise<void> =>
        await new Promise((resolve) => void clock.schedule(ms, resolve));
      const settled = async (handle: TaskHandle<unknown>, when: string): Promise<void> => {
        waits += 1;
        const name = `${waits}: for ${handle.key}, ${when}`;
        pending.add(name);
        await handle.settled().catch(() => undefined);
        pending.delete(name);
      };

      const body = async (s: Scope): Promise<void> => {
        const handles: TaskHandle<unknown>[] = [];
        const runOf =
          ({ kind, ms }: (typeof tasks)[number], before: TaskHandle<unknown> | undefined) =>
          async (ctx: TaskContext): Promise<void> => {
            if (kind === "waits inside") {
              await settled(
                ctx.start("inside", async () => await sleep(ms)),
                "in a task",
              );
            } else if (kind === "waits beside" && before !== undefined) {
              await settled(before, "in a task");
            } else if (kind === "obeys" || kind === "never stops") {
              await new Promise((_, reject) => {
                if (kind === "obeys") {
                  ctx.signal.addEventListener("abort", () => reject(new Error("obeyed")));
                }
              });
            } else {
              await sleep(kind === "ignores" ? ms + 40 : ms);
            }
            if (kind === "fails") throw new Error("failed");
          };
        for (const [index, task] of tasks.entries()) {
          const before = handles.at(-1);
          const { writes, always, attempts } = task;
          const after =
            task.comesAfter && before ? [{ task: before, until: "settled" as const }] : [];
          const timeoutMs = always ? 50 : undefined; // A cancel does not reach it.
          const retry = { attempts, delayMs: 7 };
          const run = runOf(task, before);
          handles.push(s.start(`${index}`, { writes, always, after, timeoutMs, retry, run }));
        }
        const early = handles.map(async (each) => await settled(each, "before, in the body"));
        await sleep(how.stopAtMs);
        if (how.stop === "itself") s.cancel("enough");
        if (how.stop === "its signal") controller.abort("enough");
        await Promise.all(handles.map(async (each) => await settled(each, "after, in the body")));
        await sleep(1);
        await Promise.all(
          handles.map(async (each) => await settled(each, "long after, in the body")),
        );
        await Promise.all(early);
      };

      const { limit, failure, graceMs, stopAtMs } = how;
      const options = {
        clock,
        limit,
        failure,
        graceMs,
        signal: controller.signal,
        deadlineMs: how.stop === "its deadline" ? stopAtMs : undefined,
      };
      const run = how.isInside
        ? scope(
            async (s) =>
              await s.start(
                "around",
                async (within) => await scope(body, { ...options, clock: undefined, within }),
              ),
            { clock, limit, graceMs },
          )
        : scope(body, options);
      let isOver = false;
      const end = (): void => {
        isOver = true;
      };
      run.then(end, end);
      await clock.advance(1_000_000);
      if (graceMs === Infinity) {
        // Tasks that are never to stop may wait for ever; the body was told to.
        expect([...pending].filter((name) => name.endsWith("body"))).toEqual([]);
      } else {
        expect([isOver, ...pending]).toEqual([true]);
      }
    }),
    { numRuns: 500 },
  );
});
