/**
 * A graph: b and c come after a, d after both; each starts the moment its own dependencies are done.
 *
 * ```
 * a -> b -> c -> d
 * ```
 */
import assert from "node:assert/strict";
import { all, type TaskContext } from "fanfold";

const order: string[] = [];
const step = ({ key }: TaskContext): string => {
  order.push(key);
  return key.toUpperCase();
};

const result = await all({
  d: { after: ["b", "c"], run: step },
  a: step,
  b: { after: ["a"], run: step },
  c: { after: ["a"], run: step },
});

assert.deepEqual(order, ["a", "b", "c", "d"]);
assert.deepEqual(result, { d: "D", a: "A", b: "B", c: "C" });
console.log(order.join(" -> "));
