/**
 * Product research where two of five sources fail: code merges what are data, and a model writes the page and names the gaps; it is never surer
 * than its sources are many. Set MODEL_URL (and MODEL_NAME, MODEL_KEY) to have it written by a service that speaks like OpenAI.
 *
 * ```
 * by code: {"rating":4.1,"colours":["red","blue"],"price":39.9}
 * price: 39.9 by shop, forum, 42.5 by market
 * Rated 4.1; 39.90 by most, 42.50 at market. Nothing is known of its noise.
 * gap: 503 Service Unavailable (prices)
 * gap: an attempt may take 50 ms (video)
 * gap: how loud it is
 * sure to 0.6 of 0.6
 * ```
 */
import assert from "node:assert/strict";
import { settle } from "fanfold";
import { fromOutcomes, merge, openaiCompatible, synthesize } from "fanfold/models";
import { scripted } from "fanfold/testing";

const { MODEL_URL: baseUrl, MODEL_NAME = "gpt-4o-mini", MODEL_KEY: apiKey } = process.env;
const model =
  baseUrl === undefined
    ? scripted([
        {
          when: "503 Service Unavailable",
          object: {
            answer: "Rated 4.1; 39.90 by most, 42.50 at market. Nothing is known of its noise.",
            conflicts: [
              {
                about: "the price",
                claims: [
                  { key: "shop", claim: "39.90" },
                  { key: "market", claim: "42.50" },
                ],
                resolution: "most say 39.90",
              },
            ],
            gaps: ["how loud it is"],
            confidence: 0.95,
          },
        },
      ])
    : openaiCompatible({ baseUrl, model: MODEL_NAME, apiKey });

interface Finding {
  readonly rating?: number;
  readonly price?: number;
  readonly colours?: readonly string[];
}
const outcomes = await settle<Readonly<Record<string, () => Promise<Finding>>>>(
  {
    shop: async () => ({ rating: 4.1, price: 39.9, colours: ["red"] }),
    market: async () => ({ rating: 3.9, price: 42.5, colours: ["red", "blue"] }),
    forum: async () => ({ rating: 4.4, price: 39.9 }),
    prices: async () => {
      throw new Error("503 Service Unavailable");
    },
    video: () => new Promise(() => {}),
  },
  { timeoutMs: 50, graceMs: 0 },
);
const sources = fromOutcomes(outcomes);

const merged = merge({
  ...sources,
  conflict: (path) => (path === "/rating" ? { prefer: ["shop"] } : "majority"),
});
const { rating, colours, price } = merged.value ?? {};
console.log(`by code: ${JSON.stringify({ rating, colours, price })}`);
const claims = merged.conflicts.find(({ path }) => path === "/price")?.claims ?? [];
console.log(
  `price: ${claims.map(({ value, keys }) => `${String(value)} by ${keys.join(", ")}`).join(", ")}`,
);

const page = await synthesize({
  model,
  task: "Describe the kettle: its rating, its price, and how loud it is.",
  ...sources,
  conflict: "majority",
});
console.log(page.answer);
for (const { about, key } of page.gaps) {
  const reason = about.replace(/^.*: /, "");
  console.log(`gap: ${reason}${key === undefined ? "" : ` (${key})`}`);
}
console.log(`sure to ${page.confidence} of ${page.coverage}`);

assert.equal(merged.coverage, 0.6);
assert(page.confidence <= page.coverage);
assert.deepEqual(
  page.gaps.slice(0, 2).map(({ key }) => key),
  ["prices", "video"],
);
