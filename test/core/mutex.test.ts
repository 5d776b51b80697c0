import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  CancelledError,
  limit,
  mutex,
  mutexBy,
  scope,
  settle,
  type Lock,
  type RunEvent,
  type TaskContext,
} from "../../src/index.ts";
import { rig, virtualClock } from "../../src/testing/index.ts";

const never = (): Promise<never> => new Promise(() => undefined);

interface Visitor {
  readonly asksAtMs: number;
  readonly staysMs: number;
  readonly mutex: number;
  readonly fails: boolean;
  /** When the task is cancelled, if at all. */
  readonly cancelAtMs: number | undefined;
  /** When its own signal is aborted, if at all. */
  readonly abortAtMs: number | undefined;
  /** Whether it is code outside of the run. */
  readonly isOutside: boolean;
  /** Tasks that it starts in its section, and waits for. */
  readonly children: number;
}

const sometimes = fc.option(fc.nat(40), { nil: undefined, freq: 4 });

const visitor: fc.Arbitrary<Visitor> = fc.record({
  asksAtMs: fc.nat(20),
  staysMs: fc.nat(6),
  mutex: fc.nat(1),
  fails: fc.integer({ min: 0, max: 5 }).map((value) => value === 0),
  cancelAtMs: sometimes,
  abortAtMs: sometimes,
  isOutside: fc.integer({ min: 0, max: 3 }).map((value) => value === 0),
  children: fc.nat(2),
});

describe("law: a mutex lets one at a time through, first come, first served", () => {
  test("whatever is cancelled, at any limit, with children inside the sections", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(visitor, { maxLength: 10 }),
        fc.integer({ min: 1, max: 3 }),
        async (visitors, concurrency) => {
          const clock = virtualClock();
          const slots = limit(concurrency);
          const locks = [mutex({ name: "0" }), mutex({ name: "1" })];
          const inside = [0, 0];
          const asked: string[][] = [[], []];
          const entered: string[][] = [[], []];
          let working = 0;
          const violations: string[] = []; // A throw inside a task would be heard by nobody.
          const check = (holds: boolean, rule: string): void => {
            if (!holds) violations.push(rule);
          };
          const sleep = (ms: number, signal: AbortSignal): Promise<void> =>
            new Promise((resolve) => {
              const timer = clock.schedule(ms, resolve);
              signal.addEventListener("abort", () => {
                timer.cancel();
                resolve();
              });
            });
          const visit = async (
            name: string,
            { mutex: at, staysMs, fails, abortAtMs, children }: Visitor,
            ctx: TaskContext | undefined,
          ): Promise<void> => {
            const controller = new AbortController();
            const end = ctx?.signal ?? new AbortController().signal;
            if (abortAtMs !== undefined) {
              clock.schedule(Math.max(0, abortAtMs - clock.now()), () => controller.abort());
            }
            asked[at]?.push(name);
            await (locks[at] as (typeof locks)[0]).run(
              async () => {
                entered[at]?.push(name);
                inside[at] = (inside[at] ?? 0) + 1;
                check(inside[at] === 1, "one at a time");
                check(!end.aborted && !controller.signal.aborted, "nobody who was stopped");
                if (ctx !== undefined) {
                  working += 1;
                  check(working <= concurrency, "no more than the limit");
                }
                await sleep(staysMs, end);
                if (ctx !== undefined) working -= 1;
                for (let index = 0; index < children && ctx !== undefined; index += 1) {
                  if (!end.aborted) {
                    await ctx
                      .start(String(index), { limit: slots, run: () => sleep(1, end) })
                      .catch(() => undefined);
                  }
                }
                inside[at] = (inside[at] ?? 0) - 1;
                if (fails) throw new Error("fails");
              },
              { signal: controller.signal },
            );
          };
          const outside: Promise<unknown>[] = [];
          await scope(
            (s) => {
              for (const [index, each] of visitors.entries()) {
                const name = String(index);
                clock.schedule(each.asksAtMs, () => {
                  if (each.isOutside) {
                    outside.push(visit(name, each, undefined).catch(() => undefined));
                  }
                });
                if (!each.isOutside) {
                  const handle = s.start(name, {
                    limit: slots,
                    run: async (ctx) => {
                      await sleep(each.asksAtMs, ctx.signal);
                      await visit(name, each, ctx);
                    },
                  });
                  if (each.cancelAtMs !== undefined) {
                    clock.schedule(each.cancelAtMs, () => handle.cancel());
                  }
                }
              }
              // Until everybody outside has asked.
              s.start("last", { run: ({ signal }) => sleep(21, signal) });
            },
            { clock, failure: "continue", graceMs: Infinity },
          );
          await Promise.all(outside);
          expect(violations).toEqual([]);
          for (const at of [0, 1]) {
            const order = asked[at]?.filter((name) => entered[at]?.includes(name));
            expect(entered[at]).toEqual(order);
            expect(locks[at]).toMatchObject({ locked: false, waiting: 0 });
          }
          expect(slots.inUse).toBe(0);
          // Whoever was stopped by nobody has been inside.
          for (const [index, { cancelAtMs, abortAtMs, mutex: at }] of visitors.entries()) {
            if (cancelAtMs === undefined && abortAtMs === undefined) {
              expect(entered[at]).toContain(String(index));
            }
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe("a task that waits for a mutex", () => {
  test("lends its slot, so that the one inside can start tasks at a limit of 1", async () => {
    const account = mutex();
    const order: string[] = [];
    await settle(
      {
        a: (ctx) =>
          account.run(async () => {
            // The other has asked by then: it has the slot as long as this one waits.
            await ctx.start("first", () => void order.push("first"));
            await ctx.start("second", () => void order.push("second"));
            order.push("a");
          }),
        b: () => account.run(() => void order.push("b")),
      },
      { limit: 1 },
    );
    expect(order).toEqual(["first", "second", "a", "b"]);
  });

  test("leaves the line when it is cancelled, and those behind it go on", async () => {
    const account = mutex();
    const r = rig();
    const inside = r.task("inside");
    const outcomes = settle(
      {
        a: (ctx) => account.run(() => inside.run(ctx)),
        b: { timeoutMs: 5, run: () => account.run(() => "never") },
        c: () => account.run(() => "c"),
      },
      { clock: virtualClock() },
    );
    await r.idle();
    expect(account.waiting).toBe(1);
    inside.complete();
    expect(await outcomes).toMatchObject({
      a: { status: "completed" },
      b: { status: "failed", error: { code: "TIMED_OUT" } },
      c: { status: "completed", value: "c" },
    });
  });

  test("passes the lock on when it is cancelled while it waits for its slot", async () => {
    const account = mutex();
    const slots = limit(1);
    const r = rig();
    const busy = r.task("busy");
    const lock = await account.acquire();
    let entered = false;
    const run = scope(
      async (s) => {
        const waiter = s.start("waiter", {
          limit: slots,
          run: () => account.run(() => void (entered = true)),
        });
        s.start("busy", { limit: slots, run: busy.run });
        await r.idle();
        lock.release(); // The waiter has the lock now, and waits for the slot that it lent.
        expect(account).toMatchObject({ locked: true, waiting: 0 });
        const next = account.acquire();
        waiter.cancel();
        expect(await next).toBeDefined();
        busy.complete();
        return await waiter.settled();
      },
      { failure: "continue" },
    );
    expect(await run).toMatchObject({ status: "cancelled" });
    expect(entered).toBe(false);
    expect(slots.inUse).toBe(0);
  });

  test("goes on without its slot when its attempt has ended meanwhile", async () => {
    const account = mutex();
    const slots = limit(1);
    const lock = await account.acquire();
    let left: Promise<string> | undefined;
    await settle({
      a: {
        limit: slots,
        run: () => {
          left = account.run(() => "left behind");
        },
      },
    });
    lock.release();
    expect(await left).toBe("left behind");
    expect(slots.inUse).toBe(0);
  });

  test("is refused when the holder was abandoned and nothing else can move", async () => {
    const account = mutex({ name: "account" });
    const outcomes = await settle(
      {
        a: { timeoutMs: 1, graceMs: 1, run: () => account.run(never) },
        b: () => account.run(() => 1),
        c: { after: ["b"], run: () => 2 },
      },
      { clock: virtualClock() },
    );
    expect(outcomes.a).toMatchObject({ status: "failed", abandoned: true });
    expect(String(outcomes.b.status === "failed" && outcomes.b.error)).toBe(
      'WaitRefusedError: Cannot let task "b" wait for task "a" as that one was abandoned and still holds mutex "account"',
    );
    expect(outcomes.c.status).toBe("skipped");
  });

  test("is free again when one who has it is refused the slots that it needs to go on", async () => {
    const account = mutex({ name: "account" });
    const clock = virtualClock();
    const lock = await account.acquire();
    clock.schedule(10, () => lock.release());
    const { outer } = await settle(
      {
        outer: async (ctx) => {
          ctx.start("hung", { run: never, timeoutMs: 1 });
          await account.acquire();
        },
      },
      { clock, graceMs: 1, limit: 1, onAbandon: "hold" },
    );
    expect(outer).toMatchObject({ status: "failed", error: { code: "WAIT_REFUSED" } });
    expect(account.locked).toBe(false);
  });

  test("loses nobody where one who left the line by its signal is refused its slots as well", async () => {
    const account = mutex();
    const clock = virtualClock();
    const controller = new AbortController();
    const one = limit(1);
    const lock = await account.acquire();
    clock.schedule(60, () => controller.abort());
    clock.schedule(100, () => lock.release());
    const outcomes = await settle(
      {
        leaver: {
          limit: one,
          run: async (ctx) => {
            ctx.start("hung", { limit: one, timeoutMs: 20, run: never }); // In the slot that is lent.
            await account.run(() => 0, { signal: controller.signal });
          },
        },
        last: () => account.run(() => 1),
      },
      { clock, graceMs: 5, onAbandon: "hold" },
    );
    expect(outcomes.leaver.status).toBe("failed");
    expect(outcomes.last).toMatchObject({ status: "completed", value: 1 });
    expect([account.locked, account.waiting]).toEqual([false, 0]);
  });

  test("can still move while code outside of the run has the lock", async () => {
    const account = mutex();
    const clock = virtualClock();
    const lock = await account.acquire();
    clock.schedule(100, () => lock.release());
    const outcomes = await settle(
      {
        // Abandoned at 2, and over at 50: nobody is to be skipped because of it before.
        late: {
          writes: ["f"],
          timeoutMs: 1,
          graceMs: 1,
          run: () => new Promise<void>((resolve) => void clock.schedule(50, resolve)),
        },
        waiter: () => account.run(() => "went on"),
        blocked: { reads: ["f"], run: () => clock.now() },
      },
      { clock },
    );
    expect(outcomes.late).toMatchObject({ abandoned: true });
    expect(outcomes.waiter).toMatchObject({ status: "completed", value: "went on" });
    expect(outcomes.blocked).toMatchObject({ status: "completed", value: 50 });
  });

  test("says so in the events and in the report", async () => {
    const account = mutex({ name: "account" });
    const clock = virtualClock();
    const events: RunEvent[] = [];
    const stay = (): Promise<void> => new Promise((resolve) => void clock.schedule(10, resolve));
    const visit = (): Promise<void> => account.run(stay);
    const run = settle(
      { a: visit, b: visit },
      { clock, report: "full", observe: (event) => void events.push(event) },
    );
    await run;
    const paused = events.filter(({ type }) => type === "attempt-paused");
    expect(paused).toMatchObject([{ taskId: 2, atMs: 0, mutex: "account" }]);
    expect(run.report.full?.waits).toMatchObject({ mutex: 10 });
    expect(run.report.full?.timings[1]).toMatchObject({ runMs: 10, waits: { mutex: 10 } });
    expect(run.report.full?.sequentialMs).toBe(20);
  });
});

describe("a section", () => {
  test("that asks for its own mutex is refused at once, by name", async () => {
    const account = mutex({ name: "account" });
    const nested = account.run(() => account.run(() => 1));
    await expect(nested).rejects.toThrow(
      new TypeError(
        'Cannot lock mutex "account" as a section must end before the next begins: it is already inside one',
      ),
    );
    expect(account.locked).toBe(false);
  });

  test("may start tasks that want the mutex, if it does not wait for them", async () => {
    const account = mutex();
    const order: string[] = [];
    await settle([
      (ctx: TaskContext) =>
        account.run(() => {
          ctx.start("later", () => account.run(() => void order.push("later")));
          order.push("section");
        }),
    ]);
    expect(order).toEqual(["section", "later"]);
  });

  test("may be one of several that a task asks for at the same time", async () => {
    const account = mutex();
    const sum = await scope((s) =>
      s.start("both", async () => {
        const [a, b] = await Promise.all([account.run(() => 1), account.run(() => 2)]);
        return a + b;
      }),
    );
    expect(sum).toBe(3);
  });

  test("that throws lets the next one in, and the error through", async () => {
    const account = mutex();
    const error = new Error("fails");
    const broken = account.run(() => {
      throw error;
    });
    const next = account.run(() => "next");
    await expect(broken).rejects.toBe(error);
    expect(await next).toBe("next");
  });
});

describe("a lock", () => {
  test("goes to the next in line before anybody else can take it, and once", async () => {
    const account = mutex();
    const lock = await account.acquire();
    const order: string[] = [];
    const enter = (name: string): Promise<Lock> =>
      account.acquire().then((each) => {
        order.push(name);
        return each;
      });
    const second = enter("second");
    lock.release();
    const third = enter("third");
    lock.release();
    expect(account).toMatchObject({ locked: true, waiting: 1 });
    (await second).release();
    (await third).release();
    expect(order).toEqual(["second", "third"]);
    expect(account.locked).toBe(false);
  });

  test("is not waited for any more once the signal is aborted, before or after", async () => {
    const account = mutex({ name: "account" });
    const aborted = account.acquire({ signal: AbortSignal.abort("early") });
    await expect(aborted).rejects.toMatchObject({ code: "CANCELLED", reason: "early" });
    expect(account.locked).toBe(false);
    const lock = await account.acquire();
    const controller = new AbortController();
    const waits = account.acquire({ signal: controller.signal });
    controller.abort("late");
    await expect(waits).rejects.toThrow(
      new CancelledError('The wait for mutex "account" was cancelled', "late"),
    );
    expect(account.waiting).toBe(0);
    lock.release();
    expect(account.locked).toBe(false);
  });
});

describe("mutexBy", () => {
  test("keeps those of one key apart, lets the others go, and forgets idle keys", async () => {
    const files = mutexBy<string>({ name: "file" });
    const r = rig();
    const [a, a2, b] = [r.task("a"), r.task("a2"), r.task("b")];
    const run = settle({
      a: (ctx) => files.run("a", () => a.run(ctx)),
      a2: (ctx) => files.run("a", () => a2.run(ctx)),
      b: (ctx) => files.run("b", () => b.run(ctx)),
    });
    await r.idle();
    expect(r.running).toEqual(["a", "b"]);
    expect(files.size).toBe(2);
    b.complete();
    a.complete();
    await r.idle();
    expect(r.running).toEqual(["a2"]);
    expect(files.size).toBe(1);
    a2.complete();
    await run;
    expect(files.size).toBe(0);
    const lock = await files.acquire("a");
    await expect(files.acquire("a", { signal: AbortSignal.abort() })).rejects.toThrow(
      'The wait for mutex "file:a" was cancelled',
    );
    lock.release();
    await expect(files.acquire("a", { signal: AbortSignal.abort() })).rejects.toThrow();
    expect(files.size).toBe(0);
  });
});
