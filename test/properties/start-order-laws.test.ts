// The law of start order, over random tasks that name limits in every mixture: who starts goes before nobody who could start as well.
import fc from "fast-check";
import { expect, test } from "vitest";
import { limit, settle } from "../../src/index.ts";
import { virtualClock } from "../../src/testing/index.ts";
import { isBefore, meet, someOf, type Ordered } from "./limited.ts";

const LIMITS = 4;

const program = fc.record({
  concurrency: fc.array(fc.integer({ min: 2, max: 4 }), { minLength: LIMITS, maxLength: LIMITS }),
  tasks: fc.array(
    fc.record({
      limits: someOf(LIMITS),
      weight: fc.integer({ min: 1, max: 2 }),
      priority: fc.nat(1),
      durationMs: fc.nat(5),
    }),
    { minLength: 1, maxLength: 14 },
  ),
});

/** Whether a task had room at its limits before `started` took its own. */
function hadRoom(task: Ordered, started: Ordered): boolean {
  return task.limits.every((each) => {
    const inUse = each.inUse - (started.limits.includes(each) ? started.weight : 0);
    return inUse === 0 || inUse + task.weight <= each.concurrency;
  });
}

/**
 * Expects nobody who comes before `started` and wants one of its limits to have room, but behind those who have not: limits may be kept free
 * for one that others passed for long.
 */
function checkStart(started: Ordered, waiting: readonly Ordered[]): void {
  const earlier = waiting.filter((each) => isBefore(each, started));
  const held = earlier.filter((each) => !hadRoom(each, started));
  let rest = earlier.filter((each) => hadRoom(each, started));
  for (let found = held; found.length > 0; held.push(...found)) {
    found = rest.filter((each) => held.some((other) => isBefore(other, each) && meet(each, other)));
    rest = rest.filter((each) => !found.includes(each));
  }
  expect(rest.filter((each) => meet(each, started)).map(({ place }) => place)).toEqual([]);
}

test("nobody starts before one that comes earlier and has room, but behind those who have not", async () => {
  await fc.assert(
    fc.asyncProperty(program, async ({ concurrency, tasks }) => {
      const clock = virtualClock();
      const limits = concurrency.map((each) => limit(each));
      const waiting = new Set<Ordered>();
      const definitions = tasks.map(({ weight, priority, durationMs, ...named }, place) => {
        const own = named.limits.flatMap((number) => limits[number] ?? []);
        const ordered = { place, priority, weight, limits: own };
        waiting.add(ordered);
        return {
          limit: own,
          weight,
          priority,
          run: async () => {
            waiting.delete(ordered);
            checkStart(ordered, [...waiting]);
            await new Promise<void>((resolve) => void clock.schedule(durationMs, resolve));
          },
        };
      });
      const outcomes = await settle(definitions, { clock });
      for (const outcome of outcomes) {
        expect(outcome.status === "failed" ? outcome.error : undefined).toBeUndefined();
      }
    }),
    { numRuns: 1500 },
  );
});
