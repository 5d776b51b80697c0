/** `fanfold run --dry-run`: what a plan would ask of models, and what that would cost. Nothing is run, and nothing sent. */
import { counted, grouped } from "../core/counted.ts";
import { ANSWER_TOKENS } from "../models/defaults.ts";
import { estimatePlan, type PlanEstimate } from "../plan/estimate-plan.ts";
import type { Range, TaskEstimate } from "../plan/estimate-task.ts";
import type { ModelEstimate } from "../plan/model-estimates.ts";
import type { Plan } from "../plan/plan.ts";
import type { PlanModelOptions } from "../plan/plan-models.ts";
import { shownName } from "./shown-line.ts";
import { exitWithStdout } from "./stdout.ts";
import { openTerminal, type Colors } from "./terminal.ts";

/** How a dry run is shown. */
export interface DryRunOptions extends PlanModelOptions {
  readonly json: boolean;
  readonly color: boolean | undefined;
}

/** How many unknown values of a task are named. */
const SHOWN_UNKNOWN = 4;

/** Estimates a plan, shows that, and returns the exit code: 0, also where it could not be run as it is. */
export async function dryRun(plan: Plan, options: DryRunOptions): Promise<number> {
  const estimate = await estimatePlan(plan, options);
  const terminal = openTerminal({ color: options.color });
  exitWithStdout();
  const shown = options.json
    ? [JSON.stringify(documentOf(plan, estimate), undefined, 2)]
    : linesOf(plan, estimate, terminal.colors);
  terminal.write(`${shown.join("\n")}\n`);
  return 0;
}

/** The estimate as data. Described in docs/cli.md; fields are added, never renamed. */
function documentOf(plan: Plan, { budget, ...estimate }: PlanEstimate): unknown {
  return {
    plan: plan.name,
    ...estimate,
    budget:
      budget === undefined ? undefined : { usd: budget, verdict: verdictOf(estimate, budget) },
  };
}

function linesOf(plan: Plan, estimate: PlanEstimate, colors: Colors): readonly string[] {
  const { tasks, models, total, budget, problems } = estimate;
  const others = plan.tasks.length - tasks.length;
  if (tasks.length === 0) {
    return [
      `${plan.file}: no task asks a model. Nothing was run. What would run beside what: fanfold check ${plan.file}`,
    ];
  }
  const width = Math.max(...[...tasks, { name: "total" }].map(({ name }) => name.length));
  return [
    `${plan.file}: ${counted(tasks.length, "task")} that ${tasks.length === 1 ? "asks" : "ask"} models, ${counted(others, "other")}. Nothing was run or sent.`,
    "",
    colors.bold("Requests, tokens and price, estimated"),
    ...tasks.flatMap((task) => taskLines(task, width, colors)),
    `  ${colors.bold("total".padEnd(width))}  ${figures(total)}`,
    "",
    colors.bold("Models"),
    ...models.map(modelLine),
    ...(budget === undefined
      ? []
      : [
          "",
          colors.bold("Budget"),
          `  ${BUDGET_WORDS[verdictOf(estimate, budget)](money(budget))}`,
        ]),
    ...(problems.length === 0
      ? []
      : ["", colors.bold("Before it can run"), ...problems.map((each) => `  ${each}`)]),
    "",
    colors.dim(
      `From what is likely to what it takes when every answer has to be asked for again; answers without maxOutputTokens count as ${ANSWER_TOKENS} tokens.`,
    ),
  ];
}

function taskLines(task: TaskEstimate, width: number, colors: Colors): readonly string[] {
  const { name, models, unknown, notes } = task;
  const more = unknown.length > SHOWN_UNKNOWN ? ` and ${unknown.length - SHOWN_UNKNOWN} more` : "";
  const lacking =
    unknown.length === 0
      ? []
      : [`not known yet: ${unknown.slice(0, SHOWN_UNKNOWN).map(shownName).join(", ")}${more}`];
  const about = [...(models.length === 0 ? [] : [models.join(", ")]), ...lacking, ...notes];
  return [
    `  ${name.padEnd(width)}  ${figures(task)}`,
    colors.dim(`  ${" ".repeat(width)}  ${about.join("; ")}`),
  ];
}

function figures({
  requests,
  inputTokens,
  outputTokens,
  usd,
  unknown,
}: Pick<TaskEstimate, "requests" | "inputTokens" | "outputTokens" | "usd" | "unknown">): string {
  if (requests.from === 0 && requests.to === undefined) {
    return "cannot be said before";
  }
  const atLeast = unknown.length > 0 ? "at least " : "";
  return [
    `${range(requests, grouped)} ${requests.to === 1 ? "request" : "requests"}`,
    `${atLeast}${range(inputTokens, grouped)} tokens in`,
    `${range(outputTokens, grouped)} out`,
    usd === undefined ? "price unknown" : `${atLeast}${range(usd, money)}`,
  ].join(", ");
}

function range({ from, to }: Range, text: (value: number) => string): string {
  const [low, high] = [text(from), to === undefined ? undefined : text(to)];
  return high === undefined ? `${low} or more` : low === high ? low : `${low} – ${high}`;
}

function modelLine({
  name,
  model,
  address,
  keyFrom,
  hasKey,
  hasPrice,
  budget,
}: ModelEstimate): string {
  const key =
    address === undefined
      ? []
      : keyFrom === undefined
        ? ["no key needed"]
        : [hasKey ? `key from ${keyFrom}` : `no key in ${keyFrom}`];
  const facts = [
    ...(model === undefined || model === name ? [] : [model]),
    ...(address === undefined ? [] : [`at ${address}`]),
    ...key,
    ...(hasPrice ? [] : ["price unknown"]),
    ...(budget === undefined ? [] : [`at most ${money(budget)}`]),
  ];
  return `  ${shownName(name)}: ${facts.join(", ")}`;
}

type Verdict = "fits" | "may-exceed" | "exceeds" | "unknown";

const BUDGET_WORDS: Readonly<Record<Verdict, (usd: string) => string>> = {
  fits: (usd) => `${usd}: it fits, as far as it is known`,
  "may-exceed": (usd) => `${usd}: it may not suffice; what no longer fits is skipped`,
  exceeds: (usd) => `${usd}: it does not suffice; what no longer fits is skipped`,
  unknown: (usd) => `${usd}: whether it suffices cannot be said`,
};

function verdictOf({ total: { usd } }: Pick<PlanEstimate, "total">, budget: number): Verdict {
  if (usd === undefined) {
    return "unknown";
  }
  if (usd.from > budget) {
    return "exceeds";
  }
  return usd.to === undefined || usd.to > budget ? "may-exceed" : "fits";
}

function money(usd: number): string {
  if (usd < 0.0001) {
    return usd === 0 ? "$0" : "under $0.0001";
  }
  return `$${usd.toFixed(usd < 1 ? 4 : 2)}`;
}
