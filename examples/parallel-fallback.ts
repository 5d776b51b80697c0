/** Cache, database and API raced: the first success wins, the others are told to stop. */
import assert from "node:assert/strict";
import { first, type TaskContext } from "../src/index.ts";

const stopped: string[] = [];
const slow = ({ key, signal }: TaskContext): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener("abort", () => {
      stopped.push(key);
      reject(new Error(`${key} was told to stop`));
    });
  });

const [winner] = await first(1, {
  cache: () => Promise.reject(new Error("miss")),
  database: async () => "row 7",
  api: slow,
});

assert.deepEqual(winner, { key: "database", value: "row 7" });
assert.deepEqual(stopped, ["api"]);
console.log(`${winner.key} answered: ${winner.value}`);
