/**
 * A race condition and two cures. Two tasks read a value, wait, and write it: one update is lost. A mutex lets one at a time through
 * the critical section; declaring what a task writes puts whole tasks in order, and nobody has to remember to lock.
 *
 * ```
 * two deposits at once: balance 1, one is lost
 * with a mutex: balance 2
 * with declared writes: balance 2
 * with a mutex for each account: { ada: 5, bob: 3, eve: 2 }
 * ```
 */
import assert from "node:assert/strict";
import { all, mutex, mutexBy } from "fanfold";

let balance = 0;
const deposit = async (): Promise<void> => {
  const before = balance;
  await Promise.resolve(); // Here the other one reads the same value.
  balance = before + 1;
};

await all([deposit, deposit]);
assert.equal(balance, 1);
console.log(`two deposits at once: balance ${balance}, one is lost`);

balance = 0;
const account = mutex({ name: "account" });
const safely = (): Promise<void> => account.run(deposit);
await all([safely, safely]);
assert.equal(balance, 2);
console.log(`with a mutex: balance ${balance}`);

balance = 0;
await all([
  { writes: ["account"], run: deposit },
  { writes: ["account"], run: deposit },
]);
assert.equal(balance, 2);
console.log(`with declared writes: balance ${balance}`);

// Ten deposits to three accounts: those of one account one by one, the accounts at the same time.
const balances = new Map<string, number>();
const accounts = mutexBy<string>({ name: "account" });
const names = ["ada", "bob", "eve", "ada", "bob", "ada", "eve", "ada", "bob", "ada"];
await all(
  names.map(
    (name) => () =>
      accounts.run(name, async () => {
        const before = balances.get(name) ?? 0;
        await Promise.resolve();
        balances.set(name, before + 1);
      }),
  ),
);
assert.deepEqual(Object.fromEntries(balances), { ada: 5, bob: 3, eve: 2 });
assert.equal(accounts.size, 0);
console.log("with a mutex for each account:", Object.fromEntries(balances));
