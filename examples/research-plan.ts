/**
 * Product research as a plan: five sources as tasks, two of which fail, a vote on one question, and one page of what is there, which names what
 * is missing. Set MODEL_URL (and MODEL_NAME, MODEL_KEY) to have it asked of a service that speaks like OpenAI.
 *
 * ```
 * before: 3 – 12 requests
 * shop completed, market completed, forum completed, prices failed, video failed, quiet completed, synthesis completed
 * partial: A kettle for 39.90, rated 4.1; it is quiet.
 * gap: "echo 503 Service Unavailable >&2; exit 1" failed: exit code 1 (prices)
 * gap: Cannot finish task "video" as it timed out: an attempt may take 50 ms (video)
 * quiet: won by 2 of 2
 * 3 calls
 * ```
 */
import assert from "node:assert/strict";
import { openaiCompatible } from "fanfold/models";
import { estimatePlan, parsePlan, runPlan } from "fanfold/plan";
import { scripted } from "fanfold/testing";

const plan = parsePlan(
  `
using: writer
models:
  writer: { model: openai/gpt-4o-mini, concurrency: 2 }
combine:
  synthesize: { task: "Describe the kettle: its price, its rating, its noise.", conflict: majority }
tasks:
  shop: { command: [echo, "price 39.90"] }
  market: { command: [echo, "price 39.90, rated 4.1"] }
  forum: { command: [echo, "It hums, and is off before you notice."] }
  prices: { command: "echo 503 Service Unavailable >&2; exit 1" }
  video: { command: [sleep, "60"], timeout: 50ms }
  quiet:
    consensus: Is the kettle quiet?
    input: \${{ tasks.forum.stdout }}
    answer: boolean
`,
  { file: "examples/research-plan.yaml" },
);

const { MODEL_URL: baseUrl, MODEL_NAME = "gpt-4o-mini", MODEL_KEY: apiKey } = process.env;
const writer =
  baseUrl === undefined
    ? scripted(
        [
          {
            when: "Is the kettle quiet?",
            object: { reasoning: "It hums.", answer: true, confidence: 0.8 },
            times: 2,
          },
          {
            when: "503 Service Unavailable",
            object: {
              answer: "A kettle for 39.90, rated 4.1; it is quiet.",
              conflicts: [],
              gaps: [],
              confidence: 0.9,
            },
          },
        ],
        { name: "openai/gpt-4o-mini" },
      )
    : openaiCompatible({ baseUrl, model: MODEL_NAME, apiKey, provider: "openai" });
const models = { writer };

const { total } = await estimatePlan(plan, { models });
console.log(`before: ${total.requests.from} – ${total.requests.to} requests`);

const { status, outcomes, spent } = await runPlan(plan, { models });
console.log(
  Object.values(outcomes)
    .map((outcome) => `${outcome.key} ${outcome.status}`)
    .join(", "),
);
const valueOf = (name: string) => {
  const outcome = outcomes[name];
  assert(outcome?.status === "completed");
  return outcome.value;
};
const { answer, gaps } = valueOf("synthesis") as {
  readonly answer: string;
  readonly gaps: readonly { readonly about: string; readonly key?: string }[];
};
console.log(`${status}: ${answer}`);
for (const { about, key } of gaps) console.log(`gap: ${about} (${key})`);
const { verdict, support, asked } = valueOf("quiet") as {
  readonly verdict: string;
  readonly support: readonly unknown[];
  readonly asked: number;
};
console.log(`quiet: ${verdict} by ${support.length} of ${asked}`);
console.log(`${spent?.calls} calls`);

assert.equal(status, "partial");
assert.deepEqual(
  gaps.slice(0, 2).map(({ key }) => key),
  ["prices", "video"],
);
