// Children that arrive late stand before everybody who waits behind their parent. Their claims go into the middle of long lists.
import { describe, expect, test } from "vitest";
import { ClaimTable } from "../../src/core/claim-table.ts";
import { scope } from "../../src/index.ts";
import { rig } from "../../src/testing/index.ts";

/** Writes a file of its own and reads one that all read. */
const resourcesOf = (name: string): { readonly reads: string[]; readonly writes: string[] } => ({
  reads: ["file:/repo/package.json"],
  writes: [`file:/repo/src/${name}.ts`],
});

const numbersTo = (count: number): readonly number[] => Array.from({ length: count }, (_, n) => n);

/** How many places are compared while `count` waiters, then `count` children before them, enter and leave a claim table. */
function comparisons(count: number): number {
  let compared = 0;
  const table = new ClaimTable<{ readonly place: number }>({
    precedes: (a, b) => {
      compared += 1;
      return a.place < b.place;
    },
    onClear: () => undefined,
  });
  const enter = (name: string, place: number): { release(): void } => {
    const ticket = table.add({ place }, resourcesOf(name));
    ticket.hold();
    return ticket;
  };
  const waiters = numbersTo(count).map((n) => enter(`waiter${n}`, count + n));
  const children = numbersTo(count).map((n) => enter(`child${n}`, n));
  for (const ticket of [...children, ...waiters]) {
    ticket.release();
  }
  return compared;
}

describe("children that arrive late", () => {
  test("cost comparisons in proportion to their number, however many wait behind them", () => {
    const counts = [1000, 2000, 4000].map(comparisons);
    const growth = counts.slice(1).map((compared, index) => compared / (counts[index] ?? 0));
    expect(growth.every((factor) => factor < 2.1)).toBe(true);
  });

  test("run before 4,000 tasks that wait on other files, all in depth-first order", async () => {
    const count = 4000;
    const children = numbersTo(count).map((n) => `child${n}`);
    const waiters = numbersTo(count).map((n) => `waiter${n}`);
    const parent = rig().task("parent");
    const order: string[] = [];
    const task = (name: string): { reads: string[]; writes: string[]; run(): void } => ({
      ...resourcesOf(name),
      run: () => void order.push(name),
    });
    const run = scope(
      (s) => {
        s.start("parent", async (ctx) => {
          await parent.run(ctx);
          for (const name of children) {
            ctx.start(name, task(name));
          }
        });
        for (const name of waiters) {
          s.start(name, task(name));
        }
      },
      { limit: 1 },
    );
    await parent.started;
    parent.complete();
    await run;
    expect(order).toEqual([...children, ...waiters]);
    expect(run.report.tasks).toEqual({
      completed: 2 * count + 1,
      failed: 0,
      cancelled: 0,
      skipped: 0,
    });
  });
});
