/** Tasks that are given together: what was declared of them, and what comes after what among them. */
import type { Until } from "./dependents.ts";
import type { Outcome } from "./outcome.ts";
import { functionOf, specOf, type TaskSpec } from "./task-spec.ts";
import type { Dependency, Task } from "./task.ts";

/** Tasks that are given together. */
export interface Batch {
  readonly tasks: readonly Task<unknown>[];
  /** Their keys. Absent for a list, where each has its index as key: nobody may ever read it. */
  readonly keys: readonly string[] | undefined;
  /** Called with each outcome, and the index of its task, when it is there. */
  readonly onOutcome?: ((outcome: Outcome<unknown>, index: number) => void) | undefined;
}

/** The key of a task of a batch. */
export function keyOf({ keys }: Batch, index: number): string {
  return keys?.[index] ?? String(index);
}

/** What comes after what: a few long lists of numbers, as there may be a hundred thousand tasks. */
export interface Edges {
  /** For each task, by index, where in `before` those begin that it comes after; at last, where all end. */
  readonly starts: Uint32Array;
  /** Those that come before, as {@link edgeTo} writes them. */
  readonly before: readonly number[];
  /** All tasks, each after those that it comes after, otherwise as given; undefined where they were given in such an order. */
  readonly order: readonly number[] | undefined;
}

/** An edge to a task: its number, doubled, and one more where any end of it will do. */
export function edgeTo(index: number, until: Until): number {
  return index * 2 + (until === "settled" ? 1 : 0);
}

/** The task to which an edge leads. */
export function endOf(edge: number): number {
  return edge >>> 1;
}

/** Which end of that task the edge waits for. */
export function untilOf(edge: number): Until {
  return (edge & 1) === 1 ? "settled" : "completed";
}

/**
 * What was declared of each task; undefined when nothing was of any of them.
 *
 * @throws `TypeError` or `RangeError` for what is not a task and for an invalid declaration.
 */
export function specsOf(batch: Batch, plain: TaskSpec): readonly TaskSpec[] | undefined {
  const { tasks } = batch;
  let specs: TaskSpec[] | undefined;
  for (let index = 0; index < tasks.length; index += 1) {
    const task = tasks[index] as Task<unknown>; // Not a hole: it was taken from an iterable.
    if (typeof task !== "function") {
      const key = keyOf(batch, index);
      functionOf(key, task);
      const spec = specOf(key, task, plain);
      if (spec !== plain) {
        specs ??= tasks.map(() => plain);
        specs[index] = spec;
      }
    }
  }
  return specs;
}

/**
 * Finds the tasks that each task comes after; undefined when that was declared of none.
 *
 * @throws `RangeError` for an unknown name, and for a cycle, with its path.
 */
export function edgesOf(batch: Batch): Edges | undefined {
  const isDeclared = batch.tasks.some(
    (task) => typeof task !== "function" && task.after !== undefined,
  );
  return isDeclared ? findEdges(batch) : undefined;
}

function findEdges(batch: Batch): Edges {
  const indexes = indexesOf(batch);
  const { tasks } = batch;
  const starts = new Uint32Array(tasks.length + 1);
  const before: number[] = [];
  let isOrdered = true;
  for (let own = 0; own < tasks.length; own += 1) {
    const task = tasks[own] as Task<unknown>; // An index of `tasks`.
    const after = typeof task === "function" ? undefined : task.after;
    for (let at = 0; after !== undefined && at < after.length; at += 1) {
      const dependency = after[at] as Dependency; // An index of it.
      const detailed = typeof dependency === "object" && "until" in dependency;
      const name = detailed ? dependency.task : dependency;
      const index = typeof name === "string" ? indexes.get(name) : undefined;
      if (index === undefined) {
        throw new RangeError(
          `Cannot start task "${keyOf(batch, own)}" as ${describeUnknown(after, name)}`,
        );
      }
      isOrdered &&= index < own;
      before.push(edgeTo(index, detailed ? dependency.until : "completed"));
    }
    starts[own + 1] = before.length;
  }
  return { starts, before, order: isOrdered ? undefined : topologicalOrder(batch, starts, before) };
}

/** What is wrong with a name that no task has. Without types, the list and its names may be anything. */
function describeUnknown(after: unknown, name: unknown): string {
  if (typeof after === "string") {
    return `"after" must be a list of keys: ${JSON.stringify(after)}`;
  }
  const key = name instanceof Object && "key" in name ? name.key : name;
  const hint = typeof key === "number" ? '; keys are texts, in a list "0", "1", and so on' : "";
  return `each of "after" must be the key of a task given with it: ${JSON.stringify(key)}${hint}`;
}

function indexesOf(batch: Batch): ReadonlyMap<string, number> {
  const indexes = new Map<string, number>();
  for (let index = 0; index < batch.tasks.length; index += 1) {
    indexes.set(keyOf(batch, index), index);
  }
  return indexes;
}

/**
 * The tasks in an order in which each comes after those it names, as close as possible to the order given (depth first; Cormen
 * et al., "Introduction to Algorithms", section 20.4).
 */
function topologicalOrder(
  batch: Batch,
  starts: Edges["starts"],
  before: Edges["before"],
): readonly number[] {
  const order: number[] = [];
  const count = batch.tasks.length;
  const state = new Uint8Array(count); // 0 not seen, 1 on the path, 2 done.
  const next = starts.slice(); // The edge of each to be followed next.
  const path: number[] = []; // An explicit stack, since a chain of tasks may be longer than the call stack.
  for (let start = 0; start < count; start += 1) {
    if (state[start] === 0) {
      state[start] = 1;
      path.push(start);
    }
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const edge = next[top] ?? 0;
      next[top] = edge + 1;
      const to = edge < (starts[top + 1] ?? 0) ? endOf(before[edge] ?? 0) : undefined;
      if (to === undefined) {
        state[top] = 2;
        order.push(top);
        path.pop();
      } else if (state[to] === 1) {
        refuseCycle(batch, [...path, to]);
      } else if (state[to] === 0) {
        state[to] = 1;
        path.push(to);
      }
    }
  }
  return order;
}

function refuseCycle(batch: Batch, path: readonly number[]): never {
  const cycle = path.slice(path.indexOf(path.at(-1) ?? 0)).map((index) => keyOf(batch, index));
  throw new RangeError(
    `Cannot start task "${cycle[0]}" as its dependencies form a cycle: ${cycle.join(" -> ")}`,
  );
}

/** The longest path from the start of each task to the end of the batch, by expected durations. */
export function longestRemaining(
  specs: readonly { readonly expectedMs: number }[],
  edges: Edges | undefined,
): Float64Array {
  const remaining = Float64Array.from(specs, ({ expectedMs }) => expectedMs);
  for (let place = specs.length - 1; edges !== undefined && place >= 0; place -= 1) {
    const at = edges.order?.[place] ?? place;
    for (let edge = edges.starts[at] ?? 0; edge < (edges.starts[at + 1] ?? 0); edge += 1) {
      const index = endOf(edges.before[edge] ?? 0);
      const through = (specs[index]?.expectedMs ?? 0) + (remaining[at] ?? 0);
      remaining[index] = Math.max(remaining[index] ?? 0, through);
    }
  }
  return remaining;
}
