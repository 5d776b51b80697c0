// Recordings and observers know events by these names and fields: one that is renamed or goes away breaks them.
import { describe, expect, test } from "vitest";
import { limit, settle, type RunEvent, type TaskContext } from "../../src/index.ts";
import { rig, virtualClock } from "../../src/testing/index.ts";
import { defineTool, toolbox } from "../../src/tools/index.ts";

/** A run in which everything happens that events tell of. */
async function eventsOfEverything(): Promise<readonly RunEvent[]> {
  const clock = virtualClock();
  const events: RunEvent[] = [];
  const held = rig({ clock });
  const stubborn = held.task("stubborn", { ignoresCancel: true });
  const flaky = held.task("flaky");
  const database = limit({ name: "database", concurrency: 1 });
  const run = settle(
    {
      flaky: { retry: 2, writes: ["file:/a.ts"], run: flaky.run },
      reader: { reads: ["file:/a.ts"], run: () => 1 },
      stubborn: { timeoutMs: 2000, run: stubborn.run },
      skipped: { after: ["stubborn"], run: () => 1 },
      parent: {
        limit: database,
        run: async (ctx: TaskContext) => {
          ctx.progress(0.5);
          await ctx.start("child", { limit: database, run: () => 1 });
        },
      },
    },
    { clock, graceMs: 50, name: "everything", observe: (event) => void events.push(event) },
  );
  await flaky.started;
  flaky.fail(new Error("again"));
  await flaky.attempt(2);
  flaky.complete();
  await run;
  return events;
}

/** A call of a tool whose claims are known only when another has ended. */
async function eventsOfReference(): Promise<readonly RunEvent[]> {
  const events: RunEvent[] = [];
  const tools = [
    defineTool({ name: "name", effect: "read", run: () => "a" }),
    defineTool({
      name: "write",
      writes: (input) => `store:${String(input)}`,
      run: () => undefined,
    }),
  ];
  await toolbox(tools, { observe: (event) => void events.push(event) }).run([
    { id: "1", name: "name" },
    { id: "2", name: "write", input: { $from: "1" } },
  ]);
  return events;
}

describe("events", () => {
  test("have these names and fields, in this order", async () => {
    const fields: Record<string, string> = {};
    for (const event of [...(await eventsOfEverything()), ...(await eventsOfReference())]) {
      const { type } = event;
      const found = Object.keys(event).join(" ");
      expect(found).toBe(fields[type] ?? found);
      fields[type] = found;
    }
    expect(fields).toEqual({
      "run-started": "runId sequence atMs type name",
      "task-added":
        "runId sequence atMs type taskId key parentTaskId enabledBy after reads writes exclusive always limits priority",
      "claims-narrowed": "runId sequence atMs type taskId reads writes",
      "task-waiting": "runId sequence atMs type taskId reason on limit",
      "task-progressed": "runId sequence atMs type taskId progress",
      "attempt-started": "runId sequence atMs type taskId attempt slot enabledBy",
      "attempt-paused": "runId sequence atMs type taskId attempt mutex",
      "attempt-resumed": "runId sequence atMs type taskId attempt after enabledBy",
      "attempt-completed": "runId sequence atMs type taskId attempt",
      "attempt-failed": "runId sequence atMs type taskId attempt error",
      "attempt-retrying": "runId sequence atMs type taskId attempt delayMs",
      "attempt-abandoned": "runId sequence atMs type taskId attempt",
      "task-settled": "runId sequence atMs type taskId status value error because abandoned",
      "run-settled": "runId sequence atMs type status",
    } satisfies Record<RunEvent["type"], string>);
  });

  test("tell of waiting for these reasons", async () => {
    const events = await eventsOfEverything();
    const reasons = events.map((event) => event.type === "task-waiting" && event.reason);
    expect(new Set(reasons)).toEqual(new Set([false, "claim", "dependency", "limit", "retry"]));
  });

  test("tell of ends with these words", async () => {
    const ends = (await eventsOfEverything()).flatMap((event) => {
      switch (event.type) {
        case "task-settled":
          return [`task ${event.status}${event.abandoned ? ", abandoned" : ""}`];
        case "run-settled":
          return [`run ${event.status}`];
        default:
          return [];
      }
    });
    expect(new Set(ends)).toEqual(
      new Set(["task completed", "task failed, abandoned", "task skipped", "run completed"]),
    );
  });
});
