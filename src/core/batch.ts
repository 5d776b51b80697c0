/** Tasks that are given together: checked as a whole before anything starts, put into a stable topological order of `after`. */
import { captureContext } from "./context.ts";
import type { Kernel } from "./kernel.ts";
import type { TaskRecord } from "./task-record.ts";
import { functionOf, specOf } from "./task-spec.ts";
import type { Task } from "./task.ts";

/** One task of a batch with its key. */
export type BatchEntry = readonly [key: string, task: Task<unknown>];

/** Something that comes after others, by index in its batch. */
interface Node {
  readonly key: string;
  readonly task: Task<unknown>;
  readonly after: readonly { readonly index: number; readonly until: "completed" | "settled" }[];
}

/**
 * Adds a batch under `parent` and returns the records in the order in which the tasks were given.
 *
 * @throws `RangeError` for an unknown name or a cycle, with the path of the cycle; then nothing has been added.
 */
export function addBatch(
  kernel: Kernel,
  parent: TaskRecord,
  entries: readonly BatchEntry[],
): TaskRecord[] {
  const { plainSpec } = kernel.options;
  const spec = parent === kernel.root ? plainSpec : { ...plainSpec, failure: parent.spec.failure };
  const nodes = nodesOf(entries);
  const specs = nodes.map(({ key, task }) =>
    typeof task === "function" ? spec : specOf(key, task, spec),
  );
  const order = topologicalOrder(nodes);
  const remaining = longestRemaining(nodes, order, specs);
  const context = captureContext();
  const records: TaskRecord[] = [];
  for (const index of order) {
    const { key, task, after } = nodes[index] as Node; // `order` holds indexes of `nodes`.
    const record = kernel.add(
      parent,
      {
        key,
        spec: specs[index] ?? spec,
        run: functionOf(key, task),
        after: after.map((each) => ({
          record: records[each.index] as TaskRecord,
          until: each.until,
        })), // Earlier in `order`.
      },
      context,
    );
    record.remainingMs = remaining[index] ?? 0;
    records[index] = record;
  }
  return records;
}

const NO_DEPENDENCIES: readonly never[] = [];

function nodesOf(entries: readonly BatchEntry[]): Node[] {
  const indexes = new Map<string, number>();
  entries.forEach(([key], index) => indexes.set(key, index));
  return entries.map(([key, task]) => {
    functionOf(key, task);
    const after = typeof task === "function" ? NO_DEPENDENCIES : (task.after ?? NO_DEPENDENCIES);
    if (after.length === 0) {
      return { key, task, after: NO_DEPENDENCIES };
    }
    return {
      key,
      task,
      after: after.map((dependency) => {
        const detailed = typeof dependency === "object" && "until" in dependency;
        const name = detailed ? dependency.task : dependency;
        const index = typeof name === "string" ? indexes.get(name) : undefined;
        if (index === undefined) {
          throw new RangeError(
            `Cannot start task "${key}" as each of "after" must be the key of a task given with it: ${JSON.stringify(typeof name === "string" ? name : name.key)}`,
          );
        }
        return { index, until: detailed ? dependency.until : ("completed" as const) };
      }),
    };
  });
}

/**
 * The tasks in an order in which each comes after those it names, as close as possible to the order given (depth first; Cormen
 * et al., "Introduction to Algorithms", section 20.4).
 */
function topologicalOrder(nodes: readonly Node[]): number[] {
  if (nodes.every(({ after }) => after.length === 0)) {
    return nodes.map((_, index) => index);
  }
  const order: number[] = [];
  const state = new Uint8Array(nodes.length); // 0 not seen, 1 on the path, 2 done.
  for (let start = 0; start < nodes.length; start += 1) {
    // An explicit stack, since a chain of tasks may be longer than the call stack.
    const path: { readonly index: number; next: number }[] =
      state[start] === 0 ? [{ index: start, next: 0 }] : [];
    state[start] = state[start] === 0 ? 1 : (state[start] ?? 0);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const before = nodes[top.index]?.after[top.next]?.index;
      top.next += 1;
      if (before === undefined) {
        state[top.index] = 2;
        order.push(top.index);
        path.pop();
      } else if (state[before] === 1) {
        refuseCycle(nodes, [...path.map(({ index }) => index), before]);
      } else if (state[before] === 0) {
        state[before] = 1;
        path.push({ index: before, next: 0 });
      }
    }
  }
  return order;
}

function refuseCycle(nodes: readonly Node[], path: readonly number[]): never {
  const cycle = path.slice(path.indexOf(path.at(-1) ?? 0)).map((index) => nodes[index]?.key ?? "");
  throw new RangeError(
    `Cannot start task "${cycle[0]}" as its dependencies form a cycle: ${cycle.join(" -> ")}`,
  );
}

/** The longest path from the start of each task to the end of the batch, by expected durations. */
function longestRemaining(
  nodes: readonly Node[],
  order: readonly number[],
  specs: readonly { readonly expectedMs: number }[],
): readonly number[] {
  if (specs.every(({ expectedMs }) => expectedMs === 0)) {
    return [];
  }
  const remaining = specs.map(({ expectedMs }) => expectedMs);
  for (const index of order.toReversed()) {
    for (const { index: before } of nodes[index]?.after ?? []) {
      const through = (specs[before]?.expectedMs ?? 0) + (remaining[index] ?? 0);
      remaining[before] = Math.max(remaining[before] ?? 0, through);
    }
  }
  return remaining;
}
