/**
 * An ensemble: three models answer one question, and two that agree are enough. Their answers count by confidence, and the one who disagrees says
 * why. Set MODEL_URL (and MODEL_NAMES, with commas between, and MODEL_KEY) to ask a service that speaks like OpenAI.
 *
 * ```
 * 1969, agreed by 2 of 3
 *   large: the landing was that year (0.95)
 *   medium: I remember 1969 (0.6)
 * but small: the first step was later (0.3): 1970
 * nothing was saved in money: 3 calls
 * ```
 */
import assert from "node:assert/strict";
import { consensus, openaiCompatible } from "fanfold/models";
import { scripted } from "fanfold/testing";

const {
  MODEL_URL: baseUrl,
  MODEL_NAMES = "gpt-4o,gpt-4o-mini,gpt-4.1",
  MODEL_KEY: apiKey,
} = process.env;
const says = (name: string, answer: number | string, confidence: number, reasoning: string) => ({
  name,
  model: scripted([{ object: { reasoning, answer, confidence } }]),
});
const voters =
  baseUrl === undefined
    ? [
        says("large", 1969, 0.95, "the landing was that year"),
        says("small", 1970, 0.3, "the first step was later"),
        says("medium", "1969", 0.6, "I remember 1969"),
      ]
    : MODEL_NAMES.split(",").map((name) => ({
        name,
        model: openaiCompatible({ baseUrl, model: name, apiKey }),
      }));

const { answer, agreement, support, dissent, asked, spent } = await consensus({
  voters,
  question: "In which year did people first walk on the moon?",
  schema: "number",
  weighted: true,
});
console.log(`${answer}, agreed by ${support.length} of ${asked}`);
for (const { voter, reasoning, confidence } of support) {
  console.log(`  ${voter}: ${reasoning} (${confidence})`);
}
for (const { voter, reasoning, confidence, answer } of dissent) {
  console.log(`but ${voter}: ${reasoning} (${confidence}): ${answer}`);
}
console.log(`nothing was saved in money: ${spent.calls} calls`);

assert(support.every((vote) => vote.answer === answer));
assert(agreement >= 0 && agreement <= 1);
if (baseUrl === undefined) assert.deepEqual([answer, asked], [1969, 3]);
