/**
 * What went wrong today? A log of 50,000 lines is read as a stream, a thousand lines at a time. For each thousand a model names the
 * causes of the error messages in it; what can be counted is counted in code. However long the log, only a few chunks of it are held.
 *
 * ```
 * 50000 requests, 2500 failed (5.0 %), the slowest took 999 ms
 * caller 250, database 1250, network 1000
 * 99 tasks in …; one after another … (at best …). Critical path: ….
 * at most … of 50 chunks held at once
 * ```
 */
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { mkdtemp, open, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { describeReport, mapReduce, type MapContext } from "fanfold";

/** What is known of some part of the log. */
interface Totals {
  readonly requests: number;
  readonly slowestMs: number;
  /** How many requests failed for which cause. */
  readonly causes: Readonly<Record<string, number>>;
}

const CHUNK = 1000;
const folder = await mkdtemp(join(tmpdir(), "log-analysis-"));
process.once("exit", () => rmSync(folder, { recursive: true }));
const path = join(folder, "requests.log");
await writeFile(path, Array.from({ length: 50_000 }, (_, number) => logLine(number)).join("\n"));

let read = 0;
let counted = 0;
let mostHeld = 0;
const run = mapReduce(() => linesOf(path), {
  chunk: CHUNK,
  map: count,
  reduce: add,
  limit: 4,
  lookAhead: 2,
  report: "full",
});
const { requests, slowestMs, causes } = await run;

const failed = Object.values(causes).reduce((a, b) => a + b);
const share = ((100 * failed) / requests).toFixed(1);
console.log(
  `${requests} requests, ${failed} failed (${share} %), the slowest took ${slowestMs} ms`,
);
console.log(
  Object.entries(causes)
    .map((each) => each.join(" "))
    .toSorted()
    .join(", "),
);
console.log(describeReport(run.report)[0]);
console.log(`at most ${Math.ceil(mostHeld / CHUNK)} of ${requests / CHUNK} chunks held at once`);

assert.deepEqual([requests, slowestMs], [50_000, 999]);
assert.deepEqual(causes, { caller: 250, database: 1250, network: 1000 });
// Four are worked on, two may wait, and one is being read.
assert(mostHeld <= 7 * CHUNK);

async function* linesOf(path: string): AsyncGenerator<string> {
  const file = await open(path);
  for await (const line of file.readLines()) {
    read += 1;
    mostHeld = Math.max(mostHeld, read - counted);
    yield line;
  }
}

/** The totals of some lines, such as `17 GET /orders 231 ms: no route to host`. */
async function count(lines: readonly string[], ctx: MapContext): Promise<Totals> {
  const entries = lines.map((line) => {
    const [, ms, message] = /(\d+) ms(?:: (.*))?$/.exec(line) ?? [];
    return { ms: Number(ms), message };
  });
  const messages = new Set(entries.flatMap(({ message }) => message ?? []));
  const causeOf = await nameCauses(messages, ctx);
  const causes: Record<string, number> = {};
  for (const { message } of entries) {
    if (message === undefined) continue;
    const cause = causeOf.get(message) ?? "unknown";
    causes[cause] = (causes[cause] ?? 0) + 1;
  }
  counted += lines.length;
  return { requests: lines.length, slowestMs: Math.max(...entries.map(({ ms }) => ms)), causes };
}

/** The totals of two parts. */
function add(left: Totals, right: Totals): Totals {
  const causes = { ...left.causes };
  for (const [cause, count] of Object.entries(right.causes)) {
    causes[cause] = (causes[cause] ?? 0) + count;
  }
  return {
    requests: left.requests + right.requests,
    slowestMs: Math.max(left.slowestMs, right.slowestMs),
    causes,
  };
}

/** Stands for a model, which is shown a few messages and not the log. */
async function nameCauses(messages: ReadonlySet<string>, { signal }: MapContext) {
  await pause(10, undefined, { signal });
  return new Map(
    [...messages].map((message) => [
      message,
      /lock|rows/.test(message) ? "database" : /route|reset/.test(message) ? "network" : "caller",
    ]),
  );
}

/** One line of a made-up log, in which one request of twenty fails. */
function logLine(number: number): string {
  const messages = ["no route to host", "lock timed out", "connection reset", "too many rows"];
  const failure =
    number % 20 === 0 ? `: ${number % 200 === 0 ? "bad token" : messages[(number / 20) % 4]}` : "";
  return `${number} GET /orders ${(number * 7919) % 1000} ms${failure}`;
}
