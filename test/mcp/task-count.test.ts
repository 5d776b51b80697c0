// How far a plan is, as whoever waits for it is told.
import { expect, test } from "vitest";
import { scope } from "../../src/core/scope.ts";
import { TaskCount } from "../../src/mcp/task-count.ts";
import { rig } from "../../src/testing/index.ts";

test("a task inside of another counts for nothing, also where it has the name of a third", async () => {
  const count = new TaskCount();
  const r = rig();
  const [inside, after, other] = [r.task("inside"), r.task("after"), r.task("other")];
  const run = scope(
    async (s) => {
      s.start("calls", other.run);
      await s.start("model", async (ctx) => {
        await ctx.start("calls", inside.run);
        await ctx.start("later", after.run);
      });
    },
    { observe: (event) => count.see(event) },
  );
  await Promise.all([inside.started, other.started]);
  expect({ ended: count.ended, running: count.running }).toEqual({
    ended: 0,
    running: ["calls", "model"],
  });
  inside.complete(undefined);
  await after.started;
  expect({ ended: count.ended, running: count.running }).toEqual({
    ended: 0,
    running: ["calls", "model", "later"],
  });
  after.complete(undefined);
  other.complete(undefined);
  await run;
  expect({ ended: count.ended, running: count.running }).toEqual({ ended: 2, running: [] });
});
