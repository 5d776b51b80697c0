// A toolbox lives as long as its process: what a turn leaves behind is nothing.
import { getEventListeners } from "node:events";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { virtualClock } from "../../src/testing/index.ts";
import { toolbox, type Toolbox, type TurnOptions } from "../../src/tools/index.ts";
import { call, heldTools } from "./support.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

const CALLS_A_TURN = 100;
const TURNS = 75;

/** Calls of all kinds: those that run, share, are skipped, denied, invalid, fail, and are cancelled. */
async function turnOf(box: Toolbox, options?: TurnOptions): Promise<void> {
  const turn = box.turn(options);
  const kinds = [
    "write",
    "read",
    "fails",
    "guarded",
    "none",
    "read",
    "uses",
    "alone",
    "write",
    "free",
  ];
  for (let index = 0; index < CALLS_A_TURN; index += 1) {
    const name = kinds[index % kinds.length] ?? "";
    turn.call(call(String(index), name, name === "uses" ? { $from: index } : { key: index % 20 }));
  }
  turn.cancel("8");
  turn.commit();
  await turn.results();
}

function allKinds(): Toolbox {
  const key = (input: unknown): string => `db:${(input as { readonly key: number }).key}`;
  return toolbox(
    [
      { name: "write", writes: key, run: () => 1, timeoutMs: 1000 },
      { name: "read", effect: "read", reads: key, run: () => "x".repeat(100) },
      { name: "fails", parallel: true, run: () => Promise.reject(new Error("no")) },
      { name: "guarded", writes: key, needsApproval: () => true, run: () => 1 },
      { name: "uses", parallel: true, run: (input) => input },
      { name: "alone", run: () => 1 },
      { name: "free", parallel: true, limit: 2, run: async () => 1 },
    ],
    { approve: () => false, clock: virtualClock() },
  );
}

test(`rounds of ${CALLS_A_TURN * TURNS} calls over ${TURNS} turns leave nothing in a toolbox`, async () => {
  const box = allKinds();
  const { signal } = new AbortController();
  const memory = async (): Promise<number> => {
    for (let turn = 0; turn < 5; turn += 1) {
      collect();
      await new Promise((resolve) => setImmediate(resolve)); // What the turns before have left to the event loop is done.
    }
    return process.memoryUsage().heapUsed;
  };
  const some = async (turns: number): Promise<void> => {
    for (let turn = 0; turn < turns; turn += 1) {
      await turnOf(box, { signal });
    }
    await box.idle();
  };
  const grown: number[] = [];
  for (let before = 0, round = 0; round < 4; round += 1) {
    await some(TURNS);
    const now = await memory();
    grown.push((now - before) / (CALLS_A_TURN * TURNS));
    before = now;
  }
  // What is made once, such as compiled code, grows it in one round or another; what is kept of each call, in every one.
  expect(Math.min(...grown)).toBeLessThan(25);
  expect(getEventListeners(signal, "abort")).toHaveLength(0);
});

test("a turn that is over listens to nothing: not while work still stops, nor after it was aborted", async () => {
  const { box, task, rig, clock } = heldTools([{ name: "free", parallel: true, timeoutMs: 10 }], {
    stubborn: ["1"],
  });
  const controllers = [new AbortController(), new AbortController()] as const;
  const turn = box.turn({ signal: controllers[0].signal });
  turn.call(call("1", "free"));
  turn.commit();
  await rig.idle();
  expect(getEventListeners(controllers[0].signal, "abort")).toHaveLength(1);
  await clock.advance(10);
  await turn.results();
  expect(getEventListeners(controllers[0].signal, "abort")).toHaveLength(0);
  task("1").complete("late");
  await box.idle();
  expect(clock.pending).toBe(0);
  box.turn({ signal: controllers[1].signal }).abort();
  expect(getEventListeners(controllers[1].signal, "abort")).toHaveLength(0);
  box.turn({ signal: AbortSignal.abort() });
});
