/**
 * A report in three sections, written at once: one of them cannot be had, and the summary says so. Set MODEL_URL (and MODEL_NAME, MODEL_KEY)
 * to have it written by a service that speaks like OpenAI.
 *
 * ```
 * Cost: completed
 * Speed: completed
 * Risks: failed
 * Parallel calls cost the same and take as long as the slowest. Their risks are unknown.
 * - Money is not saved
 * - Time is
 * missing: Risks (503 Service Unavailable)
 * sure to 0.67, 4 calls
 * ```
 */
import assert from "node:assert/strict";
import { openaiCompatible, sections } from "fanfold/models";
import { scripted } from "fanfold/testing";

const { MODEL_URL: baseUrl, MODEL_NAME = "gpt-4o-mini", MODEL_KEY: apiKey } = process.env;
const written = (content: string, point: string) => ({ object: { content, keyPoints: [point] } });
const model =
  baseUrl === undefined
    ? scripted([
        { when: 'write: "Cost"', ...written("Each call is paid for.", "Money is not saved") },
        { when: 'write: "Speed"', ...written("The slowest call decides.", "Time is") },
        { when: 'write: "Risks"', failure: new Error("503 Service Unavailable") },
        {
          when: "could not be had",
          object: {
            answer:
              "Parallel calls cost the same and take as long as the slowest. Their risks are unknown.",
            conflicts: [],
            gaps: [],
            confidence: 0.9,
          },
        },
      ])
    : openaiCompatible({ baseUrl, model: MODEL_NAME, apiKey });

const run = sections({
  model,
  topic: "Running the calls of an agent in parallel: what does it bring?",
  sections: ["Cost", "Speed", { name: "Risks", about: "What may go wrong, in one paragraph." }],
});
// They end in any order; the result has them in that of the document.
const ended: string[] = [];
for await (const { name } of run.finished) ended.push(name);
const report = await run;

for (const { name, status } of report.sections) console.log(`${name}: ${status}`);
console.log(report.synthesis?.answer);
for (const point of report.keyPoints) console.log(`- ${point}`);
for (const { key, reason } of report.failed) console.log(`missing: ${key} (${reason})`);
console.log(`sure to ${report.synthesis?.confidence.toFixed(2)}, ${report.spent.calls} calls`);

assert.deepEqual(
  report.sections.map(({ name }) => name),
  ["Cost", "Speed", "Risks"],
);
assert.deepEqual(ended.toSorted(), ["Cost", "Risks", "Speed"]);
assert((report.synthesis?.confidence ?? 1) <= report.coverage);
