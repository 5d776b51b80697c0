import fc from "fast-check";
import { expect, test } from "vitest";
import { ReadySet } from "../../src/core/ready-set.ts";

/** Sizes around those at which a level is added. */
const size = fc.constantFrom(1, 31, 32, 33, 1023, 1024, 1025, 32_769, 40_000);

test("a set gives back what was added, the least first, whatever comes between", () => {
  fc.assert(
    fc.property(size, fc.array(fc.option(fc.nat()), { maxLength: 200 }), (size, steps) => {
      const set = new ReadySet(size);
      const oracle = new Set<number>();
      for (const step of steps) {
        if (step === null) {
          const first = oracle.size === 0 ? -1 : Math.min(...oracle);
          oracle.delete(first);
          expect(set.takeFirst()).toBe(first);
        } else {
          set.add(step % size);
          oracle.add(step % size);
        }
      }
      for (const number of [...oracle].sort((a, b) => a - b)) {
        expect(set.takeFirst()).toBe(number);
      }
      expect(set.takeFirst()).toBe(-1);
    }),
  );
});
