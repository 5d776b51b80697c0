/**
 * Cache, database and API for the same row: all raced, hedged, or one after the other. One thing with another delay.
 *
 * ```
 * raced: api after 30 ms, 3 asked
 * hedged: api after 55 ms, 3 asked
 * one after the other: database after 85 ms, 2 asked
 * no extra calls: database after 85 ms, 2 asked
 * two of three: Cannot return a value as 2 tasks failed: "cache" (miss), "api" (busy)
 * ```
 */
import assert from "node:assert/strict";
import { first, hedging, TasksFailedError, type FirstOptions, type TaskContext } from "fanfold";
import { virtualClock } from "fanfold/testing";

const clock = virtualClock();

/** Stands for a source that answers, or fails, after so long. */
const source =
  (tookMs: number, answer: string | Error) =>
  ({ signal }: TaskContext): Promise<string> =>
    new Promise((resolve, reject) => {
      const timer = clock.schedule(tookMs, () =>
        answer instanceof Error ? reject(answer) : resolve(answer),
      );
      signal.addEventListener("abort", () => {
        timer.cancel();
        reject(signal.reason as Error);
      });
    });

const sources = {
  cache: source(5, new Error("miss")),
  database: source(80, "row 7"),
  api: source(30, "row 7"),
};

/** Who answered, after how long, and how many sources were asked. */
async function ask(options: FirstOptions): Promise<string> {
  const startedAtMs = clock.now();
  const run = first(1, sources, { ...options, clock });
  const [winner] = await run;
  const { completed, failed, cancelled } = run.report.tasks;
  return `${winner?.key} after ${clock.now() - startedAtMs} ms, ${completed + failed + cancelled} asked`;
}

const answers = {
  raced: await ask({ staggerMs: 0 }),
  hedged: await ask({ staggerMs: 20 }),
  "one after the other": await ask({ staggerMs: Infinity }),
  // A miss of the cache brings the database for nothing; the API beside it would cost what this budget does not have.
  "no extra calls": await ask({ staggerMs: 20, hedging: hedging({ hedgeBudget: 0 }) }),
};
for (const [name, answer] of Object.entries(answers)) console.log(`${name}: ${answer}`);
assert.deepEqual(answers, {
  raced: "api after 30 ms, 3 asked",
  hedged: "api after 55 ms, 3 asked",
  "one after the other": "database after 85 ms, 2 asked",
  "no extra calls": "database after 85 ms, 2 asked",
});

// Two of three must agree to exist: when two have failed, nobody waits for the third.
const startedAtMs = clock.now();
const broken = { ...sources, api: source(10, new Error("busy")) };
const error: unknown = await first(2, broken, { clock }).catch((thrown: unknown) => thrown);
assert.ok(error instanceof TasksFailedError);
assert.deepEqual(
  error.errors.map(({ key }) => key),
  ["cache", "api"],
);
assert.equal(clock.now() - startedAtMs, 10);
console.log(`two of three: ${error.message}`);
