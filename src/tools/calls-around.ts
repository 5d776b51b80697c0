/** Which calls the code that runs now is part of, also through the turns of other toolboxes. */
import { currentOwner } from "../core/context.ts";
import type { Kernel } from "../core/kernel.ts";
import { TaskRecord } from "../core/task-record.ts";
import { isAtWork } from "../core/wait-rules.ts";

/** Whose code has opened the turn of a call. */
const openers = new WeakMap<TaskRecord, TaskRecord>();

/** The task whose code runs now. */
export function openerNow(): TaskRecord | undefined {
  const owner = currentOwner();
  return owner instanceof TaskRecord ? owner : undefined;
}

/** Remembers whose code has opened the turn of a call. */
export function noteOpener(record: TaskRecord, opener: TaskRecord | undefined): void {
  if (opener !== undefined) {
    openers.set(record, opener);
  }
}

/**
 * Refuses what starts calls of a run without being within the call of it that the code which runs now is part of.
 *
 * @throws `TypeError` that names the call; `action` says what is refused, and of which toolbox.
 */
export function refuseInside(
  kernel: Kernel,
  { action, toolbox }: { readonly action: string; readonly toolbox: string },
): void {
  const around = callAround(kernel);
  if (around !== undefined) {
    throw new TypeError(
      `Cannot ${action} inside call "${around.key}" of ${toolbox} as it must be said to be \`within\` it: its calls might wait for that one`,
    );
  }
}

/** The call of that run which the code that runs now is part of, and which may wait for that code. */
function callAround(kernel: Kernel): TaskRecord | undefined {
  let at = openerNow();
  while (at !== undefined && !(at.owner === kernel && isAtWork(at))) {
    at = outside(at);
  }
  return at;
}

/** Whose code a task goes back to that is not its own or that of a task around it. */
function outside(record: TaskRecord): TaskRecord | undefined {
  for (let at: TaskRecord | undefined = record; at !== undefined; at = at.parent) {
    const opener = openers.get(at);
    if (opener !== undefined) {
      return opener;
    }
  }
  return undefined;
}
