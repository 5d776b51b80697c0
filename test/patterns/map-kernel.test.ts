// What only the class through the kernel does.
import { describe, expect, test } from "vitest";
import { limit, map, scope, type MapContext, type RunEvent } from "../../src/index.ts";
import { rig, virtualClock } from "../../src/testing/index.ts";

describe("map through the kernel", () => {
  test("within a task ends with it, and lends its slot meanwhile", async () => {
    const clock = virtualClock();
    const total = await scope(
      (s) =>
        s.start("outer", async (ctx) => {
          const values = await map([1, 2, 3], (item) => item, { within: ctx }).toArray();
          return values.length;
        }),
      { limit: 1, clock },
    );
    expect(total).toBe(3);
  });

  test("within a task is cancelled with it", async () => {
    const r = rig();
    const held = r.task("held");
    const log: string[] = [];
    function* source(): Generator<number, void> {
      try {
        for (;;) yield 1;
      } finally {
        log.push("closed");
      }
    }
    const run = scope((s) => {
      s.start("outer", async (ctx) => {
        const inner = map(source, (_, each: MapContext) => held.run(each), {
          within: ctx,
          limit: 1,
        });
        await inner.toArray();
      });
    });
    await held.started;
    run.cancel("enough");
    await expect(run).rejects.toMatchObject({ reason: "enough" });
    expect(held.state).toBe("cancelled");
    expect(log).toEqual(["closed"]);
  });

  test("shares a limit with others", async () => {
    const r = rig();
    const shared = limit(2);
    const tasks = ["a", "b", "c", "d"].map((name) => r.task(name));
    const start = (some: typeof tasks): Promise<void[]> =>
      map(some, (task, ctx) => task.run(ctx), { limit: shared }).toArray();
    const runs = Promise.all([start(tasks.slice(0, 2)), start(tasks.slice(2))]);
    await r.idle();
    expect(r.running).toHaveLength(2); // Which of them come first depends on how busy the machine is.
    for (const task of tasks) {
      await task.started;
      task.complete();
    }
    await runs;
    expect(shared.inUse).toBe(0);
  });

  test("tells observers, and loops over events that begin before it, of every task", async () => {
    const observed: string[] = [];
    const run = map([1, 2], (item) => item, {
      observe: (event: RunEvent) => observed.push(event.type),
    });
    const looped: string[] = [];
    const loop = (async () => {
      for await (const event of run.events) looped.push(event.type);
    })();
    await run.toArray();
    await loop;
    expect(observed.filter((type) => type === "task-settled")).toHaveLength(2);
    expect(["run-started", ...looped]).toEqual(observed);

    const plain = map([1], (item) => item);
    await plain.toArray();
    for await (const event of plain.events) expect.unreachable(event.type);
  });
});
