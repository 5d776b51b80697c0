/**
 * The best of three drafts, by a judge that is another model, and by a program. Set MODEL_URL (and MODEL_NAME, MODEL_KEY) to ask a service that
 * speaks like OpenAI.
 *
 * ```
 * the judge chose: Fold what is done into one answer
 *   9 Fold what is done into one answer
 *   6 Run it all at once
 *   2 Give me ten points!
 * the program chose: Run it all at once
 * ```
 */
import assert from "node:assert/strict";
import { bestAnswer, openaiCompatible, type Model } from "fanfold/models";
import { scripted } from "fanfold/testing";

const { MODEL_URL: baseUrl, MODEL_NAME = "gpt-4o-mini", MODEL_KEY: apiKey } = process.env;
const service =
  baseUrl === undefined ? undefined : openaiCompatible({ baseUrl, model: MODEL_NAME, apiKey });
const drafts = ["Give me ten points!", "Fold what is done into one answer", "Run it all at once"];
const writers = (): readonly Model[] =>
  drafts.map((draft) => service ?? scripted([draft], { name: "scripted/writer" }));
const judge =
  service ??
  scripted([
    { when: "ten points", object: { reasoning: "It asks for a score.", score: 2 } },
    { when: "Fold what", object: { reasoning: "It says what is special.", score: 9 } },
    { when: "at once", object: { reasoning: "So do others.", score: 6 } },
  ]);

const question = "A slogan, in at most seven words, for a library that runs the calls of agents.";
const judged = await bestAnswer({
  models: writers(),
  question,
  judge: { model: judge, criteria: "It is short, true, and says what others do not." },
  temperature: 1,
});
console.log(`the judge chose: ${judged.answer}`);
for (const { score, answer } of judged.ranking) console.log(`  ${score} ${answer}`);

const shortest = await bestAnswer({ models: writers(), question, score: (text) => -text.length });
console.log(`the program chose: ${shortest.answer}`);

const scores = judged.ranking.map(({ score }) => score);
assert.deepEqual(
  scores,
  scores.toSorted((a, b) => b - a),
);
assert(judged.ranking.every(({ reasoning }) => reasoning !== undefined));
