/** The least queue that gives a promise for each function, as `p-limit` does: the caller collects and awaits them. */
import type { NoOperation } from "./input.ts";

interface Waiting {
  readonly task: NoOperation;
  readonly resolve: (value: number) => void;
  readonly reject: (error: unknown) => void;
}

export async function run(functions: readonly NoOperation[], limit: number): Promise<number> {
  const add = createQueue(limit);
  const results = await Promise.all(functions.map(add));
  return results.length;
}

function createQueue(limit: number): (task: NoOperation) => Promise<number> {
  const waiting: Waiting[] = [];
  let first = 0;
  let running = 0;
  const runNext = (): void => {
    const entry = waiting[first];
    if (entry === undefined || running >= limit) return;
    first += 1;
    running += 1;
    entry.task().then(
      (value) => succeed(entry, value),
      (error: unknown) => fail(entry, error),
    );
  };
  const succeed = (entry: Waiting, value: number): void => {
    running -= 1;
    runNext();
    entry.resolve(value);
  };
  const fail = (entry: Waiting, error: unknown): void => {
    running -= 1;
    runNext();
    entry.reject(error);
  };
  return (task) =>
    new Promise((resolve, reject) => {
      waiting.push({ task, resolve, reject });
      runNext();
    });
}
