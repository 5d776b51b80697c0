/** Runs plans that a test writes as YAML, in a folder of their own. */
import { mkdirSync } from "node:fs";
import { inspect } from "node:util";
import type { RunEvent } from "../../src/index.ts";
import { parsePlan, runPlan, type PlanResult, type PlanRunOptions } from "../../src/plan/index.ts";
import type { HeldTask } from "../../src/testing/index.ts";
import { temporaryFolder } from "../system/temporary-folder.ts";

/** The held tasks that `tools.mjs#held` stands for, by name. */
const HELD = Symbol.for("fanfold.test.held");

/** What plans of tests call: in every folder as `tools.mjs`. */
const TOOLS = `
export const see = (value) => value;
export const context = (_, { key, attempt, signal }) => ({ key, attempt, aborted: signal.aborted });
export const fail = (message) => { throw new Error(message); };
export const failUntil = (last, { attempt }) => {
  if (attempt < last) throw new Error("attempt " + attempt);
  return attempt;
};
export const hang = (_, { signal }) =>
  new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
export const held = (name, context) => globalThis[Symbol.for("fanfold.test.held")].get(name).run(context);
export const turns = async ({ turns, fails = false }) => {
  for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  if (fails) throw new Error("told to");
};
`;

/** What became of a plan, and all that happened on the way. */
export interface RanPlan extends PlanResult {
  readonly events: readonly RunEvent[];
}

/** An empty folder for each test of a file, with ways to run plans in it. */
export function planFolder() {
  const folder = temporaryFolder();

  /** Runs a plan; commands keep their output in the folder `logs`. */
  const run = async (text: string, options: PlanRunOptions = {}): Promise<RanPlan> => {
    mkdirSync(folder.at("logs"), { recursive: true });
    folder.write("tools.mjs", TOOLS);
    const events: RunEvent[] = [];
    const plan = parsePlan(text, { file: folder.at("plan.yaml") });
    const result = await runPlan(plan, {
      outputFolder: folder.at("logs"),
      ...options,
      observe: (event) => {
        events.push(event);
        options.observe?.(event);
      },
    });
    return { ...result, events };
  };

  /** Runs a plan, and returns what its task `seen` returned. */
  const see = async (text: string, options: PlanRunOptions = {}): Promise<unknown> =>
    valueOf(await run(text, options), "seen");

  /** Makes held tasks those that `tools.mjs#held` runs by their names. */
  const hold = (...tasks: readonly HeldTask<unknown>[]): void => {
    Object.assign(globalThis, { [HELD]: new Map(tasks.map((task) => [task.name, task])) });
  };

  return Object.assign(folder, { run, see, hold });
}

/**
 * What a task returned.
 *
 * @throws Error - when it did not complete, with how it ended
 */
export function valueOf({ outcomes }: PlanResult, name: string): unknown {
  const outcome = outcomes[name];
  if (outcome?.status !== "completed") {
    throw new Error(`Cannot read the value of task "${name}" as it ended so: ${inspect(outcome)}`);
  }
  return outcome.value;
}

/**
 * The message of the error that a task failed with.
 *
 * @throws Error - when it did not fail, with how it ended
 */
export function failureOf({ outcomes }: PlanResult, name: string): string {
  const outcome = outcomes[name];
  if (outcome?.status !== "failed" || !(outcome.error instanceof Error)) {
    throw new Error(
      `Cannot read the failure of task "${name}" as it ended so: ${inspect(outcome)}`,
    );
  }
  return outcome.error.message;
}

/** How every task ended, by name. */
export function statuses({ outcomes }: PlanResult): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(outcomes).map(([name, { status }]) => [name, status]));
}
