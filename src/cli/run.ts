/** `fanfold run`: the tasks of a plan. */
import { resolve } from "node:path";
import { defaultLimits } from "../plan/kinds.ts";
import { loadPlan } from "../plan/load-plan.ts";
import type { Plan } from "../plan/plan.ts";
import { choose } from "../plan/plan-graph.ts";
import { checkLimits } from "../plan/plan-limits.ts";
import { execute } from "./execute.ts";
import type { Limits, RunFlags } from "./options.ts";
import { packageVersion } from "./package-version.ts";

/** Options of `fanfold run`. */
export interface RunOptions extends RunFlags {
  readonly limit?: Limits;
  readonly only?: readonly string[];
  readonly failure?: "continue" | "stop";
  readonly allowFailures?: boolean;
  readonly set?: Readonly<Record<string, string>>;
  readonly model?: string;
  readonly budget?: number;
  readonly dryRun?: boolean;
}

/** Runs a plan file, and returns the exit code. */
export async function run(file: string, options: RunOptions): Promise<number> {
  const { limit, only, failure, allowFailures = false, out, json = false } = options;
  const loaded = choose(await loadPlan(file, { set: options.set }), only);
  const isLenient = allowFailures && loaded.combine.kind === "all";
  const plan: Plan = isLenient ? { ...loaded, combine: { kind: "best-effort" } } : loaded;
  if (options.dryRun === true) {
    checkLimits(plan, { limit: limit?.all, limits: limit?.byName ?? {} });
    const { model: using, budget, color } = options;
    return await (await import("./dry-run.ts")).dryRun(plan, { using, budget, json, color });
  }
  const cwd = process.cwd();
  return await execute({
    plan,
    origin: { command: "run", source: resolve(file), cwd, fanfold: packageVersion() },
    limit: limit?.all,
    limits: limit?.byName ?? {},
    using: options.model,
    budget: options.budget,
    failure: failure ?? (allowFailures ? "continue" : undefined),
    allowFailures,
    output: options.output,
    inOrder: false,
    json,
    color: options.color,
    out,
    keep: options.keep,
    optionFor: (name) => optionFor(name, plan, limit),
  });
}

/** Twice as wide as now; undefined for a limit that the plan set up itself, which it does for a reason. */
function optionFor(name: string, plan: Plan, chosen: Limits | undefined): string | undefined {
  if (name in defaultLimits()) {
    return `--limit ${name}=${2 * (chosen?.byName[name] ?? plan.limits[name] ?? 1)}`;
  }
  const all = chosen?.all ?? plan.limit;
  return name === "run" && all !== undefined ? `--limit ${2 * all}` : undefined;
}
