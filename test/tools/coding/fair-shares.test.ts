import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fairShares } from "../../../src/tools/coding/fair-shares.ts";

const needs = fc.array(fc.nat(50), { maxLength: 8 });

describe("fairShares", () => {
  test("gives nobody more than they need, and all together no more than there is", () => {
    fc.assert(
      fc.property(needs, fc.nat(200), (needs, room) => {
        const shares = fairShares(needs, room);
        expect(shares.every((share, index) => share >= 0 && share <= (needs[index] ?? 0))).toBe(
          true,
        );
        expect(shares.reduce((sum, share) => sum + share, 0)).toBeLessThanOrEqual(room);
      }),
    );
  });

  test("gives who gets less than they need as much as anybody gets, but for one, and leaves nothing over", () => {
    fc.assert(
      fc.property(needs, fc.nat(200), (needs, room) => {
        const shares = fairShares(needs, room);
        const short = shares.filter((share, index) => share < (needs[index] ?? 0));
        const most = Math.max(0, ...shares);
        expect(short.every((share) => share >= most - 1)).toBe(true);
        const left = room - shares.reduce((sum, share) => sum + share, 0);
        expect(short.length === 0 || left === 0).toBe(true);
      }),
    );
  });
});
