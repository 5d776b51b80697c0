// What claims may cost: counted in comparisons of places, which no machine makes slower, and in memory.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { ClaimTable, type Claims, type ClaimTicket } from "../../src/core/claim-table.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void; // What the flag has made.

interface Task {
  readonly place: number;
}

type Enter = (place: number, claims: Partial<Claims>) => ClaimTicket<Task>;

const numbersTo = (count: number): readonly number[] => Array.from({ length: count }, (_, n) => n);

/** How many places are compared while `use` enters claims and releases them. */
function comparisons(use: (enter: Enter) => void): number {
  let compared = 0;
  const table = new ClaimTable<Task>({
    precedes: (a, b) => {
      compared += 1;
      return a.place < b.place;
    },
    onClear: () => undefined,
  });
  use((place, { reads = [], writes = [] }) => table.add({ place }, { reads, writes }));
  expect(table.size).toBe(0);
  return compared;
}

/** Expects twice the work to need hardly more than twice the comparisons. */
function expectLinear(use: (enter: Enter, count: number) => void): void {
  const [half = 0, all = 0] = [2000, 4000].map((count) =>
    comparisons((enter) => use(enter, count)),
  );
  expect(all / half).toBeLessThan(2.3);
}

describe("claims", () => {
  test("cost no comparison at all while they do not meet", () => {
    const compared = comparisons((enter) => {
      const tickets = numbersTo(1000).map((n) =>
        enter(n, { reads: [`docs/${n}.md`], writes: [`src/${n % 10}/${n}.ts`] }),
      );
      tickets.forEach((ticket) => ticket.release());
    });
    expect(compared).toBe(0);
  });

  test("below a folder that is claimed late cost in proportion to their number, whatever their order", () => {
    expectLinear((enter, count) => {
      const below = numbersTo(count).map((n) =>
        enter((n * 1009) % count, { writes: [`repo/src/${n % 10}/${n}.ts`] }),
      );
      const folder = enter(count, { reads: ["repo/src"] });
      below.forEach((ticket) => ticket.release());
      folder.release();
    });
  });

  test("of a folder that come and go cost in proportion to their number, however much is outstanding below", () => {
    expectLinear((enter, count) => {
      const below = numbersTo(count).map((n) => enter(n, { writes: [`repo/src/${n}.ts`] }));
      for (const n of numbersTo(count)) {
        enter(count + n, { reads: ["repo/src"] }).release();
      }
      below.forEach((ticket) => ticket.release());
    });
  });

  test("of many readers of a folder, beside many writers below it, cost in proportion to their number", () => {
    expectLinear((enter, count) => {
      const tickets = numbersTo(count).map((n) =>
        n < count / 2
          ? enter(n, { reads: ["repo"] })
          : enter(n, { writes: [`repo/src/${n % 100}.ts`] }),
      );
      tickets.forEach((ticket) => ticket.release());
    });
  });

  test("of names that never come again leave next to nothing behind", () => {
    collectGarbage();
    const before = process.memoryUsage().heapUsed;
    let after = before;
    comparisons((enter) => {
      const held = enter(0, { writes: ["repo/held.ts"] });
      for (const n of numbersTo(100_000)) {
        enter(n + 1, { reads: [`docs/${n}`], writes: [`repo/${n % 100}/${n}.ts`] }).release();
      }
      collectGarbage();
      after = process.memoryUsage().heapUsed;
      held.release();
    });
    expect((after - before) / 2 ** 20).toBeLessThan(5); // Kept, they would be over 30 MiB.
  });
});
