// Calls that come after others: when they start, and what becomes of them.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { virtualClock } from "../../src/testing/index.ts";
import type { ToolCall } from "../../src/tools/index.ts";
import { runProgram } from "../properties/run-tool-program.ts";
import { toolFolder } from "../properties/tool-folder.ts";
import { linkedNumber, placeCalls, program } from "../properties/tool-program.ts";
import { heldTools, statuses } from "./support.ts";

const folder = toolFolder();

const TOOLS = [
  { name: "look", effect: "read", parallel: true },
  { name: "work", parallel: true },
  { name: "ask", parallel: true, needsApproval: () => true },
] as const;

const after = (id: string, ...ids: string[]): ToolCall => ({ id, name: "work", after: ids });

describe("a call that comes after others", () => {
  test("starts when all of them have completed, and no others", async () => {
    const { box, rig, task } = heldTools(TOOLS);
    const results = box.run([
      { id: "a", name: "work" },
      { id: "b", name: "work" },
      after("c", "a", "b"),
      after("d"),
    ]);
    await Promise.all([task("a").started, task("b").started, task("d").started]);
    task("a").complete(1);
    await rig.idle();
    expect(rig.running).toEqual(["b", "d"]);
    task("b").complete(1);
    await task("c").started;
    task("c").complete(1);
    task("d").complete(1);
    expect(statuses(await results)).toEqual([
      "a completed",
      "b completed",
      "c completed",
      "d completed",
    ]);
  });

  test("never overlaps them, whatever they touch", async () => {
    await fc.assert(
      fc.asyncProperty(program, async (each) => {
        const { spans } = await runProgram(each, { root: folder.path, clock: virtualClock() });
        const placed = placeCalls(each);
        for (const { call, id, number } of placed) {
          const ids = placed.filter((other) => other.call.turn === call.turn);
          const own = spans.filter((span) => span.id === id);
          const isFirst = placed.find((other) => other.id === id)?.number === number;
          for (const to of isFirst ? (call.after ?? []) : []) {
            const before = ids[linkedNumber({ to }, number) - 1]?.id;
            const ended = spans.filter((span) => span.id === before).map(({ endMs }) => endMs);
            expect(own.every(({ startMs }) => ended.every((endMs) => endMs <= startMs))).toBe(true);
          }
        }
      }),
      { numRuns: 150 },
    );
  });

  test("is skipped when one of them does not complete, and so are those after it", async () => {
    const { box, task } = heldTools(TOOLS);
    const results = box.run([
      { id: "a", name: "work" },
      after("b", "a"),
      after("c", "b"),
      { id: "d", name: "nothing" },
      after("e", "d"),
    ]);
    await task("a").started;
    task("a").fail(new Error("no"));
    const all = await results;
    expect(statuses(all)).toEqual(["a failed", "b skipped", "c skipped", "d invalid", "e skipped"]);
    expect(all[1]?.text).toBe(
      'work was not run, as it comes after call "a", which ended as failed.',
    );
  });

  test("says that it waited for them", async () => {
    const { box, clock, task } = heldTools(TOOLS);
    const results = box.run([{ id: "a", name: "work" }, after("b", "a")]);
    await task("a").started;
    await clock.advance(30);
    task("a").complete(1);
    await task("b").started;
    task("b").complete(1);
    expect((await results)[1]?.waits).toEqual([
      { reason: "dependency", ms: 30, on: ["a"], limit: undefined },
    ]);
  });

  test("shares no work with an identical call, as it may see something newer", async () => {
    const { box, task } = heldTools(TOOLS);
    const results = box.run([
      { id: "a", name: "look" },
      { id: "b", name: "look", after: ["a"] },
    ]);
    await task("a").started;
    task("a").complete("old");
    await task("b").started;
    task("b").complete("new");
    expect((await results).map(({ output }) => output)).toEqual(["old", "new"]);
  });

  test("is asked about once they have completed", async () => {
    const asked: string[] = [];
    const { box, task } = heldTools(TOOLS, {
      approve: ({ id }) => {
        asked.push(id);
        return true;
      },
    });
    const results = box.run([
      { id: "a", name: "work" },
      { id: "b", name: "ask", after: ["a"] },
    ]);
    await task("a").started;
    expect(asked).toEqual([]);
    task("a").complete(1);
    await task("b").started;
    expect(asked).toEqual(["b"]);
    task("b").complete(1);
    await results;
  });

  test("is answered when it is cancelled meanwhile, and never starts", async () => {
    const { box, rig, task } = heldTools(TOOLS);
    const turn = box.turn();
    turn.call({ id: "a", name: "work" });
    turn.call(after("b", "a"));
    turn.commit();
    await task("a").started;
    turn.cancel("b");
    expect((await turn.result("b")).status).toBe("cancelled");
    task("a").complete(1);
    await turn.results();
    await box.idle();
    expect(rig.order).toEqual(["a started", "a completed"]);
  });

  test.each([
    ["itself", "b"],
    ["a later one", "c"],
    ["none", "x"],
  ])("is invalid after %s", async (_, id) => {
    const { box, task } = heldTools(TOOLS);
    const results = box.run([after("b", id), { id: "c", name: "work" }]);
    await task("c").started;
    task("c").complete(1);
    const [invalid] = await results;
    expect(invalid?.status).toBe("invalid");
    expect(invalid?.text).toContain(`"after": "${id}" is no earlier call of this response`);
  });

  test("is refused where it does not say which", () => {
    const { box } = heldTools(TOOLS);
    const call = { id: "a", name: "work", after: "b" } as unknown as ToolCall;
    expect(() => box.turn().call(call)).toThrow(
      'Cannot add call "a" as its "after" must be a list of ids: "b"',
    );
  });
});
