/** The shapes in which tasks may be given, and results in the same shape. */
import type { Batch } from "../core/batch-shape.ts";
import type { Outcome } from "../core/outcome.ts";
import type { Task } from "../core/task.ts";

/** Tasks by name, as a list, or as anything that can be iterated. */
export type Tasks = Readonly<Record<string, Task<unknown>>> | Iterable<Task<unknown>>;

/** What a task gives. */
export type ValueOfTask<X> = X extends (...args: never[]) => infer R
  ? Awaited<R>
  : X extends { readonly run: (...args: never[]) => infer R }
    ? Awaited<R>
    : never;

/** The values of tasks, in the shape in which the tasks were given. */
export type Values<X> = X extends readonly unknown[]
  ? { -readonly [K in keyof X]: ValueOfTask<X[K]> }
  : X extends Iterable<infer E>
    ? ValueOfTask<E>[]
    : { -readonly [K in keyof X]: ValueOfTask<X[K]> };

/** The outcomes of tasks, in the shape in which the tasks were given. */
export type Outcomes<X> = X extends readonly unknown[]
  ? { -readonly [K in keyof X]: Outcome<ValueOfTask<X[K]>> }
  : X extends Iterable<infer E>
    ? Outcome<ValueOfTask<E>>[]
    : { -readonly [K in keyof X]: Outcome<ValueOfTask<X[K]>> };

/** A batch, and how to give results their shape back. */
export interface Shape {
  readonly batch: Batch;
  fold(results: readonly unknown[]): unknown;
}

/**
 * Takes tasks apart. Tasks of a list have their index as key.
 *
 * @throws `TypeError` when `tasks` is neither an object nor iterable.
 */
export function shapeOf(tasks: Tasks): Shape {
  if (typeof tasks !== "object" || tasks === null) {
    throw new TypeError(
      `Cannot run tasks as they must be an object, an array or an iterable: ${String(tasks)}`,
    );
  }
  if (Symbol.iterator in tasks) {
    return { batch: { tasks: [...tasks], keys: undefined }, fold: (results) => results };
  }
  const keys = Object.keys(tasks);
  return {
    // Not `Object.values`: to sort the keys of a large object twice costs more than to look each up.
    batch: { tasks: keys.map((key) => tasks[key] as Task<unknown>), keys },
    fold: (results) => keyed(keys, results),
  };
}

/** What `Object.fromEntries` makes, without a list of two for each: half the price for a short object, which is most of them. */
function keyed(keys: readonly string[], results: readonly unknown[]): Record<string, unknown> {
  const object: Record<string, unknown> = {};
  for (let index = 0; index < keys.length; index += 1) {
    const key = keys[index] as string; // An index of `keys`.
    const value = results[index];
    if (key === "__proto__") {
      const isOwn = { configurable: true, enumerable: true, writable: true };
      Object.defineProperty(object, key, { value, ...isOwn });
    } else {
      object[key] = value;
    }
  }
  return object;
}
