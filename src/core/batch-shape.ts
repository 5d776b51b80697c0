/** Tasks that are given together: what was declared of them, and what comes after what among them. */
import type { Until } from "./dependents.ts";
import type { Outcome } from "./outcome.ts";
import { functionOf, specOf, type TaskSpec } from "./task-spec.ts";
import type { Task } from "./task.ts";

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

/** What comes after what. */
export interface Edges {
  /** What each task comes after, by index. */
  readonly after: readonly (readonly Edge[] | undefined)[];
  /** All tasks, each after those that it comes after, otherwise as given. */
  readonly order: readonly number[];
}

/** A task to come after. */
interface Edge {
  readonly index: number;
  readonly until: Until;
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
  const after = batch.tasks.map((task, own) => {
    const declared = typeof task === "function" ? undefined : task.after;
    return declared?.map((dependency): Edge => {
      const detailed = typeof dependency === "object" && "until" in dependency;
      const name = detailed ? dependency.task : dependency;
      const index = typeof name === "string" ? indexes.get(name) : undefined;
      if (index === undefined) {
        throw new RangeError(
          `Cannot start task "${keyOf(batch, own)}" as each of "after" must be the key of a task given with it: ${JSON.stringify(typeof name === "string" ? name : name.key)}`,
        );
      }
      return { index, until: detailed ? dependency.until : "completed" };
    });
  });
  return { after, order: topologicalOrder(batch, after) };
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
function topologicalOrder(batch: Batch, after: Edges["after"]): readonly number[] {
  const order: number[] = [];
  const state = new Uint8Array(after.length); // 0 not seen, 1 on the path, 2 done.
  const next = new Uint32Array(after.length); // How many edges of each have been followed.
  const path: number[] = []; // An explicit stack, since a chain of tasks may be longer than the call stack.
  for (let start = 0; start < after.length; start += 1) {
    if (state[start] === 0) {
      state[start] = 1;
      path.push(start);
    }
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const followed = next[top] ?? 0;
      const to = after[top]?.[followed]?.index;
      next[top] = followed + 1;
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
): readonly number[] {
  const remaining = specs.map(({ expectedMs }) => expectedMs);
  for (const at of edges?.order.toReversed() ?? []) {
    for (const { index } of edges?.after[at] ?? []) {
      const through = (specs[index]?.expectedMs ?? 0) + (remaining[at] ?? 0);
      remaining[index] = Math.max(remaining[index] ?? 0, through);
    }
  }
  return remaining;
}
