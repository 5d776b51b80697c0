/** One line for one task: its state, its name, its time, and what there is to say of it. */
import { describeError } from "../core/errors.ts";
import { formatDuration } from "../core/format-duration.ts";
import type { SkipCause } from "../core/outcome.ts";
import { describeFailedItems } from "../plan/kinds/each.ts";
import { headlineOf } from "./describe-value.ts";
import type { PlanTask } from "../plan/plan.ts";
import type { PlanIndex } from "./plan-index.ts";
import { isSettled, type Progress, type TaskProgress } from "./progress.ts";
import { shownName, shownNameWithin } from "./shown-line.ts";
import type { Colors } from "./terminal.ts";
import { cutText, padText, textWidth } from "./text-width.ts";

/** What lines are made from. */
export interface LineContext {
  readonly progress: Progress;
  readonly colors: Colors;
  /** What a plan says of the tasks; undefined where there is none. */
  readonly index: PlanIndex | undefined;
  /** How wide names are; undefined for lines without columns. */
  readonly nameWidth: number | undefined;
  /** How many columns of a name are shown. @defaultValue as many as of any name */
  readonly longestName?: number | undefined;
}

/** How many columns of an error are shown. */
const LONGEST_ERROR = 160;

/** How many of the tasks that one waits for are named. */
const LISTED_TASKS = 3;

/** The widest name of these, as far as names are shown. */
export function nameWidthOf(names: readonly string[]): number {
  return Math.max(0, ...names.map((name) => textWidth(shownName(name))));
}

/** The line of a task. `nowMs` is the time since the start of the run. */
export function taskLine(task: TaskProgress, context: LineContext, nowMs: number): string {
  const { colors, nameWidth, longestName = Infinity } = context;
  const name = shownNameWithin(task.key, longestName);
  const time = timeOf(task, nowMs);
  const note = noteOf(task, context);
  const fields =
    nameWidth === undefined
      ? [name, ...(time === "" ? [] : [colors.dim(time)]), note]
      : [padText(name, nameWidth), colors.dim(time.padStart(9)), note];
  return `${symbolOf(task, colors)} ${fields.join("  ")}`.trimEnd();
}

function symbolOf({ state }: TaskProgress, colors: Colors): string {
  switch (state) {
    case "waiting":
      return colors.dim("○");
    case "running":
      return colors.cyan("●");
    case "completed":
      return colors.green("✓");
    case "failed":
      return colors.red("✗");
    case "cancelled":
      return colors.yellow("■");
    case "skipped":
      return colors.dim("-");
  }
}

function timeOf({ startedAtMs, settledAtMs }: TaskProgress, nowMs: number): string {
  return startedAtMs === undefined ? "" : formatDuration((settledAtMs ?? nowMs) - startedAtMs);
}

function noteOf(task: TaskProgress, context: LineContext): string {
  const { colors } = context;
  switch (task.state) {
    case "waiting":
      return colors.dim(describeWait(task, context));
    case "running":
      return colors.dim(describeInside(task, context));
    case "completed":
      return headlineOf(planTaskOf(task, context)?.kind, task.value);
    case "failed":
      return `${colors.red(shortened(describeFailure(task, planTaskOf(task, context)?.kind === "each")))}${colors.dim(placeOf(task, context))}`;
    case "cancelled":
      return "cancelled";
    case "skipped":
      return colors.dim(describeSkipped(task.because));
  }
}

function describeWait({ after, wait }: TaskProgress, { progress }: LineContext): string {
  if (wait === undefined) {
    return "";
  }
  switch (wait.reason) {
    case "dependency":
      return `after ${listed(after.map((id) => progress.task(id)).filter(isUnsettled))}`;
    case "claim":
      return `waits for what ${listed(inTheWay(wait.on.map((id) => progress.task(id))))} uses`;
    case "limit":
      return `waits for a slot of "${wait.limit}"`;
    case "rate":
      return `waits for the rate of "${wait.limit}"`;
    case "commit":
      return "waits for the end of the response";
    default:
      return `waits: ${wait.reason}`;
  }
}

/** Those that have not ended; the last of them may have just done so. */
function inTheWay(tasks: readonly (TaskProgress | undefined)[]): typeof tasks {
  const left = tasks.filter(isUnsettled);
  return left.length > 0 ? left : tasks;
}

function isUnsettled(task: TaskProgress | undefined): boolean {
  return task !== undefined && !isSettled(task);
}

/** The first names of some tasks. */
function listed(tasks: readonly (TaskProgress | undefined)[]): string {
  const names = tasks.flatMap((task) => (task === undefined ? [] : [shownName(task.key)]));
  return names.length > LISTED_TASKS
    ? `${names.slice(0, LISTED_TASKS).join(", ")}, …`
    : names.join(", ");
}

/** The task of the plan that is run; undefined for what a task starts by itself, such as the calls of a model. */
export function planTaskOf(
  { key, parentId }: TaskProgress,
  { index, progress }: LineContext,
): PlanTask | undefined {
  if (parentId === undefined) {
    return index?.task(key);
  }
  const parent = progress.task(parentId);
  return parent?.parentId === undefined && index?.task(parent?.key ?? "")?.kind === "each"
    ? index.task(key)
    : undefined;
}

/** The items of an `each` that runs, and how many are done; of what asks models, what all of its calls wait for. */
function describeInside(task: TaskProgress, context: LineContext): string {
  const { children } = task;
  const kind = planTaskOf(task, context)?.kind;
  if (kind === "each" && children.length > 0) {
    return `${children.filter(isSettled).length}/${children.length}`;
  }
  const calls = leavesOf(task).filter((each) => each !== task && !isSettled(each));
  const [first] = calls;
  return first !== undefined && calls.every(({ state }) => state === "waiting")
    ? describeWait(first, context)
    : "";
}

/** The tasks below one that have started none themselves. */
function leavesOf(task: TaskProgress): readonly TaskProgress[] {
  return task.children.length === 0 ? [task] : task.children.flatMap(leavesOf);
}

function describeSkipped(because: SkipCause | undefined): string {
  switch (because?.kind) {
    case "dependency":
      return `skipped: ${shownName(because.task)} ${because.status === "failed" ? "failed" : `was ${because.status}`}`;
    case "condition":
      return `skipped: ${because.condition}`;
    default:
      return "skipped";
  }
}

/** Why a task failed. One that the failure of an item stopped says what one says that ran them all. */
function describeFailure({ children, error }: TaskProgress, isEach: boolean): string {
  const failed = children.filter(({ state }) => state === "failed");
  return isEach && failed.some((item) => item.error === error)
    ? describeFailedItems(
        failed.map(({ key }) => key),
        children.length,
      )
    : describeError(error);
}

function shortened(text: string): string {
  const [line = ""] = text.split("\n");
  return cutText(line, LONGEST_ERROR);
}

/** Where the task stands in the plan, after two spaces. */
function placeOf(task: TaskProgress, context: LineContext): string {
  const { index } = context;
  const place = planTaskOf(task, context) === undefined ? undefined : index?.placeOf(task.key);
  return place === undefined ? "" : `  ${place}`;
}
