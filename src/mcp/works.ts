/** What calls ask for as work: done within the call, or as a run that outlives it. */
import { describeError } from "../core/errors.ts";
import { loadPlan } from "../plan/load-plan.ts";
import type { Plan } from "../plan/plan.ts";
import { choose } from "../plan/plan-graph.ts";
import { locateReally } from "../system/root-folder.ts";
import { isPlainObject } from "../tools/plain-object.ts";
import { summaryOf } from "./batch-parts.ts";
import { batchClaims } from "./batch-claims.ts";
import { BatchRun, claimsOf, type Standing } from "./batch-run.ts";
import { isListOfTexts, type Given } from "./given.ts";
import { EVERYTHING_ITSELF } from "./in-place.ts";
import { planClaims } from "./plan-claims.ts";
import { PlanRun } from "./plan-run.ts";
import { tellProgress } from "./progress.ts";
import { Refusal } from "./refusal.ts";
import { rootOf } from "./roots.ts";
import type { CallOptions, ServiceParts } from "./service.ts";
import { showResult, type Shown } from "./shown-result.ts";
import type { Batch } from "./step.ts";
import { withStoppedOutputs } from "./stopped-outputs.ts";
import { withTextShares } from "./text-shares.ts";

/** Something to do. It does not reject because a part of it fails. */
export interface Work {
  readonly startedAtMs: number;
  /** What it does to other calls, where that has to be said. */
  readonly note?: string | undefined;
  standing(): Standing;
  run(key: string, signal: AbortSignal): Promise<Shown>;
}

/** A batch as work. */
export function batchWork(parts: ServiceParts, batch: Batch): Work {
  const { settings, box, places, files } = parts;
  const { clock, maxResultBytes: maxBytes } = settings;
  const [claims, touches] = [claimsOf(batch), batchClaims(batch, box.tools)];
  const surroundings = { box, places, clock, claims, touches };
  const run = new BatchRun(withStoppedOutputs(withTextShares(batch)), surroundings);
  return {
    startedAtMs: clock.now(),
    standing: () => run.standing,
    run: async (key, signal) =>
      await showResult(summaryOf(await run.run(key, signal)), { maxBytes, files }),
  };
}

/**
 * The plan that a call names, as work.
 *
 * @throws Refusal - when there is no such plan, or it cannot be run
 */
export async function planWork(parts: ServiceParts, given: Given): Promise<Work> {
  const { settings, places, files, modules } = parts;
  const { clock, maxResultBytes: maxBytes } = settings;
  const plan = await planOf(parts, given);
  const run = new PlanRun(plan, { places, files, mark: parts.newMark(), modules });
  const isAlone = planClaims(plan) === EVERYTHING_ITSELF;
  return {
    startedAtMs: clock.now(),
    note: isAlone ? "All other calls wait until it has ended: a task declares nothing." : undefined,
    standing: () => run.standing,
    run: async (key, signal) => await showResult(await run.run(key, signal), { maxBytes, files }),
  };
}

/**
 * The plan that a call names.
 *
 * @throws Refusal - with everything that is wrong with it
 */
export async function planOf({ settings }: ServiceParts, given: Given): Promise<Plan> {
  const { plan: path, set = {}, only } = given;
  if (typeof path !== "string") {
    throw new Refusal('"plan" must be the path of a plan file, such as "plan.yaml"');
  }
  if (!isPlainObject(set)) {
    throw new Refusal('"set" must be an object with the inputs of the plan by name');
  }
  if (only !== undefined && !isListOfTexts(only)) {
    throw new Refusal('"only" must be a list of names of tasks');
  }
  try {
    const file = locateReally(rootOf(settings.roots, path), path);
    return choose(await loadPlan(file, { set: textsOf(set) }), only);
  } catch (error) {
    throw new Refusal(describeError(error));
  }
}

/** Inputs of a plan as it takes them: a text as it is, anything else as JSON, but for what is not meant. */
function textsOf(set: Given): Readonly<Record<string, string>> {
  const given = Object.entries(set).filter(([, value]) => value !== null);
  return Object.fromEntries(
    given.map(([name, value]) => [name, typeof value === "string" ? value : JSON.stringify(value)]),
  );
}

/** Waits for what `ending` waits for, and tells the client meanwhile how far it is, until it has cancelled its call: then it listens no more. */
export async function telling<T>(
  { settings: { clock } }: ServiceParts,
  { onProgress, signal, standing }: CallOptions & Pick<Work, "standing">,
  ending: () => Promise<T>,
): Promise<T> {
  if (onProgress === undefined || signal.aborted) {
    return await ending();
  }
  const stop = tellProgress(clock, standing, onProgress);
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await ending();
  } finally {
    signal.removeEventListener("abort", stop);
    stop();
  }
}
