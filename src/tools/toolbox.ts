/** A toolbox: tools that share their limits and claims, over as many turns as there are. */
import { join, resolve } from "node:path";
import type { Budget } from "../core/budget/budget.ts";
import type { Clock } from "../core/clock.ts";
import type { RunEvent } from "../core/event.ts";
import type { Limit } from "../core/limits/limit.ts";
import { openRun } from "../core/open-run.ts";
import { limitsGiven } from "../core/plain-spec.ts";
import { createContext } from "../core/task-context.ts";
import type { TaskContext } from "../core/task.ts";
import { callSpec, commonSpec, limitsOf } from "./call-spec.ts";
import { refuseInside } from "./calls-around.ts";
import { LiveTurn } from "./live-turn.ts";
import type { ToolCall, ToolResult } from "./result.ts";
import { checkTool, type JsonSchema, type Tool } from "./tool.ts";
import { inputSchemaOf } from "./tool-schema.ts";
import { WorkCount, type ToolboxSettings } from "./toolbox-settings.ts";
import type { Approve, Turn, TurnOptions } from "./turn.ts";

/** Options of a toolbox. All are optional. */
export interface ToolboxOptions {
  /** The folder that paths in claims are relative to. @defaultValue that of this process */
  readonly root?: string | undefined;
  /** How many calls run at once, over all turns: an integer from 1, Infinity, or a `limit()` shared with others. @defaultValue 10 */
  readonly limit?: number | Limit | undefined;
  /** The budget, or budgets, that every call is paid from, and what is inside of it. @defaultValue none */
  readonly budget?: Budget | readonly Budget[] | undefined;
  /** `timeoutMs` of every tool that has none of its own. @defaultValue none */
  readonly timeoutMs?: number | undefined;
  /** How long a call that is to stop may take to do so before it is abandoned, in milliseconds. @defaultValue 5000 */
  readonly graceMs?: number | undefined;
  /** Asks for consent to a call whose tool needs it. @defaultValue every such call is denied */
  readonly approve?: Approve | undefined;
  /** The longest text of a result, in bytes of UTF-8: from 1000. @defaultValue 30000 */
  readonly maxResultBytes?: number | undefined;
  /** Where the whole of longer ones is kept; made when first needed. @defaultValue `.fanfold/results` in the root */
  readonly resultFolder?: string | undefined;
  /** Called with every event of its calls, at once, as `observe` of a run. */
  readonly observe?: ((event: RunEvent) => void) | undefined;
  /** The source of time. @defaultValue the real one */
  readonly clock?: Clock | undefined;
}

/** A tool as a model is told of it. */
export interface ToolDescription {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: JsonSchema;
}

/** Tools that share their limits and claims. */
export interface Toolbox {
  readonly tools: ReadonlyMap<string, Tool>;
  /**
   * What to tell a model of them, in the order given.
   *
   * @throws `TypeError` when the schema of one cannot be said as JSON Schema.
   */
  readonly descriptions: readonly ToolDescription[];
  /** Asks for consent to its calls, as it was given. */
  readonly approve: Approve | undefined;
  /**
   * The run that all turns belong to which are not within another. What else is run `within` it, such as an agent, has its claims compared with
   * theirs.
   */
  readonly context: TaskContext;
  /** Opens a turn: the calls of one response of a model. */
  turn(options?: TurnOptions): Turn;
  /** Runs the calls of a response that is complete, and returns one result each, in the order of the calls. */
  run(calls: Iterable<ToolCall>, options?: TurnOptions): Promise<readonly ToolResult[]>;
  /** Resolves when none of its calls is at work any more, those included that were answered before they stopped, except what was abandoned. */
  idle(): Promise<void>;
}

const DEFAULT_CONCURRENCY = 10;

const DEFAULT_RESULT_BYTES = 30_000;

/** A text must have room for its beginning, its end, and the path of a file. */
const LEAST_RESULT_BYTES = 1000;

/**
 * Puts tools together.
 *
 * @throws `TypeError` when two tools have one name, and `TypeError` or `RangeError` when an option is invalid.
 *
 * @example
 * ```ts
 * import { defineTool, toolbox } from "fanfold/tools";
 * import { z } from "zod";
 *
 * const store = new Map([["a", 1]]);
 * const input = z.object({ key: z.string() });
 * const tools = toolbox([
 *   defineTool({
 *     name: "get",
 *     input,
 *     effect: "read",
 *     reads: ({ key }) => `store:${key}`,
 *     run: ({ key }) => store.get(key),
 *   }),
 *   defineTool({
 *     name: "increment",
 *     input,
 *     writes: ({ key }) => `store:${key}`,
 *     run: ({ key }) => store.set(key, (store.get(key) ?? 0) + 1).get(key),
 *   }),
 * ]);
 * const results = await tools.run([
 *   { id: "1", name: "get", input: { key: "a" } },
 *   { id: "2", name: "increment", input: { key: "a" } },
 *   { id: "3", name: "get", input: { key: "a" } },
 * ]);
 * console.log(results.map(({ text }) => text));
 * ```
 */
export function toolbox(tools: Iterable<Tool>, options: ToolboxOptions = {}): Toolbox {
  const settings = settingsOf([...tools], options);
  const { kernel, work } = settings;
  const common = commonSpec(settings, kernel.root.plainSpec);
  for (const tool of settings.tools.values()) {
    callSpec(settings, tool, common); // What is wrong with it shows here, not when it is first called.
  }
  const turn = (turnOptions: TurnOptions = {}): Turn => {
    if (turnOptions.within === undefined) {
      refuseInside(kernel, { action: "open a turn", toolbox: "the same toolbox" });
    }
    return new LiveTurn(settings, turnOptions);
  };
  let descriptions: readonly ToolDescription[] | undefined;
  return {
    tools: settings.tools,
    get descriptions() {
      descriptions ??= [...settings.tools.values()].map(descriptionOf);
      return descriptions;
    },
    approve: settings.approve,
    context: createContext(kernel, kernel.root),
    turn,
    async run(calls, turnOptions) {
      const all = turn(turnOptions);
      try {
        for (const call of calls) {
          all.call(call);
        }
      } catch (error) {
        all.abort(error); // What was added would hold back others for ever.
        throw error;
      }
      all.commit();
      return await all.results();
    },
    idle: async () => await work.idle(),
  };
}

function descriptionOf(tool: Tool): ToolDescription {
  const { name, description = "" } = tool;
  return { name, description, inputSchema: inputSchemaOf(tool) };
}

function settingsOf(tools: readonly Tool[], options: ToolboxOptions): ToolboxSettings {
  const { root: folder = ".", maxResultBytes = DEFAULT_RESULT_BYTES } = options;
  const { timeoutMs, graceMs, approve, budget, observe, clock } = options;
  const root = resolve(folder);
  if (!(maxResultBytes >= LEAST_RESULT_BYTES)) {
    throw new RangeError(
      `Cannot make a toolbox as "maxResultBytes" must be a number from ${LEAST_RESULT_BYTES}: ${maxResultBytes}`,
    );
  }
  return {
    tools: byName(tools),
    root,
    kernel: openRun({ name: "toolbox", graceMs, observe, clock }),
    limits: limitsGiven(options.limit ?? DEFAULT_CONCURRENCY, "toolbox"),
    budgets: [budget ?? []].flat(),
    timeoutMs,
    graceMs,
    approve,
    maxResultBytes,
    resultFolder: resolve(root, options.resultFolder ?? join(".fanfold", "results")),
    names: new WeakMap(),
    ownLimits: limitsOf(tools),
    shared: new Set(),
    work: new WorkCount(),
  };
}

function byName(tools: readonly Tool[]): ReadonlyMap<string, Tool> {
  const named = new Map<string, Tool>();
  for (const tool of tools) {
    checkTool(tool);
    if (named.has(tool.name)) {
      throw new TypeError(`Cannot make a toolbox as two tools have the name "${tool.name}"`);
    }
    named.set(tool.name, tool);
  }
  return named;
}
