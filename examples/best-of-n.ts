/**
 * Best of N: five drafts at once, the best by a score; then drafts one by one until one is good enough; then until one can be read.
 *
 * ```
 * best of 5 in 1 round: "Fanfold: parallel where it is safe"
 * good enough after 2, 3 saved: "Fanfold runs what is independent at the same time and orders the rest"
 * valid after 3, 2 rejected: { "total": 42 }
 * ```
 */
import assert from "node:assert/strict";
import { bestOf, firstValid } from "fanfold";

/** Stands for calls of a model with a high temperature. */
const DRAFTS: readonly string[] = [
  "Fanfold runs things",
  "Fanfold runs what is independent at the same time and orders the rest",
  "Runs independent work at once, in order where it matters",
  "Parallel!",
  "Fanfold: parallel where it is safe",
];

const draft = async ({ key }: { readonly key: string }): Promise<string> =>
  DRAFTS[Number(key)] ?? "";

/** Near 50 characters, and naming the product. */
function score(text: string): number {
  const fit = 1 - Math.abs(text.length - 50) / 50;
  return Math.round(100 * (fit + (text.includes("Fanfold") ? 0.5 : 0)));
}

const best = await bestOf(draft, { of: DRAFTS.length, score });
console.log(`best of ${best.asked} in ${best.rounds} round: "${best.winner}"`);
assert.equal(best.winner, "Fanfold: parallel where it is safe");
assert.deepEqual(
  best.ranking.map(({ sample, score }) => [sample, score]),
  [
    [4, 118],
    [1, 112],
    [0, 88],
    [2, 88],
    [3, 18],
  ],
);

const enough = await bestOf(draft, { of: DRAFTS.length, score, enough: 100 });
console.log(`good enough after ${enough.asked}, ${enough.saved} saved: "${enough.winner}"`);
assert.deepEqual([enough.asked, enough.saved, enough.winner], [2, 3, DRAFTS[1]]);

const REPLIES = ["Sure! The total is 42.", '{ "total": 42', '{ "total": 42 }', '{ "total": 41 }'];
const isTotal = (reply: string): boolean => {
  try {
    return typeof (JSON.parse(reply) as { total?: unknown }).total === "number";
  } catch {
    return false;
  }
};
const reply = async ({ key }: { readonly key: string }): Promise<string> =>
  REPLIES[Number(key)] ?? "";

const valid = await firstValid(reply, { of: REPLIES.length, verify: isTotal });
console.log(`valid after ${valid.asked}, ${valid.rejected.length} rejected: ${valid.winner}`);
assert.deepEqual([valid.winner, valid.asked, valid.rejected.length], [REPLIES[2], 3, 2]);
