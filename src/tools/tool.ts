/** A tool: what a model may call, and what its calls touch. */
import type { Budget } from "../core/budget/budget.ts";
import type { Limit } from "../core/limits/limit.ts";
import type { RetryOptions } from "../core/retry.ts";
import { didYouMean } from "../core/suggest.ts";
import type { Cost, TaskContext } from "../core/task.ts";
import type { OutputOf, StandardSchema } from "./standard-schema.ts";

/** A JSON Schema. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * A tool, as {@link defineTool} checks it.
 *
 * What is declared decides what its calls may overlap:
 *
 * | declared | a call |
 * | --- | --- |
 * | nothing, or `parallel: false` | runs alone among the calls of the toolbox |
 * | `effect: "read"` alone | reads everything: overlaps all calls that write nothing |
 * | `reads`, `writes` | waits for earlier calls, and holds back later ones, only where they touch the same and one of them writes |
 * | `parallel: true` | touches nothing that is shared: waits only for, and is waited for only by, calls that run alone |
 */
export interface Tool<Input = unknown, Output = unknown> {
  /** What the model calls it: letters, digits, `_`, `-` and `.`, at most 128. */
  readonly name: string;
  /** What it does and when to use it, for the model. */
  readonly description?: string | undefined;
  /** The arguments: a schema of any library that speaks the Standard Schema, such as zod. @defaultValue whatever comes */
  readonly input?: StandardSchema<Input> | undefined;
  /** The arguments as JSON Schema, for the model. @defaultValue derived from `input`, where its library can */
  readonly inputJsonSchema?: JsonSchema | undefined;
  /**
   * What a call does. `"read"`: nothing that anybody could notice; it may start while the model still writes, be answered by an identical
   * call, and be repeated. `"write"`: something; it starts when the response is known to be complete. @defaultValue `"write"`
   */
  readonly effect?: "read" | "write" | undefined;
  /** Whether its calls may overlap any others (`true`) or none (`false`). Not beside `reads` and `writes`. */
  readonly parallel?: boolean | undefined;
  /** Limits of its calls, besides that of the toolbox; a number is a limit of its own. @defaultValue none */
  readonly limit?: number | Limit | readonly Limit[] | undefined;
  /**
   * The longest time that one attempt of a call may run, in milliseconds; waiting does not count. The call is answered then; what it
   * claims stays claimed until it has really stopped. @defaultValue that of the toolbox
   */
  readonly timeoutMs?: number | undefined;
  /** How long a call that is to stop may take to do so before it is abandoned, in milliseconds. @defaultValue that of the toolbox */
  readonly graceMs?: number | undefined;
  /** Repeat a failed attempt: `true` for three attempts, or how many. Only where `idempotent` or of effect `"read"`. @defaultValue one attempt */
  readonly retry?: boolean | number | RetryOptions | undefined;
  /** Whether running a call twice has the effect of running it once. @defaultValue `true` for the effect `"read"`, else `false` */
  readonly idempotent?: boolean | undefined;
  /** What an attempt is estimated to take, for limits and budgets that count it. @defaultValue one call */
  readonly cost?: Cost | undefined;
  /** The budget, or budgets, that its calls are paid from, besides those of the toolbox. @defaultValue none */
  readonly budget?: Budget | readonly Budget[] | undefined;
  /** Higher starts first among calls that wait for a limit. @defaultValue 0 */
  readonly priority?: number | undefined;

  /**
   * The resources that a call reads: `file:` and a path, relative to the root of the toolbox, or any other name, such as `db:users`. A
   * file that is claimed covers its parts (`file:a.ts#parse`), a folder what is in it. Use `fileClaim` for paths that may have a `#`.
   *
   * Contract: a pure function of the validated arguments; where it throws, the call has failed, and was not run.
   */
  reads?(input: Input): string | readonly string[];
  /** The resources that a call writes, as `reads`. What is written need not be listed under `reads`. */
  writes?(input: Input): string | readonly string[];
  /**
   * Whether a call needs somebody's consent, which the `approve` of the toolbox asks for. Anything but a plain no is a yes. @defaultValue no
   *
   * Contract: as for `reads`.
   */
  needsApproval?(input: Input): boolean;
  /** What the model reads of an output. @defaultValue a string as it is, anything else as JSON */
  format?(output: Output, input: Input): string;
  /**
   * Does the work.
   *
   * Contract: stops soon after `ctx.signal` was aborted. `ctx.key` is the id of the call; tasks started by `ctx.start`, and turns `within`
   * it, belong to the call.
   */
  run(input: Input, ctx: TaskContext): Output | PromiseLike<Output>;
}

/** A tool as it is written: the type of its input is that of its schema. */
export interface ToolDefinition<Schema extends StandardSchema, Output> extends Omit<
  Tool<OutputOf<Schema>, Output>,
  "input"
> {
  readonly input?: Schema | undefined;
}

const NAME = /^[A-Za-z0-9_.-]{1,128}$/;

/**
 * Checks a tool, so that mistakes show where it is written.
 *
 * @throws `TypeError` when a declaration is missing, misspelt or contradicts another.
 *
 * @example
 * ```ts
 * import { readFile } from "node:fs/promises";
 * import { defineTool } from "fanfold/tools";
 * import { z } from "zod";
 *
 * const countLines = defineTool({
 *   name: "count_lines",
 *   description: "Counts the lines of a file.",
 *   input: z.object({ path: z.string() }),
 *   effect: "read",
 *   reads: ({ path }) => `file:${path}`,
 *   run: async ({ path }, { signal }) => (await readFile(path, { encoding: "utf8", signal })).split("\n").length,
 * });
 * console.log(countLines.name);
 * ```
 */
export function defineTool<Schema extends StandardSchema, Output>(
  definition: ToolDefinition<Schema, Output>,
): Tool<OutputOf<Schema>, Output> {
  // The input of its functions is what its schema makes of the arguments.
  const tool = definition as unknown as Tool<OutputOf<Schema>, Output>;
  checkTool(tool);
  return tool;
}

/** Whether running a call of it twice is as running it once. */
export function isIdempotent({ idempotent, effect }: Tool): boolean {
  return idempotent ?? effect === "read";
}

/** Every option there is, so that a misspelt one is seen. */
const OPTIONS: Readonly<Record<keyof Tool, true>> = {
  name: true,
  description: true,
  input: true,
  inputJsonSchema: true,
  effect: true,
  parallel: true,
  limit: true,
  timeoutMs: true,
  graceMs: true,
  retry: true,
  idempotent: true,
  cost: true,
  budget: true,
  priority: true,
  reads: true,
  writes: true,
  needsApproval: true,
  format: true,
  run: true,
};

/** @throws `TypeError` that names the tool, the option, the rule and the value. */
export function checkTool(tool: Tool): void {
  const { name, effect, retry, reads, writes, parallel, run } = tool;
  if (typeof name !== "string" || !NAME.test(name)) {
    throw new TypeError(
      `Cannot define a tool as its name must have 1 to 128 letters, digits, "_", "-" or ".": ${JSON.stringify(name)}`,
    );
  }
  const refuse = (rule: string): never => {
    throw new TypeError(`Cannot define tool "${name}" as ${rule}`);
  };
  const unknown = Object.keys(tool).find((option) => !Object.hasOwn(OPTIONS, option));
  if (unknown !== undefined) {
    refuse(`a tool has no option "${unknown}"${didYouMean(unknown, Object.keys(OPTIONS))}`);
  }
  if (typeof run !== "function") {
    refuse(`"run" must be a function: ${typeof run}`);
  }
  if (effect !== undefined && effect !== "read" && effect !== "write") {
    refuse(`"effect" must be "read" or "write": ${JSON.stringify(effect)}`);
  }
  if (parallel !== undefined && (reads !== undefined || writes !== undefined)) {
    refuse(`it cannot declare both "parallel" and what it reads and writes`);
  }
  if (effect === "read" && writes !== undefined) {
    refuse(`its effect is "read", and it declares "writes"`);
  }
  if (retry !== undefined && retry !== false && !isIdempotent(tool)) {
    refuse(`"retry" needs "idempotent: true": running a call twice must be as running it once`);
  }
}
