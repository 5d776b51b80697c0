/** What a task of a plan would ask of models, and what that would cost. */
import { counted } from "../core/counted.ts";
import { describeError } from "../core/errors.ts";
import type { ForeseenValues } from "./foreseen-values.ts";
import { kindOf } from "./kinds.ts";
import type { ModelEstimates } from "./model-estimates.ts";
import type { Plan, PlanTask } from "./plan.ts";
import { soleReference } from "./reference.ts";
import { rehearse, type LikelyRequest } from "./rehearsal.ts";

/** From what is likely to what is possible. */
export interface Range {
  readonly from: number;
  /** Undefined where there is no bound that is known before. */
  readonly to: number | undefined;
}

/** What a task would ask. */
export interface TaskEstimate {
  readonly name: string;
  /** The models that it asks, as {@link ModelEstimate} calls them. */
  readonly models: readonly string[];
  /** How many requests: as many as there are if all goes well, and with every answer that has to be asked for again. */
  readonly requests: Range;
  readonly inputTokens: Range;
  readonly outputTokens: Range;
  /** In US dollars; undefined where a price is not known. */
  readonly usd: Range | undefined;
  /** What goes in and is not known yet: the tokens and the price are at least these. */
  readonly unknown: readonly string[];
  /** What it depends on, and what keeps it from being estimated. */
  readonly notes: readonly string[];
}

/** What an estimate goes by. */
export interface Estimating {
  readonly plan: Plan;
  readonly values: ForeseenValues;
  readonly known: ModelEstimates;
  readonly signal: AbortSignal;
}

/** How many items of a list are looked at one by one: for more of them, these stand for all. */
const MOST_ITEMS = 100;

/** Estimates a task that asks models, or an `each` whose items do. */
export async function estimateTask(task: PlanTask, at: Estimating): Promise<TaskEstimate> {
  const { values, known } = at;
  const asked = task.item ?? task;
  const base = { name: task.name, models: known.namesOf(asked) };
  const runs = [await willRun(task, values), await willRun(asked, values)];
  if (runs.includes("never")) {
    return { ...base, ...always({ from: 0, to: 0 }), notes: ["it does not run"] };
  }
  const places = await placesOf(task, values);
  const requests: LikelyRequest[] = [];
  try {
    for (const place of places.seen) {
      requests.push(...(await rehearseAt(place, asked, at)));
    }
  } catch (error) {
    const notes = [`it cannot be estimated: ${describeError(error)}`];
    return { ...base, ...always({ from: 0, to: undefined }), usd: undefined, notes };
  }
  const isPerhaps = runs.includes("perhaps");
  const rehearsal = kindOf(asked.kind).rehearsal?.(asked.settings);
  const each = requests.length / Math.max(1, places.seen.length);
  const most = each === 0 ? 0 : (rehearsal?.most(each) ?? each) / each;
  const missing = places.seen.flatMap((place) => [...place.missing]);
  const tools = rehearsal?.isOpen === true ? ["what its tools return"] : [];
  return {
    ...base,
    ...rangesOf(requests, known, {
      scale: (places.count ?? 1) / Math.max(1, places.seen.length),
      most: most * (task.retry?.attempts ?? 1) * (task.item?.retry?.attempts ?? 1),
      isCertain: !isPerhaps && places.count !== undefined,
      isBounded: places.count !== undefined,
    }),
    unknown: [...new Set([...missing, ...tools])],
    notes: [
      ...(places.count === undefined
        ? [`${counted(each, "request")} for each item; how many there are is not known yet`]
        : []),
      ...(isPerhaps ? [perhapsNote(task)] : []),
    ],
  };
}

/** An estimate that is the same for all that is counted. */
function always(range: Range): Omit<TaskEstimate, "name" | "models" | "notes"> {
  return { requests: range, inputTokens: range, outputTokens: range, usd: range, unknown: [] };
}

async function rehearseAt(
  values: ForeseenValues,
  task: PlanTask,
  { plan, known, signal }: Estimating,
): Promise<readonly LikelyRequest[]> {
  const contextTokensOf = (name: string | undefined) => known.contextTokensOf(name);
  return await rehearse(plan, task, { values, contextTokensOf, signal });
}

/** Where a task is looked at: once, or at the first of its items. */
interface Places {
  readonly seen: readonly ForeseenValues[];
  /** How often it would run; undefined where that is not known yet. */
  readonly count: number | undefined;
}

async function placesOf({ settings }: PlanTask, values: ForeseenValues): Promise<Places> {
  if (!("each" in settings)) {
    return { seen: [values.fresh()], count: 1 };
  }
  const at = values.fresh();
  const list = await at.list(settings.each);
  if (at.missing.size > 0 || !Array.isArray(list)) {
    return { seen: [values.fresh()], count: undefined };
  }
  const items: readonly unknown[] = list.slice(0, MOST_ITEMS);
  return { seen: items.map((item, index) => values.at(item, index)), count: list.length };
}

/** Whether a task runs, as far as its `when` says it. */
async function willRun(
  { when }: PlanTask,
  values: ForeseenValues,
): Promise<"surely" | "perhaps" | "never"> {
  const reference = soleReference(when);
  const answer = reference === undefined ? when : await values.fresh().known(reference);
  if (answer === undefined) {
    return "perhaps";
  }
  return answer === false || answer === "false" ? "never" : "surely";
}

function perhapsNote({ when }: PlanTask): string {
  return `it may not run at all${typeof when === "string" ? `: ${when}` : ""}`;
}

interface Bounds {
  /** For how many items each that was looked at stands. */
  readonly scale: number;
  /** How many times as many as are likely there may be. */
  readonly most: number;
  readonly isCertain: boolean;
  readonly isBounded: boolean;
}

function rangesOf(
  requests: readonly LikelyRequest[],
  known: ModelEstimates,
  { scale, most, isCertain, isBounded }: Bounds,
): Pick<TaskEstimate, "requests" | "inputTokens" | "outputTokens" | "usd"> {
  // Asked again, a model is shown its answer too.
  const repeated = requests.map((each) => ({
    ...each,
    inputTokens: each.inputTokens * most + each.outputTokens * (most - 1),
    outputTokens: each.outputTokens * most,
  }));
  const range = (from: number, to: number): Range => ({
    from: isCertain ? from * scale : 0,
    to: isBounded ? to * scale : undefined,
  });
  const tokens = (of: (request: LikelyRequest) => number): Range =>
    rounded(range(sum(requests.map(of)), sum(repeated.map(of))));
  const [from, to] = [usdOf(requests, known), usdOf(repeated, known)];
  return {
    requests: rounded(range(requests.length, requests.length * most)),
    inputTokens: tokens(({ inputTokens }) => inputTokens),
    outputTokens: tokens(({ outputTokens }) => outputTokens),
    usd: from === undefined || to === undefined ? undefined : range(from, to),
  };
}

function rounded({ from, to }: Range): Range {
  return { from: Math.round(from), to: to === undefined ? undefined : Math.round(to) };
}

/** Undefined where a price is not known. */
function usdOf(requests: readonly LikelyRequest[], known: ModelEstimates): number | undefined {
  const prices = requests.map((each) => known.priceOf(each)).filter((each) => each !== undefined);
  return prices.length < requests.length ? undefined : sum(prices);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
