/** The tools for runs that outlive the call that starts them. */
import type { Clock } from "../core/clock.ts";
import { mayTouchAnything } from "./batch-run.ts";
import { argumentsOf, shown, type Given } from "./given.ts";
import type { KeptRun } from "./kept-runs.ts";
import { describe } from "./progress.ts";
import { readBatch } from "./read-batch.ts";
import { Refusal } from "./refusal.ts";
import type { CallOptions, ServiceParts } from "./service.ts";
import type { Shown } from "./shown-result.ts";
import type { Batch } from "./step.ts";
import type { ToolHandlers } from "./tool-handlers.ts";
import { allKinds, hasPlans } from "./tool-list.ts";
import { batchWork, planWork, telling, type Work } from "./works.ts";

/** The longest wait for a run, in milliseconds: some hosts end a call after a minute. */
const LONGEST_WAIT_MS = 50_000;

/** Makes the handlers. */
export function runHandlers(
  parts: ServiceParts,
): Pick<ToolHandlers, "start_run" | "run_status" | "cancel_run"> {
  const { runs, settings } = parts;
  const { clock } = settings;
  return {
    start_run: async (given, { signal }) => {
      const work = await workOf(parts, given);
      if (signal.aborted) {
        throw new Refusal("Nothing was started, as the call was cancelled."); // Nobody would know of the run.
      }
      const { id } = runs.start(work);
      const started = `Run ${id} has started.`;
      const next = `Ask for it with run_status: {"run": "${id}", "waitMs": 30000}.`;
      const summary = [started, ...(work.note === undefined ? [] : [work.note]), next].join(" ");
      return { text: summary, data: { run: id, summary } };
    },
    run_status: async (given, options) => {
      const asked = argumentsOf(given, { tool: "run_status", known: ["run", "waitMs"] });
      const run = runs.get(asked["run"]);
      const most = waitOf(asked);
      await telling(parts, { ...options, standing: () => run.standing }, async () => {
        await endOf(run, { ...options, most, clock });
      });
      return stateOf(run, clock.now());
    },
    cancel_run: async (given) => {
      const asked = argumentsOf(given, { tool: "cancel_run", known: ["run"] });
      const run = runs.get(asked["run"]);
      run.cancel("cancel_run was called");
      await run.ended;
      return stateOf(run, clock.now());
    },
  };
}

async function workOf(parts: ServiceParts, given: Given): Promise<Work> {
  const plans = hasPlans(parts.settings) ? ["plan", "set", "only"] : [];
  const known = ["steps", "failure", ...plans];
  const asked = argumentsOf(given, { tool: "start_run", known });
  const { plan, steps } = asked;
  if ((plan === undefined) === (steps === undefined)) {
    throw new Refusal('start_run needs either "steps" or "plan"');
  }
  if (plan !== undefined) {
    return await planWork(parts, asked);
  }
  const batch = readBatch(asked, { tool: "start_run", kinds: allKinds(parts.settings) });
  mustBeDeclared(batch);
  return batchWork(parts, batch);
}

/** What runs while other calls go on must say what it touches: otherwise all of them would wait for it. */
function mustBeDeclared({ steps }: Batch): void {
  const silent = steps.find(mayTouchAnything);
  if (silent !== undefined) {
    throw new Refusal(
      `Nothing was run: step ${JSON.stringify(silent.id)} must say what it touches by "reads" and "writes", lists of paths and names, as all other calls would wait for it otherwise. For nothing that matters: "reads": []`,
    );
  }
}

function waitOf({ waitMs = 0 }: Given): number {
  if (typeof waitMs !== "number" || !Number.isSafeInteger(waitMs) || waitMs < 0) {
    throw new Refusal(
      `"waitMs" must be an integer from 0: ${shown(waitMs)}; no more than ${LONGEST_WAIT_MS} is waited`,
    );
  }
  return Math.min(LONGEST_WAIT_MS, waitMs);
}

/** Waits for the end of a run, `most` milliseconds at the longest. */
async function endOf(
  run: KeptRun,
  { signal, most, clock }: Pick<CallOptions, "signal"> & { most: number; clock: Clock },
): Promise<void> {
  if (most === 0 || run.shown !== undefined) {
    return;
  }
  let leave: (() => void) | undefined;
  const left = new Promise<void>((resolve) => {
    leave = resolve;
  });
  const stop = (): void => leave?.();
  const timer = clock.schedule(most, stop);
  signal.addEventListener("abort", stop, { once: true });
  await Promise.race([run.ended, left]);
  timer.cancel();
  signal.removeEventListener("abort", stop);
}

function stateOf({ id, shown, standing, startedAtMs }: KeptRun, nowMs: number): Shown {
  if (shown !== undefined) {
    const data = { status: "ended", ...shown.data, run: id };
    return { text: `Run ${id} has ended.\n${shown.text}`, data };
  }
  const summary = `Run ${id} is under way: ${describe(standing)}.`;
  const wallMs = Math.round(nowMs - startedAtMs);
  return { text: summary, data: { run: id, status: "running", summary, wallMs, steps: [] } };
}
