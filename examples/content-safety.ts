/**
 * A threshold vote: a text is blocked as soon as two of five reviewers, who look for different things, find it harmful.
 *
 * ```
 * blocked, 4 of 5 asked: I hate you people!!!
 * passed, 5 of 5 asked: How do I kill a process that hangs?
 * blocked, 2 of 5 asked: WE WILL KILL THE LIGHTS AT TEN
 * passed, 4 of 5 asked: Lunch is at noon
 * ```
 */
import assert from "node:assert/strict";
import { all, threshold, vote } from "fanfold";

/** Each stands for a model call with a prompt of its own. */
const REVIEWERS: readonly ((text: string) => boolean)[] = [
  (text) => /\bkill\b/i.test(text),
  (text) => text === text.toUpperCase(),
  (text) => /\byou people\b/i.test(text),
  (text) => /\bhate\b/i.test(text),
  (text) => text.includes("!!!"),
];

async function review(
  text: string,
): Promise<{ readonly isBlocked: boolean; readonly asked: number }> {
  const result = await vote(
    async (ctx) => {
      const finds = REVIEWERS[Number(ctx.key)]?.(text) ?? false;
      // Who finds nothing abstains: only harm is counted.
      return finds ? "harmful" : ctx.skip("finds nothing");
    },
    { of: REVIEWERS.length, rule: threshold(2) },
  );
  // Nobody wins where two are out of reach: the text passes.
  return { isBlocked: result.verdict === "won", asked: result.asked };
}

const texts = [
  "I hate you people!!!",
  "How do I kill a process that hangs?",
  "WE WILL KILL THE LIGHTS AT TEN",
  "Lunch is at noon",
];
const reviews = await all(texts.map((text) => () => review(text)));

for (const [index, { isBlocked, asked }] of reviews.entries()) {
  console.log(`${isBlocked ? "blocked" : "passed"}, ${asked} of 5 asked: ${texts[index]}`);
}
assert.deepEqual(reviews, [
  { isBlocked: true, asked: 4 },
  { isBlocked: false, asked: 5 },
  { isBlocked: true, asked: 2 },
  { isBlocked: false, asked: 4 },
]);
