import { expect, test } from "vitest";
import { formatDuration } from "../../../src/core/format-duration.ts";
import { describeReport, settle } from "../../../src/index.ts";
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
      ""docs" waited 1.5 s for a slot of limit "run".",
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
