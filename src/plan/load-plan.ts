/** Reads plan files, and says everything that is wrong with one at once. */
import { readFile } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { PlanError, type PlanProblem } from "./plan-error.ts";
import type { Plan } from "./plan.ts";
import { PlanReader } from "./plan-reader.ts";
import { Source } from "./source.ts";

/** How a plan is read. */
export interface LoadOptions {
  /** Values of inputs, in place of their defaults: texts are read as what the default is. */
  readonly set?: Readonly<Record<string, string>> | undefined;
}

/**
 * Reads and checks a plan file, YAML or JSON. Nothing is run.
 *
 * @throws `PlanError`, as a rejection, with every problem and its place.
 * @throws `RangeError`, as a rejection, when `set` names what is not an input, or its text is not what the input must be.
 * @throws `Error`, as a rejection, when the file cannot be read.
 */
export async function loadPlan(file: string, options: LoadOptions = {}): Promise<Plan> {
  return parsePlan(await readPlanFile(file), { ...options, file });
}

/**
 * Reads and checks the text of a plan.
 *
 * @throws `PlanError` with every problem and its place.
 * @throws `RangeError` when `set` names what is not an input, or its text is not what the input must be.
 */
export function parsePlan(
  text: string,
  options: LoadOptions & {
    /** What messages call it, and what its paths are relative to. @defaultValue "plan.yaml" in the current folder */
    readonly file?: string | undefined;
  } = {},
): Plan {
  const { file = "plan.yaml", set = {} } = options;
  const fail = (problems: readonly PlanProblem[]): never => {
    const inOrder = problems.toSorted((a, b) => a.line - b.line || a.column - b.column);
    throw new PlanError(file, text, inOrder);
  };
  const source = Source.read(text);
  if (!(source instanceof Source)) {
    return fail(source);
  }
  const reader = new PlanReader(source, {
    file,
    folder: dirname(resolve(file)),
    defaultName: basename(file).replace(/\.[^.]*$/, ""),
    set,
  });
  const plan = reader.read();
  return plan === undefined || reader.problems.length > 0 ? fail(reader.problems) : plan;
}

async function readPlanFile(file: string): Promise<string> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException; // What node:fs throws.
    const reason =
      code === "ENOENT" ? "it does not exist" : code === "EISDIR" ? "it is a folder" : message;
    throw new Error(`Cannot read the plan as ${reason}: ${file}`, { cause: error });
  }
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new Error(`Cannot read the plan as it is not text in UTF-8: ${file}`, { cause: error });
  }
}
