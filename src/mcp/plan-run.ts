/** One plan file under way, in its place among all calls of a server. */
import { rm } from "node:fs/promises";
import type { Outcome } from "../core/outcome.ts";
import type { Run } from "../core/run-options.ts";
import type { Report, TaskTiming } from "../core/report/report.ts";
import type { Plan } from "../plan/plan.ts";
import { checkLimits } from "../plan/plan-limits.ts";
import { runPlan, type PlanResult } from "../plan/run-plan.ts";
import type { Pieces } from "../tools/coding/head-and-tail.ts";
import type { Standing } from "./batch-run.ts";
import type { Places, Queued } from "./in-place.ts";
import type { ModulePlans } from "./module-plans.ts";
import { planClaims } from "./plan-claims.ts";
import { textOfTask } from "./plan-texts.ts";
import { keptPart } from "./printed.ts";
import type { ResultFiles } from "./result-files.ts";
import { queueNotes, type QueuedWork } from "./queue-notes.ts";
import type { Part, Summary } from "./shown-result.ts";
import { TaskCount } from "./task-count.ts";

/** How long a command of a plan may take to stop, in milliseconds. */
const GRACE_MS = 2000;

/** What a plan is run with. */
export interface PlanSurroundings {
  readonly places: Places;
  /** Where the output of its commands goes while it runs. */
  readonly files: ResultFiles;
  /** A mark that nothing else of this server has. */
  readonly mark: string;
  readonly modules: ModulePlans;
}

/** How a plan ended; none of it where it was cancelled before its turn. */
interface PlanEnd extends QueuedWork {
  readonly result: PlanResult;
  readonly report: Report;
  /** What each task left behind. */
  readonly texts: Texts;
}

/** Texts by the names of tasks. */
type Texts = ReadonlyMap<string, Pieces>;

/** A plan that runs, or waits for its turn. */
export class PlanRun {
  readonly #plan: Plan;
  readonly #surroundings: PlanSurroundings;
  readonly #count = new TaskCount();
  #server: number | undefined;
  #hasBegun = false;

  /** @throws RangeError - when a limit does not fit the plan */
  constructor(plan: Plan, surroundings: PlanSurroundings) {
    checkLimits(plan, {});
    this.#plan = plan;
    this.#surroundings = surroundings;
  }

  /** Runs it to its end. */
  async run(key: string, signal: AbortSignal): Promise<Summary> {
    const { places, mark, files, modules } = this.#surroundings;
    const claims = planClaims(this.#plan);
    const onServer = (pid: number): void => {
      this.#server = pid;
    };
    const options = { key, claims, touches: claims, signal, onServer };
    let begun: { readonly run: Run<PlanResult>; readonly queued: Queued } | undefined;
    let texts: Texts | undefined;
    await places.run(options, async (_, queued) => {
      this.#hasBegun = true;
      const outputFolder = await files.newFolder("plan");
      try {
        const result = await modules.run(this.#plan, signal, async (either) => {
          const run = runPlan(this.#plan, {
            signal: either,
            mark,
            outputFolder,
            graceMs: GRACE_MS,
            observe: (event) => this.#count.see(event),
          });
          begun = { run, queued };
          return await run;
        });
        texts = await textsOf(this.#plan, result);
      } finally {
        await rm(outputFolder, { recursive: true, force: true });
      }
    });
    // Out of its place: also where that was cancelled, its tasks have ended in some way.
    return summaryOf(
      this.#plan,
      begun === undefined ? undefined : await this.#endOf({ ...begun, texts }),
    );
  }

  async #endOf({
    run,
    queued,
    texts,
  }: {
    readonly run: Run<PlanResult>;
    readonly queued: Queued;
    readonly texts: Texts | undefined;
  }): Promise<PlanEnd> {
    const result = await run;
    return {
      result,
      report: run.report,
      queued,
      server: this.#server,
      texts: texts ?? (await textsOf(this.#plan, result)), // Where it was given up before.
    };
  }

  get standing(): Standing {
    return {
      ended: this.#count.ended,
      total: this.#plan.tasks.length,
      running: this.#count.running,
      server: this.#hasBegun ? undefined : this.#server,
    };
  }
}

async function textsOf({ tasks }: Plan, { outcomes }: PlanResult): Promise<Texts> {
  const texts = new Map<string, Pieces>();
  for (const { name, kind } of tasks) {
    const outcome = outcomes[name];
    if (outcome !== undefined) {
      texts.set(name, await textOfTask(kind, outcome));
    }
  }
  return texts;
}

function summaryOf(plan: Plan, end: PlanEnd | undefined): Summary {
  const { full, wallMs = 0 } = end?.report ?? {};
  const timings = new Map(
    full?.timings
      .filter(({ parentTaskId }) => parentTaskId === undefined)
      .map((each) => [each.key, each]),
  );
  return {
    facts: { plan: plan.name, status: end?.result.status ?? "cancelled" },
    parts: plan.tasks.map(({ name, kind }) =>
      partOf({
        id: name,
        kind,
        outcome: end?.result.outcomes[name],
        text: end?.texts.get(name),
        timing: timings.get(name),
      }),
    ),
    wallMs,
    sequentialMs: full?.sequentialMs ?? 0,
    notes: end === undefined ? [] : queueNotes(end),
    word: "task",
  };
}

function partOf({
  id,
  kind,
  outcome,
  text = ["It was not run, as the call was cancelled."],
  timing,
}: {
  readonly id: string;
  readonly kind: string;
  readonly outcome: Outcome<unknown> | undefined;
  readonly text: Pieces | undefined;
  readonly timing: TaskTiming | undefined;
}): Part {
  const { startedAtMs, settledAtMs } = timing ?? {};
  const ms = startedAtMs === undefined ? 0 : (settledAtMs ?? startedAtMs) - startedAtMs;
  return {
    id,
    kind,
    status: outcome?.status ?? "cancelled",
    ms,
    ...keptPart(text),
  };
}
