/**
 * Search, then deep dives: three engines are asked, and what one finds is read at once, while the others still search. A page may name
 * further pages. Each is read once, the most promising first, and one that cannot be read costs nobody else.
 *
 * ```
 * 9 queues grow without bound at full use (paper)
 * 8 the pool starts 16 workers (source)
 * 7 pools should be twice the processors (thesis)
 * 6 the pool size is an option (manual)
 * 5 31 workers were the fastest (data)
 * not read: blog (Error: 404)
 * 9 tasks in …; one after another … (at best …). Critical path: ….
 * ```
 */
import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { describeReport, scope, type TaskContext, type TaskHandle } from "fanfold";

interface Hit {
  readonly page: string;
  /** How promising it is, from 0 to 9. */
  readonly score: number;
}

interface Page {
  readonly fact: string;
  readonly links?: readonly Hit[];
}

// What the engines and the pages say. It stands for requests.
const hit = (page: string, score: number): Hit => ({ page, score });
const ENGINES = new Map([
  ["web", [hit("blog", 2), hit("manual", 6), hit("paper", 9)]],
  ["code", [hit("source", 8), hit("manual", 6)]],
  ["archive", [hit("thesis", 7), hit("paper", 9)]],
]);
const PAGES = new Map<string, Page>([
  ["paper", { fact: "queues grow without bound at full use", links: [hit("data", 5)] }],
  ["source", { fact: "the pool starts 16 workers" }],
  ["thesis", { fact: "pools should be twice the processors", links: [hit("data", 5)] }],
  ["manual", { fact: "the pool size is an option" }],
  ["data", { fact: "31 workers were the fastest" }],
]);

const run = scope(
  (s) => {
    const dives = new Map<string, { readonly score: number; readonly task: TaskHandle<Page> }>();
    // They belong to the scope, not to the search that found them: a search is over when it has its hits.
    const dive = ({ page, score }: Hit): void => {
      if (dives.has(page)) return;
      const task = s.start(page, {
        priority: score,
        run: async (ctx) => {
          const found = await read(page, ctx);
          found.links?.forEach(dive);
          return found;
        },
      });
      dives.set(page, { score, task });
    };
    for (const engine of ENGINES.keys()) {
      s.start(`search ${engine}`, {
        priority: 10,
        run: async (ctx) => (await search(engine, ctx)).forEach(dive),
      });
    }
    return dives;
  },
  { limit: 3, failure: "continue", report: "full" },
);

// A scope is over when all of its tasks are, those too that were started late.
const dives = [...(await run)].toSorted(([, a], [, b]) => b.score - a.score);
const lines = dives.map(([page, { score, task }]) => {
  const { outcome } = task;
  if (outcome?.status === "completed") return `${score} ${outcome.value.fact} (${page})`;
  return `not read: ${page} (${outcome?.status === "failed" ? String(outcome.error) : outcome?.status})`;
});
console.log(lines.join("\n"));
console.log(describeReport(run.report)[0]);

assert.deepEqual(run.report.tasks, { completed: 8, failed: 1, cancelled: 0, skipped: 0 });
const timings = new Map(run.report.full?.timings.map((timing) => [timing.key, timing]));
const startOf = (page: string) => timings.get(page)?.startedAtMs ?? 0;
// One search found all three, the blog first; it was read last.
assert(["paper", "manual"].every((page) => startOf(page) <= startOf("blog")));

async function search(engine: string, { signal }: TaskContext): Promise<readonly Hit[]> {
  await pause(20 + 5 * engine.length, undefined, { signal });
  return ENGINES.get(engine) ?? [];
}

async function read(page: string, { signal }: TaskContext): Promise<Page> {
  await pause(30, undefined, { signal });
  const found = PAGES.get(page);
  if (found === undefined) throw new Error("404");
  return found;
}
