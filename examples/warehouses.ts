/**
 * Is it in stock? There are ten warehouses, and the first three that have the product are enough: those still being asked then are
 * told to stop, and the others are never asked. Two products are looked for at once, with at most four requests between them.
 *
 * ```
 * lamp: athens has 4, dublin has 7, graz has 2
 * 2 sold out, … told to stop, … never asked
 * chair: not in three warehouses
 * 8 sold out, 0 told to stop, 0 never asked
 * at most 4 requests at once
 * ```
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { all, first, limit, TasksFailedError, type TaskContext } from "fanfold";

const WAREHOUSES = "athens bergen cork dublin espoo faro graz hull izmir jaca".split(" ");

// All of them, on a server of our own. Those without a number never answer.
const STOCK: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  lamp: { athens: 4, bergen: 0, dublin: 7, espoo: 0, graz: 2 },
  chair: { ...Object.fromEntries(WAREHOUSES.map((name) => [name, 0])), athens: 1, bergen: 5 },
};
const server = createServer(({ url = "" }, response) => {
  const [, product = "", warehouse = ""] = url.split("/");
  const count = STOCK[product]?.[warehouse];
  if (count !== undefined) response.end(String(count));
});
await once(server.listen(0, "127.0.0.1"), "listening");
const site = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

const requests = limit({ name: "warehouses", concurrency: 4 });
let mostInUse = 0;

const answers = await all({ lamp: find, chair: find });
for (const [product, { answer, tasks, neverAsked }] of Object.entries(answers)) {
  console.log(`${product}: ${answer}`);
  console.log(
    `${tasks.failed} sold out, ${tasks.cancelled - neverAsked} told to stop, ${neverAsked} never asked`,
  );
}
console.log(`at most ${mostInUse} requests at once`);
server.closeAllConnections();
server.close();

assert.deepEqual(answers.lamp.tasks, { completed: 3, failed: 2, cancelled: 5, skipped: 0 });
assert.equal(answers.chair.tasks.failed, 8);
assert.deepEqual([mostInUse, requests.inUse], [4, 0]);

/** Finds three warehouses that have the product after which the task is named. */
async function find({ key: product, signal }: TaskContext) {
  const ask = (ctx: TaskContext): Promise<number> => stockOf(product, ctx);
  const run = first(3, Object.fromEntries(WAREHOUSES.map((name) => [name, ask])), {
    limit: requests,
    timeoutMs: 10_000,
    report: "full",
    signal,
  });
  const answer = await run.then(
    (found) =>
      found
        .map(({ key, value }) => `${key} has ${value}`)
        .toSorted()
        .join(", "),
    (error: unknown) => {
      if (error instanceof TasksFailedError) return "not in three warehouses";
      throw error;
    },
  );
  const { tasks, full } = run.report;
  const neverAsked = full?.timings.filter(({ attempts }) => attempts === 0).length ?? 0;
  return { answer, tasks, neverAsked };
}

async function stockOf(product: string, { key: warehouse, signal }: TaskContext): Promise<number> {
  mostInUse = Math.max(mostInUse, requests.inUse);
  const response = await fetch(`${site}/${product}/${warehouse}`, { signal });
  const count = Number(await response.text());
  if (count === 0) throw new Error("sold out");
  return count;
}
