// The claim table against a quadratic oracle that compares every ticket with every other.
import fc from "fast-check";
import { expect, test } from "vitest";
import { ClaimTable, type Claim, type ClaimTicket } from "../../src/core/claim-table.ts";
import { covers, parseResource } from "../../src/core/resource.ts";

interface Task {
  readonly place: number;
}

interface Live {
  readonly task: Task;
  readonly claims: readonly Claim[];
  readonly ticket: ClaimTicket<Task>;
  readonly arrival: number;
  heldAt: number | undefined;
}

const claim: fc.Arbitrary<Claim> = fc.record({
  segments: fc
    .constantFrom("a", "a/x", "a/x/1", "a/x/2", "a/y", "b", "b/z", "")
    .map((name) => (name === "" ? [] : parseResource(name))),
  mode: fc.constantFrom("read" as const, "write" as const),
});

type Step =
  | { readonly kind: "add"; readonly place: number; readonly claims: readonly Claim[] }
  | { readonly kind: "hold" | "release"; readonly pick: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("add" as const),
      place: fc.nat(10_000),
      claims: fc.array(claim, { minLength: 1, maxLength: 3 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("hold" as const), pick: fc.nat(50) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("release" as const), pick: fc.nat(50) }) },
);

function conflict(a: readonly Claim[], b: readonly Claim[]): boolean {
  return a.some((x) =>
    b.some(
      (y) =>
        (x.mode === "write" || y.mode === "write") &&
        (covers(x.segments, y.segments) || covers(y.segments, x.segments)),
    ),
  );
}

/** Those in the way of `of`: conflicting ones of an earlier place, but for those that came after it was held, and earlier holders. */
function inTheWay(of: Live, all: readonly Live[]): readonly Live[] {
  return all.filter(
    (other) =>
      other !== of &&
      conflict(other.claims, of.claims) &&
      (other.task.place < of.task.place
        ? of.heldAt === undefined || other.arrival < of.heldAt
        : other.heldAt !== undefined && other.heldAt < of.arrival),
  );
}

test("the claim table finds clear exactly what has no conflicting claim in its way", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      let live: Live[] = [];
      const told: Task[] = [];
      const table = new ClaimTable<Task>({
        precedes: (a, b) => a.place < b.place,
        onClear: (task) => told.push(task),
      });
      for (const [time, each] of steps.entries()) {
        const clearBefore = new Set(
          live.filter(({ ticket }) => ticket.clear).map(({ task }) => task),
        );
        told.length = 0;
        if (each.kind === "add") {
          if (live.some(({ task }) => task.place === each.place)) {
            continue;
          }
          const task = { place: each.place };
          const ticket = table.add(task, each.claims);
          live.push({ task, claims: each.claims, ticket, arrival: time, heldAt: undefined });
        } else if (each.kind === "hold") {
          const free = live.filter(({ ticket, heldAt }) => ticket.clear && heldAt === undefined);
          const chosen = free[each.pick % Math.max(1, free.length)];
          if (chosen !== undefined) {
            chosen.ticket.hold();
            chosen.heldAt = time;
          }
        } else {
          const chosen = live[each.pick % Math.max(1, live.length)];
          if (chosen !== undefined) {
            live = live.filter((other) => other !== chosen);
            chosen.ticket.release();
            chosen.ticket.release();
            const cleared = live.filter(
              ({ task, ticket }) => ticket.clear && !clearBefore.has(task),
            );
            expect(told.map(({ place }) => place)).toEqual(
              cleared.map(({ task }) => task.place).toSorted((a, b) => a - b),
            );
          }
        }
        for (const one of live) {
          const blockers = inTheWay(one, live).map(({ task }) => task);
          expect(one.ticket.clear).toBe(blockers.length === 0);
          expect(new Set(one.ticket.blockers(100))).toEqual(new Set(blockers));
        }
      }
    }),
    { numRuns: 2000 },
  );
});
