/** Adds tasks that are given together: checked as a whole before anything starts, in a stable topological order of `after`. */
import {
  edgesOf,
  endOf,
  keyOf,
  longestRemaining,
  specsOf,
  untilOf,
  type Batch,
  type Edges,
} from "./batch-shape.ts";
import { captureContext, type ContextRunner } from "./context.ts";
import type { Predecessor } from "./dependents.ts";
import type { Kernel } from "./kernel.ts";
import type { Outcome } from "./outcome.ts";
import { childrenOf } from "./children.ts";
import type { TaskRecord, Watcher } from "./task-record.ts";
import { functionOf, waitsLike, type TaskSpec } from "./task-spec.ts";
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
  const plain = parent.plainSpec;
  const specs = specsOf(batch, plain);
  const edges = edgesOf(batch);
  const outcomes: (Outcome<unknown> | undefined)[] = batch.tasks.map(() => undefined);
  const first = childrenOf(parent).added + 1;
  const watcher: Watcher = {
    onOutcome(outcome, record) {
      const place = record.index - first;
      const index = edges?.order?.[place] ?? place;
      outcomes[index] = outcome;
      batch.onOutcome?.(outcome, index);
    },
  };
  const common = { context: captureContext(), watchers: [watcher] as const };
  const isUniform =
    specs === undefined || (edges === undefined && specs.every((spec) => waitsLike(plain, spec)));
  if (!isUniform || !kernel.addUnstarted(parent, { batch, spec: plain, specs, ...common }, edges)) {
    addRecords(kernel, parent, batch, { plain, specs, edges, ...common });
  }
  return outcomes;
}

/** What is known of the tasks of a batch. */
interface Declarations {
  /** What was declared of a task that declares nothing. */
  readonly plain: TaskSpec;
  readonly specs: readonly TaskSpec[] | undefined;
  readonly edges: Edges | undefined;
  readonly context: ContextRunner | undefined;
  readonly watchers: readonly [Watcher];
}

function addRecords(
  kernel: Kernel,
  parent: TaskRecord,
  batch: Batch,
  { plain, specs, edges, context, watchers }: Declarations,
): void {
  const { tasks } = batch;
  const remaining = specs && longestRemaining(specs, edges);
  const records: TaskRecord[] = [];
  for (let place = 0; place < tasks.length; place += 1) {
    const index = edges?.order?.[place] ?? place;
    const key = keyOf(batch, index);
    const run = functionOf(key, tasks[index] as Task<unknown>); // An index of `tasks`.
    const after = edges?.before.slice(edges.starts[index], edges.starts[index + 1]).map(
      (edge): Predecessor => ({ record: records[endOf(edge)] as TaskRecord, until: untilOf(edge) }), // Earlier in the order.
    );
    const task = { key, spec: specs?.[index] ?? plain, run, after, watchers };
    const record = kernel.add(parent, task, context);
    record.remainingMs = remaining?.[index] ?? 0;
    records[index] = record;
  }
}
