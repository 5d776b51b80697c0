/**
 * Hedged requests: a search that now and then takes a hundred times as long as usual. Once it is known how long it takes, a call that
 * is later than 95 of 100 is made a second time, and at most one call in twenty is.
 *
 * ```
 * without: 5000 ms at the longest; hedged: 111 ms
 * 400 calls, 9 extra, of which 8 won; 847 ms for the losers
 * ```
 */
import assert from "node:assert/strict";
import { hedge, hedging, type TaskContext } from "fanfold";
import { virtualClock } from "fanfold/testing";

const clock = virtualClock();
let requests = 0;

/** Stands for a request: 40 to 59 ms, but every 50th hangs for 5 s. */
function search({ signal }: TaskContext): Promise<string> {
  requests += 1;
  const tookMs = requests % 50 === 0 ? 5000 : 40 + (requests % 20);
  return new Promise((resolve, reject) => {
    const timer = clock.schedule(tookMs, () => resolve("ten results"));
    signal.addEventListener("abort", () => {
      timer.cancel();
      reject(signal.reason as Error);
    });
  });
}

/** The longest of 400 calls, in milliseconds. */
async function longest(call: () => Promise<string>): Promise<number> {
  let longestMs = 0;
  for (let count = 0; count < 400; count += 1) {
    const startedAtMs = clock.now();
    await call();
    longestMs = Math.max(longestMs, clock.now() - startedAtMs);
  }
  return longestMs;
}

const searches = hedging({ hedgeBudget: 0.05 });
const task = { idempotent: true, run: search }; // To search twice does no harm.

const plainMs = await longest(() => hedge(task, { hedging: hedging({ hedgeBudget: 0 }), clock }));
const hedgedMs = await longest(() => hedge(task, { hedging: searches, key: "search", clock }));
const { calls, hedges, wins, wastedMs } = searches;

assert.equal(plainMs, 5000);
assert.ok(hedgedMs < 130);
assert.ok(hedges <= 0.05 * calls);
assert.ok(wins >= 7);
console.log(`without: ${plainMs} ms at the longest; hedged: ${Math.round(hedgedMs)} ms`);
console.log(
  `${calls} calls, ${hedges} extra, of which ${wins} won; ${Math.round(wastedMs)} ms for the losers`,
);
