// The law of bypass, over random tasks that come and go at any time: nobody is passed by more than its limits hold while it is the first of its kind.
import fc from "fast-check";
import { expect, test } from "vitest";
import { limit, scope, type Limit } from "../../src/index.ts";
import { virtualClock } from "../../src/testing/index.ts";
import { isBefore, meet, someOf, type Ordered } from "./limited.ts";

const LIMITS = 2;

const program = fc.record({
  concurrency: fc.array(fc.integer({ min: 3, max: 6 }), { minLength: LIMITS, maxLength: LIMITS }),
  tasks: fc.array(
    fc.record({
      limits: someOf(LIMITS, 1),
      weight: fc.integer({ min: 1, max: 3 }),
      priority: fc.nat(2),
      comesAtMs: fc.nat(20),
      durationMs: fc.integer({ min: 1, max: 5 }),
      /** When it is cancelled, after it has come; undefined for never. */
      leavesAfterMs: fc.option(fc.integer({ min: 1, max: 8 }), { nil: undefined, freq: 3 }),
    }),
    { minLength: 10, maxLength: 50 },
  ),
});

/** Somebody in line, and what has passed it at each limit while it was the first of those with the same limits and weight. */
class InLine implements Ordered {
  readonly place: number;
  readonly priority: number;
  readonly weight: number;
  readonly limits: readonly Limit[];
  readonly passed = new Map<Limit, number>();

  constructor(place: number, rank: Pick<InLine, "priority" | "weight" | "limits">) {
    this.place = place;
    this.priority = rank.priority;
    this.weight = rank.weight;
    this.limits = rank.limits;
  }

  isLike({ weight, limits }: InLine): boolean {
    return (
      weight === this.weight &&
      limits.length === this.limits.length &&
      limits.every((each, index) => each === this.limits[index])
    );
  }

  isFirstOf(waiting: ReadonlySet<InLine>): boolean {
    return [...waiting].every((other) => !other.isLike(this) || !isBefore(other, this));
  }

  get hasWaitedEnough(): boolean {
    return this.limits.some((each) => (this.passed.get(each) ?? 0) >= each.concurrency);
  }

  /** Somebody starts who comes after it, at some limits of both. */
  letPass(other: InLine): void {
    for (const each of this.limits.filter((own) => other.limits.includes(own))) {
      this.passed.set(each, (this.passed.get(each) ?? 0) + other.weight);
    }
  }
}

test("nobody passes one that as much has passed as one of its limits holds", async () => {
  await fc.assert(
    fc.asyncProperty(program, async ({ concurrency, tasks }) => {
      const clock = virtualClock();
      const limits = concurrency.map((each) => limit(each));
      const waiting = new Set<InLine>();
      const wronged: unknown[] = [];
      let come = 0;
      const wait = async (ms: number): Promise<void> =>
        await new Promise((resolve) => void clock.schedule(ms, resolve));
      await scope(
        async (s) => {
          const all = tasks.map(async (task) => {
            const { weight, priority, comesAtMs, durationMs, leavesAfterMs } = task;
            const own = task.limits.flatMap((number) => limits[number] ?? []);
            await wait(comesAtMs);
            const inLine = new InLine(come, { priority, weight, limits: own });
            come += 1;
            waiting.add(inLine);
            const handle = s.start(`task ${come}`, {
              limit: own,
              weight,
              priority,
              run: async () => {
                waiting.delete(inLine);
                for (const other of waiting) {
                  const isPassed =
                    isBefore(other, inLine) && other.isFirstOf(waiting) && meet(other, inLine);
                  if (isPassed) {
                    if (other.hasWaitedEnough) {
                      wronged.push({ of: other.place, by: inLine.place });
                    }
                    other.letPass(inLine);
                  }
                }
                await wait(durationMs);
              },
            });
            if (leavesAfterMs !== undefined) {
              await wait(leavesAfterMs);
              waiting.delete(inLine);
              handle.cancel();
            }
          });
          await Promise.all(all);
        },
        { clock },
      );
      expect(wronged).toEqual([]);
    }),
    { numRuns: 1000 },
  );
});
