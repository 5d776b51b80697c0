import { expect, test } from "vitest";
import { formatDuration } from "../../../src/core/format-duration.ts";
import { describeReport, settle, type TaskContext } from "../../../src/index.ts";
import { virtualClock } from "../../../src/testing/index.ts";

test("describeReport says what was gained, along which path, and what held the run back", async () => {
  const clock = virtualClock();
  const work = (ms: number) => (): Promise<void> =>
    new Promise((resolve) => void clock.schedule(ms, resolve));
  const run = settle(
    {
      build: work(2000),
      test: { after: ["build"], run: work(100) },
      lint: work(1500),
      docs: work(1000),
    },
    { clock, limit: 2, report: "full" },
  );
  await run;
  expect(describeReport(run.report)).toMatchInlineSnapshot(`
    [
      "4 tasks in 2.5 s; one after another 4.6 s: 1.8 times faster (at best 2.2). Critical path: lint -> docs.",
      ""docs" waited 1.5 s for a slot of limit "run": with more of them the run could have taken 2.1 s.",
    ]
  `);
});

test("describeReport calls tasks as it is told", async () => {
  const run = settle({ a: () => 1 }, { clock: virtualClock(), report: "full" });
  await run;
  expect(describeReport(run.report, (key) => `task ${key}`).join(" ")).toContain(
    "Critical path: task a.",
  );
});

test("describeReport keeps quiet about a limit that did not hold the run back", async () => {
  const clock = virtualClock();
  const work = (ms: number) => (): Promise<void> =>
    new Promise((resolve) => void clock.schedule(ms, resolve));
  const tasks = { long: work(5000), short: work(2000), other: work(1000) };
  const run = settle(tasks, { clock, limit: 2, report: "full" });
  await run;
  expect(run.report.full?.timings[2]?.limitWaits).toEqual({ run: 2000 });
  expect(describeReport(run.report)).toEqual([
    "3 tasks in 5.0 s; one after another 8.0 s: 1.6 times faster (at best 1.6). Critical path: long.",
  ]);
});

test("describeReport counts the tasks that others started apart", async () => {
  const clock = virtualClock();
  const run = settle(
    {
      each: async (ctx: TaskContext) => {
        await Promise.all(["a", "b"].map((item) => ctx.start(item, () => item)));
      },
    },
    { clock, report: "full" },
  );
  await run;
  expect(describeReport(run.report)[0]).toMatch(/^1 task, 3 with items in 0 ms; /);
});

test("describeReport without a full log tells the totals", async () => {
  const run = settle([() => 1], { clock: virtualClock() });
  await run;
  expect(describeReport(run.report)).toEqual(["1 task in 0 ms."]);
});

test.each([
  [0.4, "0 ms"],
  [850, "850 ms"],
  [999.6, "1.0 s"],
  [2100, "2.1 s"],
  [59_960, "1 min 00 s"],
  [65_000, "1 min 05 s"],
])("formatDuration writes %s as %s", (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});
