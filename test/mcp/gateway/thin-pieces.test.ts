// What is taken out of a long text is never shown: cut as the whole text would be, the ends come to the same.
import fc from "fast-check";
import { expect, test } from "vitest";
import { thinPieces } from "../../../src/mcp/gateway/thin-pieces.ts";
import { headAndTail } from "../../../src/tools/coding/head-and-tail.ts";

const text = fc
  .array(fc.constantFrom("a", "é", "😀", "€", "\n", "line of text\n", "x".repeat(90)), {
    maxLength: 40,
  })
  .map((words) => words.join(""));

test("a text without its middle is cut as all of it would be, whatever lies between its parts", () => {
  const media = fc.constantFrom({ label: "[image]" }, { label: "😀\n" });
  const piece = fc.oneof({ weight: 4, arbitrary: text }, media);
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 8 }),
      fc.nat(1500),
      fc.nat(1000),
      (all, most, less) => {
        const spoken = (each: string | { readonly label: string }): string =>
          typeof each === "string" ? each : each.label;
        const whole = all.map(spoken).join("");
        const own = all.filter((each) => typeof each === "string").join("");
        fc.pre(Buffer.byteLength(own) > most);
        const thin = thinPieces(all, Math.ceil(most / 2));
        const known = thin.map((each) => (isMedia(each) ? each.label : each));
        const bytes = Math.max(0, most - less);
        expect(headAndTail(known, bytes)).toBe(headAndTail(whole, bytes));
        const kept = thin.filter((each) => typeof each === "string").join("");
        expect(kept.length).toBeLessThanOrEqual(most + 4);
      },
    ),
    { numRuns: 2000 },
  );
});

function isMedia(piece: unknown): piece is { readonly label: string } {
  return typeof piece === "object" && piece !== null && "label" in piece;
}
