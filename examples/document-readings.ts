/**
 * Three readings of one document at once: each key of the result has the type of its own task. When one of them fails, the others are
 * told to stop: nobody pays for half a page.
 *
 * ```
 * sentiment: mixed, 2 for and 1 against
 * entities: Northwind, Hanover, Ada Lovelace
 * summary: Northwind will open a second plant in Hanover next spring.
 * 3 tasks in …; one after another … (at best …). Critical path: ….
 * an empty text: entities and summary told to stop
 * ```
 */
import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { all, describeReport, TasksFailedError, type TaskContext } from "fanfold";

const article = `Northwind will open a second plant in Hanover next spring.
Ada Lovelace, who leads the project, welcomes the strong demand. Neighbours worry about noise.`;

const run = read(article);
const { sentiment, entities, summary } = await run;
console.log(`sentiment: ${sentiment.label}, ${sentiment.pro} for and ${sentiment.contra} against`);
console.log(`entities: ${entities.join(", ")}`);
console.log(`summary: ${summary}`);
for (const line of describeReport(run.report)) console.log(line);

// Nobody can tell the sentiment of nothing, so nobody needs the rest.
const stopped: string[] = [];
await assert.rejects(read(""), TasksFailedError);
console.log(`an empty text: ${stopped.join(" and ")} told to stop`);

assert.deepEqual(sentiment, { label: "mixed", pro: 2, contra: 1 });
assert.deepEqual(entities, ["Northwind", "Hanover", "Ada Lovelace"]);
assert.equal(summary, "Northwind will open a second plant in Hanover next spring.");
assert.deepEqual(stopped, ["entities", "summary"]);
assert.deepEqual(run.report.tasks, { completed: 3, failed: 0, cancelled: 0, skipped: 0 });

/** What is read of a document, all or nothing. */
function read(text: string) {
  return all(
    {
      sentiment: (ctx) => findSentiment(text, ctx),
      entities: (ctx) => findEntities(text, ctx),
      summary: (ctx) => summarise(text, ctx),
    },
    { timeoutMs: 2000, report: "full" },
  );
}

interface Sentiment {
  readonly label: "positive" | "negative" | "mixed";
  readonly pro: number;
  readonly contra: number;
}

// Each of these stands for a call of a model: it takes its time, and stops when `signal` says so.

async function findSentiment(text: string, ctx: TaskContext): Promise<Sentiment> {
  if (text === "") throw new Error("the text is empty");
  await answer(30, ctx);
  const pro = text.match(/\b(welcomes|strong|delighted)\b/g)?.length ?? 0;
  const contra = text.match(/\b(worry|weak|regrets)\b/g)?.length ?? 0;
  return { label: contra === 0 ? "positive" : pro === 0 ? "negative" : "mixed", pro, contra };
}

async function findEntities(text: string, ctx: TaskContext): Promise<string[]> {
  await answer(50, ctx);
  const names = text.match(/\b(Northwind|Hanover|Ada Lovelace)\b/g) ?? [];
  return [...new Set(names)];
}

async function summarise(text: string, ctx: TaskContext): Promise<string> {
  await answer(80, ctx);
  return text.split("\n")[0] ?? "";
}

async function answer(ms: number, { key, signal }: TaskContext): Promise<void> {
  signal.addEventListener("abort", () => stopped.push(key));
  await pause(ms, undefined, { signal });
}
