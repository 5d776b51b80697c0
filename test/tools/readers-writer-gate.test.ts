// Tools that only read, or run alone, behave as a fair readers-writer lock that is taken in the order of the calls.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { virtualClock } from "../../src/testing/index.ts";
import { toolbox, type Tool } from "../../src/tools/index.ts";
import { call, heldTools, statuses } from "./support.ts";

interface GateCall {
  readonly mode: "read" | "parallel" | "alone";
  readonly gapMs: number;
  readonly runMs: number;
}

const gateCall: fc.Arbitrary<GateCall> = fc.record({
  mode: fc.constantFrom("read" as const, "parallel" as const, "alone" as const),
  gapMs: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 9 })),
  runMs: fc.integer({ min: 1, max: 20 }),
});

/** When each call starts: readers after the last writer before them, writers after all before them; a gate with room for all. */
function simulate(calls: readonly GateCall[]): readonly number[] {
  const starts: number[] = [];
  let nowMs = 0;
  let lastWriterEndMs = 0;
  let lastEndMs = 0;
  for (const { mode, gapMs, runMs } of calls) {
    nowMs += gapMs;
    const startMs = Math.max(nowMs, mode === "alone" ? lastEndMs : lastWriterEndMs);
    starts.push(startMs);
    lastEndMs = Math.max(lastEndMs, startMs + runMs);
    lastWriterEndMs = mode === "alone" ? startMs + runMs : lastWriterEndMs;
  }
  return starts;
}

test("each call starts when a fair readers-writer lock lets it", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(gateCall, { minLength: 1, maxLength: 25 }), async (calls) => {
      const clock = virtualClock();
      const sleep = (ms: number): Promise<void> =>
        new Promise((resolve) => void clock.schedule(ms, resolve));
      const starts: number[] = [];
      const run = async (_: unknown, { key }: { readonly key: string }): Promise<void> => {
        starts[Number(key)] = clock.now();
        await sleep(calls[Number(key)]?.runMs ?? 0);
      };
      const tools: readonly Tool[] = [
        { name: "read", effect: "read", run },
        { name: "parallel", parallel: true, run },
        { name: "alone", run },
      ];
      // A turn for each call, committed at once: only the gate decides.
      const box = toolbox(tools, { clock, limit: Infinity });
      const running = [];
      for (const [index, { mode, gapMs }] of calls.entries()) {
        if (gapMs > 0) {
          await sleep(gapMs);
        }
        running.push(box.run([call(String(index), mode, { index })]));
      }
      await Promise.all(running);
      expect(starts).toEqual(simulate(calls));
    }),
    { numRuns: 200 },
  );
});

const gate = [
  { name: "read", effect: "read" },
  { name: "alone" },
  { name: "parallel", parallel: true, effect: "read" },
] as const;

describe("the gate", () => {
  test("lets readers in together, a writer alone, and nobody past a writer that waits", async () => {
    const { box, task, rig } = heldTools(gate);
    const turn = box.turn();
    for (const [id, name] of [
      ["1", "read"],
      ["2", "parallel"],
      ["3", "alone"],
      ["4", "read"],
      ["5", "parallel"],
      ["6", "alone"],
    ] as const) {
      turn.call(call(id, name, id));
    }
    turn.commit();
    await rig.idle();
    expect(rig.running).toEqual(["1", "2"]);
    task("2").complete(2);
    await rig.idle();
    expect(rig.running).toEqual(["1"]);
    task("1").complete(1);
    await rig.idle();
    expect(rig.running).toEqual(["3"]);
    task("3").complete(3);
    await rig.idle();
    expect(rig.running).toEqual(["4", "5"]);
    task("4").complete(4);
    task("5").complete(5);
    await rig.idle();
    expect(rig.running).toEqual(["6"]);
    task("6").complete(6);
    expect(statuses(await turn.results())).toHaveLength(6);
  });

  test("is one gate for all turns of a toolbox, and another for each toolbox", async () => {
    const { box, task, rig } = heldTools(gate);
    const other = heldTools(gate);
    const first = box.run([call("1", "alone")]);
    const second = box.run([call("2", "read")]);
    const elsewhere = other.box.run([call("3", "alone")]);
    await rig.idle();
    await other.rig.idle();
    expect(rig.running).toEqual(["1"]);
    expect(other.rig.running).toEqual(["3"]);
    task("1").complete(1);
    await task("2").started;
    task("2").complete(2);
    other.task("3").complete(3);
    await Promise.all([first, second, elsewhere]);
  });

  test("holds back those after a writer that the response has not been completed for, and lets those before it run", async () => {
    const { box, task, rig } = heldTools(gate);
    const turn = box.turn();
    turn.call(call("1", "read", 1));
    turn.call(call("2", "alone", 2));
    turn.call(call("3", "read", 3));
    await rig.idle();
    expect(rig.running).toEqual(["1"]);
    task("1").complete(1);
    await rig.idle();
    expect(rig.running).toEqual([]);
    turn.commit();
    await task("2").started;
    task("2").complete(2);
    await task("3").started;
    task("3").complete(3);
    expect(statuses(await turn.results())).toEqual(["1 completed", "2 completed", "3 completed"]);
  });

  test("is left by a writer that is cancelled while it waits", async () => {
    const { box, task, rig } = heldTools(gate);
    const turn = box.turn();
    turn.call(call("1", "read", 1));
    turn.call(call("2", "alone", 2));
    turn.call(call("3", "read", 3));
    turn.commit();
    await rig.idle();
    turn.cancel("2");
    await task("3").started;
    expect(rig.running).toEqual(["1", "3"]);
    task("1").complete(1);
    task("3").complete(3);
    expect(statuses(await turn.results())).toEqual(["1 completed", "2 cancelled", "3 completed"]);
  });
});
