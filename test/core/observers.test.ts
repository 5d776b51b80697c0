import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { EventLog } from "../../src/core/event-log.ts";
import { scope, settle, systemClock, type RunEvent, type TaskContext } from "../../src/index.ts";

/** As documented at `Run.events`. */
const BUFFERED_EVENTS = 65_536;

/** A task that makes `count` events of its own between its start and its end, once others have run. */
const reporting =
  (count: number) =>
  async (ctx: TaskContext): Promise<void> => {
    await Promise.resolve();
    for (let index = 0; index < count; index += 1) {
      ctx.progress(index);
    }
  };

async function read(events: AsyncIterable<RunEvent>): Promise<readonly RunEvent[]> {
  const found: RunEvent[] = [];
  for await (const event of events) {
    found.push(event);
  }
  return found;
}

const sequences = (events: readonly RunEvent[]): readonly number[] =>
  events.map(({ sequence }) => sequence);

/** The places where `sequence` leaps, as [before, after]. */
function leaps(events: readonly RunEvent[]): readonly (readonly [number, number])[] {
  return sequences(events)
    .map((sequence, index, all) => [all[index - 1] ?? sequence - 1, sequence] as const)
    .filter(([before, after]) => after !== before + 1);
}

function logOf(keep: boolean): EventLog {
  return new EventLog({ clock: systemClock, keep, observe: undefined });
}

describe("an observer", () => {
  test("that throws is not called again and changes nothing", async () => {
    const tasks = { a: () => 1, b: { after: ["a"], run: () => Promise.reject(new Error("b")) } };
    let calls = 0;
    const observed = await settle(tasks, {
      observe: () => {
        calls += 1;
        throw new Error("observer");
      },
    });
    expect(calls).toBe(1);
    expect(observed).toEqual(await settle(tasks));
  });

  test("that throws later has been called until then, and no more", async () => {
    const seen: string[] = [];
    const run = settle([() => 1], {
      report: "full",
      observe: ({ type }) => {
        seen.push(type);
        if (type === "attempt-started") {
          throw new Error("observer");
        }
      },
    });
    await run;
    expect(seen).toEqual(["run-started", "task-added", "attempt-started"]);
    expect((await read(run.events)).at(-1)?.type).toBe("run-settled");
  });

  test.each([
    ["rejects", (): unknown => Promise.reject(new Error("observer"))],
    ["of another realm rejects", (): unknown => runInNewContext("Promise.reject(1)")],
  ])("whose promise %s is not called again, and nothing is unhandled", async (_, fails) => {
    let calls = 0;
    // The compiler lets an asynchronous function pass for one that returns nothing.
    const observe = (): unknown => {
      calls += 1;
      return fails();
    };
    const outcomes = await scope(
      async (s) => {
        const a = await s.start("a", async () => await Promise.resolve(1));
        const before = calls;
        const b = await s.start("b", async () => await Promise.resolve(2));
        return { a, b, more: calls - before };
      },
      { observe },
    );
    expect(outcomes).toEqual({ a: 1, b: 2, more: 0 });
    expect(calls).toBeGreaterThan(0);
  });
});

describe("a reader", () => {
  test("that keeps up reads every event from where it began, without a gap", async () => {
    const run = settle([reporting(3)]);
    const events = await read(run.events);
    await run;
    expect(events.at(-1)?.type).toBe("run-settled");
    expect(leaps(events)).toEqual([]);
    expect(run.events.dropped).toBe(0);
  });

  test("that falls behind loses the oldest events, which are counted and leave a leap of sequence", async () => {
    const run = settle([reporting(BUFFERED_EVENTS + 10)]);
    const reader = run.events[Symbol.asyncIterator]();
    await run;
    const events = await read({ [Symbol.asyncIterator]: () => reader });
    expect(events).toHaveLength(BUFFERED_EVENTS);
    expect(events.at(-1)?.type).toBe("run-settled");
    // Beside the progress: the start of the attempt, its end, and that of the task and of the run.
    expect(run.events.dropped).toBe(14);
    expect(events[0]?.sequence).toBe(14);
  });

  test("that falls behind in the middle sees the leap there", async () => {
    const log = logOf(false);
    const reader = log.iterate()[Symbol.asyncIterator]();
    log.add({ type: "run-started" });
    log.add({ type: "task-progressed", taskId: 1, progress: 0 });
    const first = [(await reader.next()).value as RunEvent];
    for (let index = 0; index < BUFFERED_EVENTS + 4; index += 1) {
      log.add({ type: "task-progressed", taskId: 1, progress: index });
    }
    log.end("completed");
    const rest = await read({ [Symbol.asyncIterator]: () => reader });
    expect(leaps([...first, ...rest])).toEqual([[0, 7]]);
    expect(log.iterate().dropped).toBe(6);
  });

  test("of a full report loses nothing, however far it falls behind", async () => {
    const run = settle([reporting(BUFFERED_EVENTS * 2)], { report: "full" });
    const early = run.events[Symbol.asyncIterator]();
    await run;
    const events = await read({ [Symbol.asyncIterator]: () => early });
    expect(events.length).toBeGreaterThan(BUFFERED_EVENTS * 2);
    expect(leaps(events)).toEqual([]);
    expect(run.events.dropped).toBe(0);
  });

  test("that never reads does not grow without bound", async () => {
    const log = logOf(false);
    const reader = log.iterate()[Symbol.asyncIterator]();
    for (let index = 0; index < BUFFERED_EVENTS * 4; index += 1) {
      log.add({ type: "task-progressed", taskId: 1, progress: index });
    }
    expect(log.iterate().dropped).toBe(BUFFERED_EVENTS * 3);
    log.end("completed");
    const held = await read({ [Symbol.asyncIterator]: () => reader });
    expect(held).toHaveLength(BUFFERED_EVENTS);
    expect(held[0]).toMatchObject({ progress: BUFFERED_EVENTS * 3 + 1 });
  });

  test("that leaves early is forgotten: nobody wants events any more", async () => {
    const log = logOf(false);
    const loop = (async () => {
      for await (const event of log.iterate()) {
        return event.type;
      }
      return "none";
    })();
    expect(log.wanted).toBe(true);
    log.add({ type: "run-started" });
    expect(await loop).toBe("run-started");
    expect(log.wanted).toBe(false);
  });

  test("that leaves early reads no more, and no losses are counted for it", async () => {
    const log = logOf(false);
    const stays = log.iterate()[Symbol.asyncIterator]();
    const leaves = log.iterate()[Symbol.asyncIterator]();
    log.add({ type: "run-started" });
    await leaves.return?.();
    for (let index = 0; index < BUFFERED_EVENTS; index += 1) {
      log.add({ type: "task-progressed", taskId: 1, progress: index });
    }
    expect(log.iterate().dropped).toBe(1);
    expect(await leaves.next()).toEqual({ done: true, value: undefined });
    expect(await stays.next()).toMatchObject({ value: { sequence: 1 } });
  });

  test("that leaves while it waits ends the wait", async () => {
    const reader = logOf(false).iterate()[Symbol.asyncIterator]();
    const waiting = reader.next();
    await reader.return?.();
    expect(await waiting).toEqual({ done: true, value: undefined });
  });

  test("that asks several times at once gets the events in order, then the end", async () => {
    const log = logOf(false);
    const reader = log.iterate()[Symbol.asyncIterator]();
    const asked = [reader.next(), reader.next(), reader.next()];
    log.add({ type: "run-started" });
    log.end("completed");
    const results = await Promise.all(asked);
    expect(results.map(({ value }) => (value as RunEvent | undefined)?.type)).toEqual([
      "run-started",
      "run-settled",
      undefined,
    ]);
  });

  test("that comes after the end of a run without a full report ends at once", async () => {
    const run = settle([() => 1], { observe: () => undefined });
    await run;
    expect(await read(run.events)).toEqual([]);
  });

  test("that comes after the end of a run which nobody observed ends at once", async () => {
    for (const report of ["totals", undefined] as const) {
      const run = settle([() => 1], { report });
      await run;
      expect(await read(run.events)).toEqual([]);
    }
  });

  test("that comes after the end of a cancelled or failed run which nobody observed ends at once", async () => {
    const cancelled = scope(() => new Promise(() => undefined), { graceMs: 0 });
    cancelled.cancel();
    const failed = scope(() => Promise.reject(new Error("body")));
    await Promise.allSettled([cancelled, failed]);
    for (const run of [cancelled, failed]) {
      expect(await read(run.events)).toEqual([]);
    }
  });

  test("that comes after the end of a run with a full report reads all events, then the end", async () => {
    const run = settle([() => 1], { report: "full" });
    await run;
    expect((await read(run.events)).map(({ type }) => type)).toEqual([
      "run-started",
      "task-added",
      "attempt-started",
      "attempt-completed",
      "task-settled",
      "run-settled",
    ]);
  });

  test("beside others reads the same events as they do", async () => {
    const run = settle([reporting(5)]);
    const [a, b] = await Promise.all([read(run.events), read(run.events)]);
    expect(a).toEqual(b);
    expect(run.events).toBe(run.events);
  });
});
