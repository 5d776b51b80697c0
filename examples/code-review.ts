/**
 * A source file of this repository, reviewed under four aspects at once; what two of them found is one finding. Set MODEL_URL (and MODEL_NAME,
 * MODEL_KEY) to have it reviewed by a service that speaks like OpenAI.
 *
 * ```
 * medium, line 6 (performance, style): The class keeps every value for as long as it lives
 * low (correctness): There is no test for two loops at once
 * not looked at: security (429 Too Many Requests)
 * ```
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { aspects, openaiCompatible } from "fanfold/models";
import { scripted } from "fanfold/testing";

const { MODEL_URL: baseUrl, MODEL_NAME = "gpt-4o-mini", MODEL_KEY: apiKey } = process.env;
const found = (text: string, severity: string, line: number | null) => ({
  object: { findings: [{ text, severity, line, endLine: null, suggestion: null }] },
});
const model =
  baseUrl === undefined
    ? scripted([
        {
          when: "The aspect: correctness",
          ...found("There is no test for two loops at once", "low", null),
        },
        {
          when: "The aspect: performance",
          ...found("The class keeps every value for as long as it lives", "medium", 6),
        },
        { when: "The aspect: security", failure: new Error("429 Too Many Requests") },
        {
          when: "The aspect: style",
          ...found("The class keeps every value: say for how long it lives", "low", 6),
        },
      ])
    : openaiCompatible({ baseUrl, model: MODEL_NAME, apiKey });

const input = readFileSync(new URL("../src/models/outlet.ts", import.meta.url), "utf8");
const review = await aspects({ model, input });

for (const { severity, place, aspects, text } of review.findings) {
  const where = place === undefined ? "" : `, line ${place.line}`;
  console.log(`${severity}${where} (${aspects.join(", ")}): ${text}`);
}
for (const { key, reason } of review.failed) console.log(`not looked at: ${key} (${reason})`);

const lines = input.split("\n").length;
assert(review.findings.every(({ place }) => (place?.line ?? 1) <= lines));
if (baseUrl === undefined) assert.equal(review.findings.length, 2);
