/** A race condition and its cure: two tasks read and write one value; declaring the write puts them in order. */
import assert from "node:assert/strict";
import { all } from "../src/index.ts";

let balance = 0;
const deposit = async (): Promise<void> => {
  const before = balance;
  await Promise.resolve();
  balance = before + 1;
};

await all([deposit, deposit]);
assert.equal(balance, 1, "one deposit was lost");

balance = 0;
await all([
  { writes: ["balance"], run: deposit },
  { writes: ["balance"], run: deposit },
]);
assert.equal(balance, 2);
console.log("with claims nothing is lost");
