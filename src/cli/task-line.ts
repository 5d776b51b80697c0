/** One line for one task: its state, its name, its time, and what there is to say of it. */
import { describeError } from "../core/errors.ts";
import { formatDuration } from "../core/format-duration.ts";
import type { SkipCause } from "../core/outcome.ts";
import { describeFailedItems } from "../plan/kinds/each.ts";
import { headlineOf } from "./describe-value.ts";
import type { PlanIndex } from "./plan-index.ts";
import { isSettled, type Progress, type TaskProgress } from "./progress.ts";
import { shownName } from "./shown-line.ts";
import type { Colors } from "./terminal.ts";

/** What lines are made from. */
export interface LineContext {
  readonly progress: Progress;
  readonly colors: Colors;
  readonly index: PlanIndex;
  /** How wide names are. */
  readonly nameWidth: number;
}

/** How many characters of an error are shown. */
const LONGEST_ERROR = 160;

/** How many of the tasks that one waits for are named. */
const LISTED_TASKS = 3;

/** The widest name of these, as far as names are shown. */
export function nameWidthOf(names: readonly string[]): number {
  return Math.max(0, ...names.map((name) => shownName(name).length));
}

/** The line of a task. `nowMs` is the time since the start of the run. */
export function taskLine(task: TaskProgress, context: LineContext, nowMs: number): string {
  const { colors, nameWidth } = context;
  const name = shownName(task.key).padEnd(nameWidth);
  const time = timeOf(task, nowMs).padStart(9);
  const note = noteOf(task, context);
  const line = `${symbolOf(task, colors)} ${name}  ${colors.dim(time)}${note === "" ? "" : `  ${note}`}`;
  return line.trimEnd();
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
      return colors.dim(describeChildren(task));
    case "completed":
      return headlineOf(context.index.task(task.key)?.kind, task.value);
    case "failed":
      return `${colors.red(shortened(describeFailure(task)))}${colors.dim(placeOf(task, context))}`;
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
      return `waits for what ${listed(wait.on.map((id) => progress.task(id)))} uses`;
    case "limit":
      return `waits for a slot of "${wait.limit}"`;
    case "rate":
      return `waits for the rate of "${wait.limit}"`;
    default:
      return `waits: ${wait.reason}`;
  }
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

function describeChildren({ children }: TaskProgress): string {
  return children.length === 0 ? "" : `${children.filter(isSettled).length}/${children.length}`;
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
function describeFailure({ children, error }: TaskProgress): string {
  const failed = children.filter(({ state }) => state === "failed");
  return failed.some((item) => item.error === error)
    ? describeFailedItems(
        failed.map(({ key }) => key),
        children.length,
      )
    : describeError(error);
}

function shortened(text: string): string {
  const [line = ""] = text.split("\n");
  return line.length > LONGEST_ERROR ? `${line.slice(0, LONGEST_ERROR - 1)}…` : line;
}

/** Where the task stands in the plan, after two spaces. */
function placeOf({ key }: TaskProgress, { index }: LineContext): string {
  const place = index.placeOf(key);
  return place === undefined ? "" : `  ${place}`;
}
