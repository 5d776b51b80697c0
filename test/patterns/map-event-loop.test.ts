// Long runs of tasks that are done at once: the event loop turns meanwhile, whatever runs a `map`.
import { describe, expect, test } from "vitest";
import {
  budget,
  limit,
  map,
  mapReduce,
  mapSettled,
  scope,
  TimedOutError,
  type Clock,
} from "../../src/index.ts";

/** A clock by which a millisecond passes whenever it is read: every task is long, and none waits for anything. */
function busyClock(): Clock {
  let nowMs = 0;
  return {
    now: () => (nowMs += 1),
    schedule: () => ({ cancel: () => undefined }),
  };
}

/** Counts starts, and how many there were in one turn of the event loop. */
function turnCounter(): {
  readonly note: () => void;
  readonly most: () => number;
  readonly end: () => void;
} {
  let most = 0;
  let inTurn = 0;
  const onTurn = (): void => {
    inTurn = 0;
    handle = setImmediate(onTurn);
  };
  let handle = setImmediate(onTurn);
  return {
    note: () => {
      inTurn += 1;
      most = Math.max(most, inTurn);
    },
    most: () => most,
    end: () => clearImmediate(handle),
  };
}

interface Work {
  readonly items: readonly number[];
  readonly task: (item: number) => Promise<number>;
  readonly clock?: Clock;
  readonly deadlineMs?: number;
}

const add = async (left: number, right: number): Promise<number> => left + right;

async function* later<I>(items: Iterable<I>): AsyncGenerator<I, void> {
  yield* items;
}

const WAYS: Readonly<Record<string, (work: Work) => PromiseLike<unknown>>> = {
  "map with slots of its own": ({ items, task, ...rest }) =>
    map(items, task, { ...rest, limit: 4 }).toArray(),
  "map at a shared limit": ({ items, task, ...rest }) =>
    map(items, task, { ...rest, limit: limit(4) }).toArray(),
  "map at a shared limit without an end": ({ items, task, ...rest }) =>
    map(items, task, { ...rest, limit: limit(Infinity) }).toArray(),
  "map that is observed": ({ items, task, ...rest }) =>
    map(items, task, { ...rest, limit: 4, observe: () => undefined }).toArray(),
  "map with a full report": ({ items, task, ...rest }) =>
    map(items, task, { ...rest, limit: 4, report: "full" }).toArray(),
  "map that is paid from a budget": ({ items, task, ...rest }) =>
    map(items, task, { ...rest, limit: 4, budget: budget({ calls: items.length }) }).toArray(),
  "map within a task": ({ items, task, ...rest }) =>
    scope((s) => s.start("outer", (ctx) => map(items, task, { limit: 4, within: ctx }).toArray()), {
      ...rest,
    }),
  "map of an iterable at a shared limit": ({ items, task, ...rest }) =>
    map(() => items.values(), task, { ...rest, limit: limit(4) }).toArray(),
  "map of an async source": ({ items, task, ...rest }) =>
    map(later(items), task, { ...rest, limit: 4 }).toArray(),
  "map of an async source at a shared limit": ({ items, task, ...rest }) =>
    map(later(items), task, { ...rest, limit: limit(4) }).toArray(),
  "map that is read by a loop": async ({ items, task, ...rest }) => {
    for await (const item of map(items, task, { ...rest, limit: 4 })) {
      expect(item).toBeGreaterThanOrEqual(0);
    }
  },
  "map at a shared limit that is read by a loop": async ({ items, task, ...rest }) => {
    for await (const item of map(items, task, { ...rest, limit: limit(4) })) {
      expect(item).toBeGreaterThanOrEqual(0);
    }
  },
  mapSettled: async ({ items, task, ...rest }) => {
    const run = mapSettled(items, task, { ...rest, limit: 4, failure: "stop" });
    await run.toArray();
  },
  "mapSettled at a shared limit": async ({ items, task, ...rest }) => {
    const run = mapSettled(later(items), task, { ...rest, limit: limit(4), failure: "stop" });
    await run.toArray();
  },
  mapReduce: ({ items, task, ...rest }) =>
    mapReduce(items, { ...rest, map: task, reduce: add, limit: 4 }),
  "mapReduce at a shared limit": ({ items, task, ...rest }) =>
    mapReduce(items, { ...rest, map: task, reduce: add, limit: limit(4) }),
};

describe.each(Object.entries(WAYS))("%s", (_, run) => {
  test("lets the event loop turn while instant tasks take long together", async () => {
    const turns = turnCounter();
    const task = async (item: number): Promise<number> => {
      turns.note();
      return item;
    };
    const items = Array.from({ length: 300 }, (_unused, item) => item);
    await run({ items, task, clock: busyClock() });
    turns.end();
    // A turn is asked for after four milliseconds of this clock, and waited for after four more.
    expect(turns.most()).toBeLessThanOrEqual(16);
  });

  test("hears of its deadline among instant tasks", async () => {
    let done = 0;
    const task = async (item: number): Promise<number> => {
      done += 1;
      return item;
    };
    const items = Array.from({ length: 400_000 }, (_unused, item) => item);
    const error = await Promise.resolve(run({ items, task, deadlineMs: 1 })).catch(
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(TimedOutError);
    expect(done).toBeLessThan(items.length);
  });
});
