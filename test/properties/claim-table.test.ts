// The claim table against a quadratic oracle that compares every ticket with every other.
import fc from "fast-check";
import { expect, test } from "vitest";
import { ClaimTable, type Claims, type ClaimTicket } from "../../src/core/claim-table.ts";
import { covers, EVERYTHING } from "../../src/core/resource.ts";

interface Task {
  readonly place: number;
}

interface Live {
  readonly task: Task;
  claims: Claims;
  ticket: ClaimTicket<Task>;
  readonly arrival: number;
  heldAt: number | undefined;
}

/** One to three claims. */
function claimsOn(...names: readonly string[]): fc.Arbitrary<Claims> {
  const some = fc.array(fc.constantFrom(...names), { maxLength: 3 });
  return fc
    .record({ reads: some, writes: some })
    .filter(({ reads, writes }) => [1, 2, 3].includes(reads.length + writes.length));
}

const FILES = ["a/x/1", "a/x/2", "a/x/2/#f", "a/y", "b/z"];
const FOLDERS = [EVERYTHING, "a", "a/x", "b"];

type Step =
  | { readonly kind: "add"; readonly place: number; readonly claims: Claims }
  | { readonly kind: "hold" | "release" | "narrow"; readonly pick: number };

/** Steps of which `adds` in `adds + 4` add claims. */
function stepsOn(claims: fc.Arbitrary<Claims>, adds: number): fc.Arbitrary<Step[]> {
  const step: fc.Arbitrary<Step> = fc.oneof(
    {
      weight: adds,
      arbitrary: fc.record({
        kind: fc.constant("add" as const),
        place: fc.nat(10_000),
        claims,
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("hold" as const), pick: fc.nat(50) }) },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant("release" as const), pick: fc.nat(50) }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("narrow" as const), pick: fc.nat() }) },
  );
  return fc.array(step, { maxLength: 60 });
}

/** Some of the claims, and some only below where they are. */
function narrowed({ reads, writes }: Claims, pick: number): Claims {
  const below = (name: string, bit: number): string =>
    ((pick >> bit) & 1) === 1 ? name : name === EVERYTHING ? "a/x/1" : `${name}/below`;
  const keeps = (_: string, index: number): boolean => ((pick >> (index + 8)) & 1) === 1;
  return { reads: reads.filter(keeps).map(below), writes: writes.filter(keeps).map(below) };
}

function conflict(a: Claims, b: Claims): boolean {
  const meet = (some: readonly string[], others: readonly string[]): boolean =>
    some.some((x) => others.some((y) => covers(x, y) || covers(y, x)));
  return meet(a.writes, b.writes) || meet(a.writes, b.reads) || meet(a.reads, b.writes);
}

/** What is claimed and what is above it, but for everything. */
function resourcesOf(all: readonly Live[]): ReadonlySet<string> {
  const names = all.flatMap(({ claims }) => [...claims.reads, ...claims.writes]);
  const above = names.flatMap((name) => {
    const segments = name.split("/");
    return segments.map((_, index) => segments.slice(0, index + 1).join("/"));
  });
  return new Set(above.filter((name) => name !== EVERYTHING));
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

/** Takes the steps, and looks after each what is in whose way. */
function follow(steps: readonly Step[]): void {
  let live: Live[] = [];
  const told: Task[] = [];
  const table = new ClaimTable<Task>({
    precedes: (a, b) => a.place < b.place,
    onClear: (task) => told.push(task),
  });
  for (const [time, each] of steps.entries()) {
    const clearBefore = new Set(live.filter(({ ticket }) => ticket.clear).map(({ task }) => task));
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
      const mayBeChosen =
        each.kind === "narrow" ? live.filter(({ heldAt }) => heldAt === undefined) : live;
      const chosen = mayBeChosen[each.pick % Math.max(1, mayBeChosen.length)];
      if (chosen !== undefined) {
        if (each.kind === "narrow") {
          clearBefore.add(chosen.task); // Whoever narrows it asks whether it is clear.
          chosen.claims = narrowed(chosen.claims, each.pick);
          chosen.ticket = table.narrow(chosen.ticket, chosen.task, chosen.claims);
        } else {
          live = live.filter((other) => other !== chosen);
          chosen.ticket.release();
          chosen.ticket.release();
        }
        const cleared = live.filter(({ task, ticket }) => ticket.clear && !clearBefore.has(task));
        expect(told.map(({ place }) => place)).toEqual(
          cleared.map(({ task }) => task.place).toSorted((a, b) => a - b),
        );
      }
    }
    expect(table.size).toBe(resourcesOf(live).size);
    for (const one of live) {
      const blockers = inTheWay(one, live).map(({ task }) => task);
      expect(one.ticket.clear).toBe(blockers.length === 0);
      expect(new Set(one.ticket.blockers(100))).toEqual(new Set(blockers));
    }
  }
}

test("the claim table finds clear exactly what has no conflicting claim in its way, and knows no more resources than it needs", () => {
  fc.assert(fc.property(stepsOn(claimsOn(...FOLDERS, ...FILES), 3), follow), { numRuns: 2000 });
});

test("a folder that is claimed late waits for what was claimed below it, and the other way round", () => {
  // Files alone first: their folders know nothing of them. Then folders alone, so that many claims below meet the first of a folder.
  const files = stepsOn(claimsOn(...FILES), 6);
  const folders = stepsOn(claimsOn(...FOLDERS), 2);
  fc.assert(
    fc.property(files, folders, files, (before, meeting, after) =>
      follow([...before, ...meeting, ...after]),
    ),
    { numRuns: 1000 },
  );
});
