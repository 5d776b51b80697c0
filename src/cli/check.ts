/** `fanfold check`: what a plan would do, said before anything runs. */
import { resolve } from "node:path";
import { counted } from "../core/counted.ts";
import { formatDuration } from "../core/format-duration.ts";
import { advise, type PlanAdvice } from "../plan/check-plan.ts";
import { loadPlan } from "../plan/load-plan.ts";
import type { Plan, PlanTask } from "../plan/plan.ts";
import { choose } from "../plan/plan-graph.ts";
import { withLimits } from "../plan/plan-limits.ts";
import { lastDurations } from "../recording/durations.ts";
import type { Limits } from "./options.ts";
import { exitWithStdout } from "./stdout.ts";
import { openTerminal, type Colors } from "./terminal.ts";

/** Options of `fanfold check`. */
export interface CheckOptions {
  readonly limit?: Limits;
  readonly only?: readonly string[];
  readonly set?: Readonly<Record<string, string>>;
  readonly json?: boolean;
  readonly color?: boolean;
}

/** How many names of a list are shown. */
const SHOWN_NAMES = 8;

/** Checks a plan file, and returns the exit code: 0 when it can be run. */
export async function check(file: string, options: CheckOptions): Promise<number> {
  const chosen = choose(await loadPlan(file, { set: options.set }), options.only);
  const plan = withLimits(chosen, { limit: options.limit?.all, limits: options.limit?.byName });
  const advice = advise(
    plan,
    await lastDurations({ command: "run", source: resolve(file), cwd: process.cwd() }),
  );
  const terminal = openTerminal({ color: options.color });
  exitWithStdout();
  if (options.json === true) {
    terminal.write(`${JSON.stringify(adviceDocument(plan, advice), undefined, 2)}\n`);
    return 0;
  }
  const sections = [
    [`${plan.file}: ${counted(plan.tasks.length, "task")}, nothing wrong. Nothing was run.`],
    ["", terminal.colors.bold("What runs beside what")],
    besideLines(plan, advice, terminal.colors),
    titled("Kept apart by what they read and write alone", heldApartLines(advice), terminal.colors),
    titled(
      "Commands that declare nothing and may run beside a writer",
      unsafeLines(advice),
      terminal.colors,
    ),
    titled("Limits that are narrower than the plan", narrowLines(advice), terminal.colors),
    titled("Expected", predictionLines(advice), terminal.colors),
  ];
  terminal.write(`${sections.flat().join("\n")}\n`);
  return 0;
}

/** A title and its lines; nothing without lines. */
function titled(title: string, lines: readonly string[], colors: Colors): readonly string[] {
  return lines.length === 0 ? [] : ["", colors.bold(title), ...lines];
}

function besideLines(plan: Plan, { beside }: PlanAdvice, colors: Colors): readonly string[] {
  const width = Math.max(...plan.tasks.map(({ name }) => name.length), 0);
  return plan.tasks.map((task, index) => {
    const count = beside.count(index);
    const what =
      count === 0
        ? "alone"
        : count === plan.tasks.length - 1 && count > 1
          ? "with all others"
          : `with ${listed(beside.names(index, SHOWN_NAMES), count)}`;
    return `  ${task.name.padEnd(width)}  ${what}${colors.dim(orderOf(task))}`;
  });
}

/** What keeps a task from running sooner. */
function orderOf({ after, exclusive }: PlanTask): string {
  const order = after.length === 0 ? "" : `; after ${listed(after.map(({ task }) => task))}`;
  return exclusive ? `${order}; exclusive` : order;
}

function heldApartLines({ heldApart, wide }: PlanAdvice): readonly string[] {
  const pairs = heldApart.map(({ first, second, conflict }) =>
    conflict.resource === "everything"
      ? `  ${first}, then ${second}: one of them is exclusive`
      : `  ${first}, then ${second}: ${first} ${conflict.first} and ${second} ${conflict.second} ${conflict.resource}`,
  );
  const hints = wide.map(
    (task) =>
      `  ${task} claims whole folders, as its items are known only once it runs: list them in the plan or its inputs to claim less`,
  );
  return [...pairs, ...hints];
}

function unsafeLines({ unsafe }: PlanAdvice): readonly string[] {
  return unsafe.map(
    ({ task, writers }) =>
      `  ${task} may run beside ${listed(writers)}: declare what it reads, or an order`,
  );
}

function narrowLines({ narrow }: PlanAdvice): readonly string[] {
  return narrow.map(
    ({ limit, concurrency, wanted }) =>
      `  ${limit}: ${concurrency} at once, where up to ${wanted} could run`,
  );
}

function predictionLines({ prediction, unknown, notWorthIt }: PlanAdvice): readonly string[] {
  if (prediction === undefined) {
    return [
      "  How long it takes is not known: run it once, or give tasks an expect, such as expect: 30s.",
      ...notWorthIt.map((reason) => `  Parallel is not worth it: ${reason}.`),
    ];
  }
  const { makespanMs, sequentialMs, chainMs, chain } = prediction;
  const gain = makespanMs === 0 ? 1 : sequentialMs / makespanMs;
  return [
    `  ${formatDuration(makespanMs)}; one after another ${formatDuration(sequentialMs)}: ${gain.toFixed(1)} times faster.`,
    `  At best ${formatDuration(chainMs)}, the longest chain: ${chain.join(" -> ")}.`,
    ...(unknown.length === 0
      ? []
      : [`  Not known, and taken as the mean of the others: ${listed(unknown)}.`]),
    ...notWorthIt.map((reason) => `  Parallel is not worth it: ${reason}.`),
  ];
}

/** The advice as data. Described in docs/cli.md. */
function adviceDocument(plan: Plan, advice: PlanAdvice): unknown {
  return {
    plan: plan.name,
    tasks: plan.tasks.map(({ name }) => name),
    ...advice,
    beside: Object.fromEntries(
      plan.tasks.map(({ name }, index) => [name, advice.beside.names(index)]),
    ),
  };
}

/** The first of `count` names. */
function listed(names: readonly string[], count = names.length): string {
  const shown = names.slice(0, SHOWN_NAMES).join(", ");
  return count > SHOWN_NAMES ? `${shown} and ${count - SHOWN_NAMES} more` : shown;
}
