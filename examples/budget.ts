/**
 * Research within a budget: twelve questions for one dollar, the important ones first. What each may cost is reserved before it starts,
 * what it did cost is told when it is known. What no longer fits is skipped, and says why.
 *
 * ```
 * 8 answers for $0.84, $0.16 left
 * 4 questions skipped: $0.2 each would have been too much
 * ```
 */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { budget, settle, type TaskContext, type TaskDefinition } from "fanfold";

/** A model that bills by the length of its answer, which nobody knows before. */
async function ask(question: number, ctx: TaskContext): Promise<string> {
  await sleep(5, undefined, { signal: ctx.signal });
  ctx.spend({ usd: question % 3 === 0 ? 0.18 : 0.06, tokens: 400 });
  return `answer ${question}`;
}

const research = budget({ name: "research", usd: 1 });
const questions = Array.from({ length: 12 }, (_, index): TaskDefinition<string> => ({
  priority: index < 4 ? 1 : 0,
  cost: { usd: 0.2 }, // The most that an answer costs.
  run: (ctx) => ask(index, ctx),
}));

const outcomes = await settle(questions, { limit: 4, budget: research });
const answered = outcomes.filter(({ status }) => status === "completed");
const skipped = outcomes.filter((outcome) => outcome.status === "skipped");
const { spent, left, exceeded } = research.stats();

assert.equal(answered.length + skipped.length, questions.length);
assert.ok(spent.usd <= 1 && exceeded.usd === 0);
assert.ok(left.usd < 0.2, "everything that fits was asked");
assert.ok(outcomes.slice(0, 4).every(({ status }) => status === "completed"));

console.log(
  `${answered.length} answers for $${spent.usd.toFixed(2)}, $${left.usd.toFixed(2)} left`,
);
const [first] = skipped;
if (first?.because.kind === "budget") {
  const { needed } = first.because;
  console.log(`${skipped.length} questions skipped: $${needed} each would have been too much`);
}
