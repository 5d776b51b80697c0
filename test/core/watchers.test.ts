// Those who are told of the end of a task: thousands may wait for one.
import { describe, expect, test } from "vitest";
import { addWatcher, type TaskRecord, type Watcher } from "../../src/core/task-record.ts";
import { scope } from "../../src/index.ts";

const watcher = (): Watcher => ({ onOutcome: () => undefined });

const recordWith = (watchers: readonly Watcher[] | undefined): TaskRecord =>
  ({ watchers }) as TaskRecord; // Nothing else of it is looked at.

describe("watchers of a task", () => {
  test("are added to a list that is copied once at the most, however many they are", () => {
    const record = recordWith(undefined);
    const lists = new Set<unknown>();
    const added = Array.from({ length: 1000 }, watcher);
    for (const each of added) {
      addWatcher(record, each);
      lists.add(record.watchers);
    }
    expect(record.watchers).toEqual(added);
    expect(lists.size).toBe(2);
  });

  test("of one task are none of another that shared the first of them with it", () => {
    const shared = [watcher()];
    const [one, other] = [recordWith(shared), recordWith(shared)];
    const own = [watcher(), watcher(), watcher()];
    own.forEach((each) => addWatcher(one, each));
    expect(other.watchers).toEqual(shared);
    expect(one.watchers).toEqual([...shared, ...own]);
  });

  test("go on in the order in which they began to wait", async () => {
    const order: number[] = [];
    await scope(async (s) => {
      const first = s.start("first", () => new Promise((resolve) => setImmediate(resolve)));
      for (let count = 0; count < 5000; count += 1) {
        s.start(`${count}`, async () => {
          await first;
          order.push(count);
        });
      }
    });
    expect(order).toEqual(Array.from({ length: 5000 }, (_, count) => count));
  });
});
