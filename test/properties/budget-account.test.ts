// The accounts of a budget, against sums made anew over the whole tree, and against futures that are played out.
import fc from "fast-check";
import { expect, test } from "vitest";
import { Account } from "../../src/core/budget/account.ts";
import type { Estimate as Declared } from "../../src/core/budget/estimate.ts";
import { UNITS, type Amounts, type Unit } from "../../src/core/budget/amounts.ts";

type Estimate = Pick<Declared, "reserve" | "unknown" | "bounded">;

type Step =
  | { readonly kind: "open"; readonly at: number; readonly estimate: Estimate }
  | { readonly kind: "spend"; readonly at: number; readonly unit: Unit; readonly amount: number }
  | { readonly kind: "close"; readonly at: number };

const amount = fc.oneof(fc.constant(0), fc.nat(12));

const estimate: fc.Arbitrary<Estimate> = fc
  .record({
    reserve: fc.record({ usd: amount, tokens: amount, calls: amount }),
    known: fc.subarray([...UNITS]),
    bounded: fc.subarray([...UNITS]),
  })
  .map(({ reserve, known, bounded }) => ({
    reserve: Object.fromEntries(
      UNITS.map((unit) => [unit, known.includes(unit) ? reserve[unit] : 0]),
    ) as unknown as Amounts,
    unknown: UNITS.filter((unit) => !known.includes(unit)),
    bounded: bounded.filter((unit) => known.includes(unit) && reserve[unit] > 0),
  }));

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant("open" as const), at: fc.nat(), estimate }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("spend" as const),
      at: fc.nat(),
      unit: fc.constantFrom(...UNITS),
      amount,
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("close" as const), at: fc.nat() }) },
);

const total: fc.Arbitrary<Estimate> = fc
  .record({
    reserve: fc.record({ usd: fc.nat(30), tokens: fc.nat(30), calls: fc.nat(30) }),
    bounded: fc.subarray([...UNITS], { minLength: 1 }),
  })
  .map((options) => ({ ...options, unknown: [] }));

/** An account as one would write it who need not be fast. */
interface Node {
  readonly account: Account;
  readonly estimate: Estimate;
  readonly above: Node | undefined;
  readonly below: Node[];
  readonly told: Partial<Record<Unit, number>>;
  isOpen: boolean;
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

function own({ told, estimate: { reserve, bounded } }: Node, unit: Unit): number {
  return bounded.includes(unit) ? (told[unit] ?? 0) : Math.max(told[unit] ?? 0, reserve[unit]);
}

/** What was spent by a node, and below it: what was told, and the estimates of those who have ended and told nothing. */
function certain(node: Node, unit: Unit): number {
  const {
    told,
    below,
    isOpen,
    estimate: { reserve, bounded },
  } = node;
  const spent = own(node, unit) + sum(below.map((each) => certain(each, unit)));
  const isSilent = told[unit] === undefined && sum(below.map((each) => certain(each, unit))) === 0;
  return !isOpen && isSilent && bounded.includes(unit) ? reserve[unit] : spent;
}

function used(node: Node, unit: Unit): number {
  return node.isOpen
    ? own(node, unit) + sum(node.below.map((each) => held(each, unit)))
    : certain(node, unit);
}

function held(node: Node, unit: Unit): number {
  const {
    isOpen,
    estimate: { reserve, bounded },
  } = node;
  const amountUsed = used(node, unit);
  return isOpen && bounded.includes(unit) ? Math.max(amountUsed, reserve[unit]) : amountUsed;
}

function node(above: Node | undefined, given: Estimate): Node {
  const account = new Account(above?.account, given);
  const made: Node = { account, estimate: given, above, below: [], told: {}, isOpen: true };
  above?.below.push(made);
  return made;
}

function spend(at: Node, unit: Unit, spent: number): void {
  at.account.spend({ [unit]: spent });
  at.told[unit] = (at.told[unit] ?? 0) + spent;
}

function close(at: Node): void {
  at.account.close();
  at.isOpen = false;
}

/** Plays a program; only what fits is opened. */
function play(
  root: Estimate,
  steps: readonly Step[],
  look: (all: readonly Node[]) => void,
): Node[] {
  const all = [node(undefined, root)];
  const pick = (nodes: readonly Node[], at: number): Node | undefined => nodes[at % nodes.length];
  for (const each of steps) {
    const open = all.filter(({ isOpen }) => isOpen);
    switch (each.kind) {
      case "open": {
        const above = pick(open, each.at);
        if (above?.account.fits(each.estimate) === true) {
          all.push(node(above, each.estimate));
        }
        break;
      }
      case "spend": {
        const at = pick(open.slice(1), each.at);
        if (at !== undefined) spend(at, each.unit, each.amount);
        break;
      }
      case "close": {
        const at = pick(
          open.slice(1).filter(({ below }) => below.every(({ isOpen }) => !isOpen)),
          each.at,
        );
        if (at !== undefined) close(at);
      }
    }
    look(all);
  }
  return all;
}

const program = fc.tuple(total, fc.array(step, { maxLength: 25 }));

test("an account has used and spent what a sum over the tree says", () => {
  fc.assert(
    fc.property(program, ([root, steps]) => {
      play(root, steps, (all) => {
        for (const each of all) {
          for (const unit of UNITS) {
            expect(each.account.used[unit]).toBe(used(each, unit));
            expect(each.account.spent[unit]).toBe(certain(each, unit));
          }
        }
      });
    }),
    { numRuns: 500 },
  );
});

test("what is opened keeps within every estimate above it, unless it costs nothing", () => {
  fc.assert(
    fc.property(program, fc.nat(), estimate, ([root, steps], at, wanted) => {
      const all = play(root, steps, () => undefined).filter(({ isOpen }) => isOpen);
      const above = all[at % all.length] as Node;
      const before = new Map(
        all.flatMap((each) =>
          UNITS.map((unit) => [`${all.indexOf(each)} ${unit}`, used(each, unit)]),
        ),
      );
      const fits = above.account.fits(wanted);
      node(above, wanted);
      const exceeds = all.some((each, index) =>
        UNITS.some((unit) => {
          const now = used(each, unit);
          const grew = now > (before.get(`${index} ${unit}`) ?? 0);
          return grew && each.estimate.bounded.includes(unit) && now > each.estimate.reserve[unit];
        }),
      );
      const known = UNITS.filter((unit) => !wanted.unknown.includes(unit));
      if (known.length === UNITS.length) {
        expect(fits).toBe(!exceeds);
      } else if (fits) {
        expect(exceeds).toBe(false);
      }
    }),
    { numRuns: 1000 },
  );
});

test("may fit is what fits once all others have ended and told that they spent no more", () => {
  fc.assert(
    fc.property(program, fc.nat(), estimate, ([root, steps], at, wanted) => {
      const all = play(root, steps, () => undefined);
      const open = all.filter(({ isOpen }) => isOpen);
      const above = open[at % open.length] as Node;
      const mayFit = above.account.lastingShortage(wanted) === undefined;
      if (above.account.fits(wanted)) {
        expect(mayFit).toBe(true);
      }
      const stay = new Set<Node>();
      for (let each: Node | undefined = above; each !== undefined; each = each.above)
        stay.add(each);
      for (const each of open.toReversed()) {
        if (!stay.has(each)) {
          for (const unit of UNITS) spend(each, unit, 0);
          close(each);
        }
      }
      expect(above.account.fits(wanted)).toBe(mayFit);
    }),
    { numRuns: 1000 },
  );
});
