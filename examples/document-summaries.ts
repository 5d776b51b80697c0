/**
 * What forty documents say, by map-reduce within a small context window: each statement names the documents that it rests on, and sums are made by
 * code. Set MODEL_URL (and MODEL_NAME, MODEL_KEY) to have them read by a service that speaks like OpenAI.
 *
 * ```
 * 39 of 40 documents, 1040 words
 * missing: report-13 (503 Service Unavailable)
 * … statements rest on 39 documents, … calls
 * ```
 */
import assert from "node:assert/strict";
import { condense, openaiCompatible } from "fanfold/models";
import { scripted } from "fanfold/testing";

const { MODEL_URL: baseUrl, MODEL_NAME = "gpt-4o-mini", MODEL_KEY: apiKey } = process.env;
const CONTEXT_TOKENS = 2500;
const model =
  baseUrl === undefined
    ? scripted(({ prompt = "" }) => {
        const numbers = [...prompt.matchAll(/^(\d+): "/gm)].map(([, number]) => Number(number));
        const half = numbers.length >> 1;
        if (prompt.includes("Report 13.")) return { failure: new Error("503 Service Unavailable") };
        return numbers.length === 0
          ? {
              object: {
                statements: [`${/Report \d+/.exec(prompt)?.[0]} says that the pump failed`],
              },
            }
          : {
              object: {
                statements: [
                  { text: "Pumps failed early in the year", from: numbers.slice(0, half || 1) },
                  { text: "Pumps failed late in the year", from: numbers.slice(half) },
                ],
              },
            };
      })
    : openaiCompatible({ baseUrl, model: MODEL_NAME, apiKey });

/** Read one by one, as there is room. */
function* reports() {
  for (let number = 0; number < 40; number += 1) {
    const text = `Report ${number}. ${"The pump failed again and was mended. ".repeat(3)}Nobody was hurt.`;
    yield { id: `report-${number}`, text };
  }
}

const summary = await condense({
  model,
  documents: reports,
  task: "What failed, and when?",
  contextTokens: CONTEXT_TOKENS,
  limit: 4,
});
const known = new Set(summary.statements.flatMap(({ documents }) => documents));
const there = summary.documents - summary.failed.length;
console.log(`${there} of ${summary.documents} documents, ${summary.totals["words"]} words`);
for (const { key, reason } of summary.failed) console.log(`missing: ${key} (${reason})`);
console.log(
  `${summary.statements.length} statements rest on ${known.size} documents, ${summary.spent.calls} calls`,
);

assert.equal(summary.totals["words"], 40 * 26);
assert(summary.statements.every(({ documents }) => documents.length > 0));
if (baseUrl === undefined) assert.equal(known.size, 39);
