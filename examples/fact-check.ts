/**
 * Facts checked by vote: every claim is put to the model until its verdict is settled, all claims at the same time.
 *
 * ```
 * false, 4 asked: Water boils at 90 °C on top of Mont Blanc
 * true, 3 asked: Vatican City is the smallest country
 * tied, 5 asked: The tower was repainted in 1987
 * ```
 */
import assert from "node:assert/strict";
import { all, limit, vote, type TaskContext } from "fanfold";

/** What the model says of each claim, try by try. It stands for a call that takes `signal` along. */
const MODEL: Readonly<Record<string, readonly string[]>> = {
  "Water boils at 90 °C on top of Mont Blanc": ["False.", "true", "False", "false", "true"],
  "Vatican City is the smallest country": ["True", "true.", "TRUE", "true", "true"],
  "The tower was repainted in 1987": ["true", "Cannot tell", "false", "true", "false"],
};

async function ask(claim: string, { key, signal }: TaskContext): Promise<string> {
  signal.throwIfAborted();
  return MODEL[claim]?.[Number(key)] ?? "Cannot tell";
}

/** "True." and "TRUE" are one vote; whoever cannot tell abstains. */
function verdictOf(answer: string): boolean | undefined {
  const word = /true|false/i.exec(answer)?.[0].toLowerCase();
  return word === undefined ? undefined : word === "true";
}

const calls = limit({ name: "model", concurrency: 4 });
const checks = Object.keys(MODEL).map((claim) => async (ctx: TaskContext) => {
  const sample = { limit: calls, retry: 3, run: (ctx: TaskContext) => ask(claim, ctx) };
  const { verdict, winner, asked } = await vote(sample, { of: 5, key: verdictOf, within: ctx });
  return { claim, verdict, says: winner && verdictOf(winner), asked };
});
const results = await all(checks);

for (const { claim, verdict, says, asked } of results) {
  console.log(`${verdict === "won" ? String(says) : verdict}, ${asked} asked: ${claim}`);
}
assert.deepEqual(
  results.map(({ verdict, says, asked }) => ({ verdict, says, asked })),
  [
    { verdict: "won", says: false, asked: 4 },
    { verdict: "won", says: true, asked: 3 },
    { verdict: "tied", says: undefined, asked: 5 },
  ],
);
