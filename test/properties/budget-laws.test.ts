// Random programs that pay from a budget: what is reserved never exceeds it, nobody is skipped without need, and all come to an end.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  budget,
  settle,
  type Budget,
  type Outcome,
  type SkippedOutcome,
  type Task,
  type TaskContext,
} from "../../src/index.ts";
import { virtualClock, type VirtualClock } from "../../src/testing/index.ts";

interface Payer {
  /** What it declares, in cents; nothing where undefined. */
  readonly estimate: number | undefined;
  /** What it tells, in parts; as often as there are parts. */
  readonly spends: readonly number[];
  readonly durationMs: number;
  readonly fails: boolean;
  readonly priority: number;
  readonly children: readonly Payer[];
}

interface Program {
  readonly total: number;
  /** Batches of one run each, which share the budget. */
  readonly runs: readonly (readonly Payer[])[];
  readonly limit: number;
  readonly cancelAtMs: number | undefined;
}

const payer = (depth: number, isHonest: boolean): fc.Arbitrary<Payer> =>
  fc
    .record({
      estimate: isHonest ? fc.nat(40) : fc.option(fc.nat(40), { nil: undefined }),
      spends: fc.array(fc.nat(30), { maxLength: 2 }),
      durationMs: fc.nat(6),
      fails: fc.integer({ min: 0, max: 5 }).map((value) => value === 0),
      priority: fc.nat(1),
      children:
        depth === 0
          ? fc.constant([])
          : fc.oneof(fc.constant([]), fc.array(payer(depth - 1, isHonest), { maxLength: 3 })),
    })
    .map((each) =>
      isHonest && each.estimate !== undefined
        ? { ...each, spends: keepWithin(each.estimate, each.spends) }
        : each,
    );

/** The same amounts, as far as they fit. */
function keepWithin(most: number, amounts: readonly number[]): readonly number[] {
  let left = most;
  return amounts.map((amount) => {
    const spent = Math.min(left, amount);
    left -= spent;
    return spent;
  });
}

const program = (depth: number, isHonest: boolean): fc.Arbitrary<Program> =>
  fc.record({
    total: fc.nat(100),
    runs: fc.array(fc.array(payer(depth, isHonest), { maxLength: 7 }), {
      minLength: 1,
      maxLength: 2,
    }),
    limit: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.constant(Infinity)),
    cancelAtMs: fc.option(fc.nat(20), { nil: undefined, freq: 6 }),
  });

interface Happened {
  readonly outcomes: readonly Outcome<unknown>[];
  readonly account: Budget;
  /** What the tasks have told. */
  readonly told: number;
  /** What `look` threw: inside a task nobody would hear of it. */
  readonly violations: readonly unknown[];
}

const cents = (usd: number): number => Math.round(usd * 100);

async function play(
  { total, runs, limit, cancelAtMs }: Program,
  watch: (account: Budget) => void,
): Promise<Happened> {
  const clock: VirtualClock = virtualClock();
  const account = budget({ usd: total / 100, name: "account" });
  const outcomes: Outcome<unknown>[] = [];
  const violations: unknown[] = [];
  let told = 0;
  const look = (at: Budget): void => {
    try {
      watch(at);
    } catch (error) {
      violations.push(error);
    }
  };
  const taskOf = ({
    estimate,
    spends,
    durationMs,
    fails,
    priority,
    children,
  }: Payer): Task<void> => ({
    ...(estimate === undefined ? {} : { cost: { usd: estimate / 100 } }),
    priority,
    run: async (ctx: TaskContext) => {
      look(account);
      for (const amount of spends) {
        ctx.spend({ usd: amount / 100 });
        told += amount;
        look(account);
      }
      await new Promise<void>((resolve) => {
        const timer = clock.schedule(durationMs, resolve);
        ctx.signal.addEventListener("abort", () => {
          timer.cancel();
          resolve();
        });
      });
      look(account);
      if (children.length > 0 && !ctx.signal.aborted) {
        outcomes.push(...(await settle(children.map(taskOf), { within: ctx })));
      }
      look(account);
      if (fails) throw new Error("fails");
    },
  });
  const all = runs.map((tasks) => settle(tasks.map(taskOf), { clock, limit, budget: account }));
  if (cancelAtMs !== undefined) {
    clock.schedule(cancelAtMs, () => all[0]?.cancel());
  }
  for (const run of all) {
    outcomes.push(...(await run));
  }
  return { outcomes, account, told, violations };
}

const isSkip = (outcome: Outcome<unknown>): outcome is SkippedOutcome =>
  outcome.status === "skipped";

describe("law: a budget", () => {
  test("is never exceeded by what is spent and reserved, if no task costs more than it declared", async () => {
    await fc.assert(
      fc.asyncProperty(program(2, true), async (wanted) => {
        const { account, outcomes, violations } = await play(wanted, (at) => {
          const { spent, reserved, left, exceeded } = at.stats();
          expect(cents(spent.usd + reserved.usd + left.usd)).toBe(wanted.total);
          expect(exceeded.usd).toBe(0);
        });
        expect(violations).toEqual([]);
        expect(account.stats().reserved).toEqual({ usd: 0, tokens: 0, calls: 0 });
        for (const { because } of outcomes.filter(isSkip)) {
          expect(because).toMatchObject({ kind: "budget", budget: "account", unit: "usd" });
        }
      }),
      { numRuns: 400 },
    );
  });

  test("skips only what never fits again, and counts what was told", async () => {
    await fc.assert(
      fc.asyncProperty(program(0, false), async (wanted) => {
        const { account, outcomes, told } = await play(wanted, () => undefined);
        const { spent, reserved, exceeded } = account.stats();
        expect(reserved).toEqual({ usd: 0, tokens: 0, calls: 0 });
        expect(cents(spent.usd)).toBeGreaterThanOrEqual(told);
        expect(cents(exceeded.usd)).toBe(Math.max(0, cents(spent.usd) - wanted.total));
        for (const { because, attempts } of outcomes.filter(isSkip)) {
          expect(attempts).toBe(0);
          if (because.kind === "budget") {
            const needed = Math.max(1, cents(because.needed));
            expect(cents(spent.usd) + needed).toBeGreaterThan(wanted.total);
          }
        }
      }),
      { numRuns: 400 },
    );
  });

  test("holds nobody up for ever, whatever was declared and spent, and leaves nothing reserved", async () => {
    await fc.assert(
      fc.asyncProperty(program(2, false), async (wanted) => {
        const { account } = await play(wanted, () => undefined);
        expect(account.stats().reserved).toEqual({ usd: 0, tokens: 0, calls: 0 });
        expect(account.lines.size).toBeLessThanOrEqual(1);
      }),
      { numRuns: 400 },
    );
  });
});
