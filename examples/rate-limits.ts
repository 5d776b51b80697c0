/**
 * Two hundred requests to a service that allows sixty a minute, and is down for a while: all are answered, hardly any is sent in vain.
 *
 * ```
 * 200 of 200 answered in 4.2 minutes, 3 sent in vain
 * ```
 */
import assert from "node:assert/strict";
import { limit, mapSettled } from "fanfold";
import { virtualClock } from "fanfold/testing";

const clock = virtualClock(); // Four minutes pass in a moment.
const sleep = (ms: number): Promise<void> =>
  new Promise((resolve) => void clock.schedule(ms, resolve));

/** Stands for a model: at most sixty requests in any minute, and none in its second minute. */
const admitted: number[] = [];
let rejected = 0;
async function complete(prompt: string): Promise<{ text: string; tokens: number }> {
  const nowMs = clock.now();
  const isDown = nowMs >= 60_000 && nowMs < 100_000;
  const recent = admitted.filter((ms) => ms > nowMs - 60_000).length;
  if (isDown || recent >= 60) {
    rejected += 1;
    await sleep(30);
    const headers = { "retry-after": isDown ? "15" : "1" };
    throw Object.assign(new Error("Too many requests"), { status: 429, headers });
  }
  admitted.push(nowMs);
  await sleep(500 + (prompt.length % 7) * 900);
  return { text: prompt.toUpperCase(), tokens: 10 * prompt.length };
}

const model = limit({
  name: "model",
  concurrency: 20,
  requestsPerMinute: 60,
  tokensPerMinute: 20_000,
  adaptive: true,
});
const prompts = Array.from({ length: 200 }, (_, index) => `prompt number ${index}`);

const outcomes = await mapSettled(
  prompts,
  async (prompt, ctx) => {
    const { text, tokens } = await complete(prompt);
    ctx.spend({ tokens });
    return text;
  },
  { limit: model, cost: (prompt) => ({ tokens: 15 * prompt.length }), retry: 3, clock },
).toArray();

const minutes = clock.now() / 60_000;
console.log(
  `${outcomes.filter(({ status }) => status === "completed").length} of ${prompts.length} answered in ${minutes.toFixed(1)} minutes, ${rejected} sent in vain`,
);
assert.ok(outcomes.every(({ status }) => status === "completed"));
assert.ok(rejected <= 10, "a pause is shared by all");
assert.ok(minutes < 4.3, "200 at one a second, 40 seconds of which the service was down");
assert.deepEqual(model.stats().rejected, rejected);
