/**
 * Product research over five sources, best effort: one is down, one never answers, and the page is made of the other three. It says
 * what it rests on, and what is missing and why.
 *
 * ```
 * Kettle One: 4.3 of 5 from 1530 ratings, from 39.90
 * rests on 3 of 5 sources (60 %): shop, market, forum
 * missing: prices (Error: 503 Service Unavailable, 2 attempts)
 * missing: video (no answer in 300 ms)
 * 5 tasks in …; one after another … (at best …). Critical path: ….
 * with 100 ms for everything: … of 5 sources (… %)
 * ```
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import {
  describeReport,
  settle,
  TimedOutError,
  type CancelledOutcome,
  type FailedOutcome,
  type Outcome,
  type RunOptions,
  type SkippedOutcome,
  type TaskContext,
} from "fanfold";

/** What a source knows of a product: more or less. */
interface Finding {
  readonly rating?: number;
  readonly ratings?: number;
  readonly price?: number;
}

// The sources, on a server of our own: prices are down, and the video site never answers.
const KNOWN: Readonly<Record<string, Finding>> = {
  "/shop": { rating: 4.5, ratings: 1000, price: 39.9 },
  "/market": { rating: 3.9, ratings: 500, price: 42.5 },
  "/forum": { rating: 4.1, ratings: 30 },
};
const server = createServer(({ url = "" }, response) => {
  if (url === "/video") return;
  const finding = KNOWN[url];
  response.writeHead(finding === undefined ? 503 : 200).end(JSON.stringify(finding ?? {}));
});
await once(server.listen(0, "127.0.0.1"), "listening");
const site = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

/** Worth another try. */
class Unavailable extends Error {}

const run = research({ timeoutMs: 5000 });
const outcomes = Object.values(await run);
const page = fold(outcomes);
console.log(`Kettle One: ${page.rating} of 5 from ${page.ratings} ratings, from ${page.price}`);
console.log(`rests on ${page.coverage}: ${page.sources.join(", ")}`);
for (const gap of page.missing) console.log(`missing: ${gap}`);
for (const line of describeReport(run.report)) console.log(line);

const hasty = fold(Object.values(await research({ deadlineMs: 100 })));
console.log(`with 100 ms for everything: ${hasty.coverage}`);

server.closeAllConnections();
server.close();

assert.deepEqual(page.sources, ["shop", "market", "forum"]);
assert.deepEqual([page.rating, page.ratings, page.price], ["4.3", 1530, "39.90"]);
assert.equal(page.missing.length, 2);
assert(hasty.missing.includes("video (cancelled)"));

/** Asks all sources at once, and keeps what it gets. */
function research(options: RunOptions) {
  const retryIf = (error: unknown): boolean => error instanceof Unavailable;
  const source = { retry: { attempts: 2, delayMs: 10, retryIf }, run: ask };
  return settle(
    {
      shop: source,
      market: source,
      prices: source,
      forum: source,
      video: { ...source, timeoutMs: 300 },
    },
    { report: "full", ...options },
  );
}

async function ask({ key, signal }: TaskContext): Promise<Finding> {
  const response = await fetch(`${site}/${key}`, { signal });
  if (!response.ok) throw new Unavailable(`${response.status} ${response.statusText}`);
  return (await response.json()) as Finding;
}

/** One page of what is known; code counts, so that no model can count wrong. */
function fold(outcomes: readonly Outcome<Finding>[]) {
  const known = outcomes.filter((outcome) => outcome.status === "completed");
  const findings = known.map(({ value }) => value);
  const ratings = sum(findings.map(({ ratings = 0 }) => ratings));
  const stars = sum(findings.map(({ rating = 0, ratings = 0 }) => rating * ratings));
  const share = Math.round((100 * known.length) / outcomes.length);
  return {
    rating: (stars / ratings).toFixed(1),
    ratings,
    price: Math.min(...findings.map(({ price = Infinity }) => price)).toFixed(2),
    coverage: `${known.length} of ${outcomes.length} sources (${share} %)`,
    sources: known.map(({ key }) => key),
    missing: outcomes.filter((outcome) => outcome.status !== "completed").map(why),
  };
}

/** Why a source is missing, for people. */
function why(outcome: FailedOutcome | CancelledOutcome | SkippedOutcome): string {
  const { key, status, attempts } = outcome;
  if (status !== "failed") return `${key} (${status})`;
  return outcome.error instanceof TimedOutError
    ? `${key} (no answer in ${outcome.error.limitMs} ms)`
    : `${key} (${String(outcome.error)}, ${attempts} attempts)`;
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}
