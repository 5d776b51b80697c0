/** Adds tasks that are given together: checked as a whole before anything starts, in a stable topological order of `after`. */
import {
  edgesOf,
  keyOf,
  longestRemaining,
  NO_EDGES,
  specsOf,
  topologicalOrder,
  type Batch,
  type Edges,
} from "./batch-shape.ts";
import { captureContext } from "./context.ts";
import type { Predecessor } from "./dependents.ts";
import type { Kernel } from "./kernel.ts";
import type { Outcome } from "./outcome.ts";
import { childrenOf, type TaskRecord, type Watcher } from "./task-record.ts";
import { functionOf, type TaskSpec } from "./task-spec.ts";
import type { Task } from "./task.ts";

/**
 * Adds a batch under `parent` and returns where the outcomes will be, in the order in which the tasks were given.
 *
 * @throws `TypeError` or `RangeError` for an invalid declaration, an unknown name, or a cycle, with its path; then nothing has
 * been added.
 */
export function addBatch(
  kernel: Kernel,
  parent: TaskRecord,
  batch: Batch,
): readonly (Outcome<unknown> | undefined)[] {
  const { plainSpec } = kernel.options;
  const plain = parent === kernel.root ? plainSpec : { ...plainSpec, failure: parent.spec.failure };
  const specs = specsOf(batch, plain);
  const edges = edgesOf(batch);
  return specs === undefined && edges === undefined
    ? addPlain(kernel, parent, batch, plain)
    : addDeclared(kernel, parent, batch, { plain, specs, edges });
}

/** What was declared of the tasks of a batch. */
interface Declarations {
  /** That of a task that declares nothing. */
  readonly plain: TaskSpec;
  readonly specs: readonly TaskSpec[] | undefined;
  readonly edges: Edges | undefined;
}

/** Adds tasks of which nothing was declared. */
function addPlain(
  kernel: Kernel,
  parent: TaskRecord,
  batch: Batch,
  spec: TaskSpec,
): readonly (Outcome<unknown> | undefined)[] {
  const { tasks, onOutcome } = batch;
  const outcomes: (Outcome<unknown> | undefined)[] = tasks.map(() => undefined);
  const first = childrenOf(parent).added + 1;
  const watcher: Watcher = {
    onOutcome(outcome, record) {
      const index = record.index - first;
      outcomes[index] = outcome;
      onOutcome?.(outcome, index);
    },
  };
  const watchers = [watcher];
  const context = captureContext();
  if (kernel.addUnstarted(parent, { batch, spec, context, watchers })) {
    return outcomes;
  }
  for (const [index, task] of tasks.entries()) {
    const key = keyOf(batch, index);
    kernel.add(parent, { key, spec, run: functionOf(key, task), watchers }, context);
  }
  return outcomes;
}

function addDeclared(
  kernel: Kernel,
  parent: TaskRecord,
  batch: Batch,
  { plain, specs, edges = NO_EDGES }: Declarations,
): readonly (Outcome<unknown> | undefined)[] {
  const { tasks, onOutcome } = batch;
  const order = topologicalOrder(batch, edges);
  const remaining = specs === undefined ? undefined : longestRemaining(specs, order, edges);
  const outcomes: (Outcome<unknown> | undefined)[] = tasks.map(() => undefined);
  const first = childrenOf(parent).added + 1;
  const watcher: Watcher = {
    onOutcome(outcome, record) {
      const index = order[record.index - first] ?? 0;
      outcomes[index] = outcome;
      onOutcome?.(outcome, index);
    },
  };
  const watchers = [watcher];
  const context = captureContext();
  const records: TaskRecord[] = [];
  for (const index of order) {
    const key = keyOf(batch, index);
    const run = functionOf(key, tasks[index] as Task<unknown>); // `order` holds indexes of `tasks`.
    const after = predecessorsOf(index, edges, records);
    const task = { key, spec: specs?.[index] ?? plain, run, after, watchers };
    const record = kernel.add(parent, task, context);
    if (remaining !== undefined) {
      record.remainingMs = remaining[index] ?? 0;
    }
    records[index] = record;
  }
  return outcomes;
}

function predecessorsOf(
  index: number,
  { starts, before, until }: Edges,
  records: readonly TaskRecord[],
): readonly Predecessor[] | undefined {
  const from = starts[index] ?? 0;
  const to = starts[index + 1] ?? 0;
  return from === to
    ? undefined
    : before.slice(from, to).map((each, offset) => ({
        record: records[each] as TaskRecord, // Earlier in the order.
        until: until[from + offset] ?? "completed",
      }));
}
