/** One line in an agent that is built on the AI SDK. */
import { resolve } from "node:path";
import { systemClock } from "../../core/clock.ts";
import { currentOwner } from "../../core/context.ts";
import { Observer } from "../../core/observer.ts";
import type { TaskContext } from "../../core/task.ts";
import { toolbox, type ToolboxOptions } from "../../tools/toolbox.ts";
import type { TurnReport } from "../../tools/turn-report.ts";
import type { Turn, TurnOptions } from "../../tools/turn.ts";
import { isPreliminary, toolsOf, type Declaration, type Declarations } from "./declaration.ts";
import { Responses } from "./response.ts";
import type { SdkTools } from "./sdk.ts";
import { Steps } from "./steps.ts";
import { watchModel } from "./watch-model.ts";
import { wrapApproval } from "./wrap-approval.ts";
import { wrapTool } from "./wrap-tool.ts";

/** Options of {@link parallel}. All but `tools` are optional. */
export interface ParallelOptions<Tools extends SdkTools, Model, ToolApproval>
  extends
    Pick<
      ToolboxOptions,
      "root" | "limit" | "budget" | "timeoutMs" | "graceMs" | "observe" | "clock"
    >,
    Pick<TurnOptions, "failure" | "within"> {
  /** The tools, as they are given to `generateText`, `streamText` or an agent. */
  readonly tools: Tools;
  /** The model, for calls that start while it writes: the model itself, not its name. @defaultValue nothing starts early */
  readonly model?: Model;
  /** What calls of a tool touch, and what bounds them, by the name of the tool. @defaultValue every call runs alone */
  readonly declare?: NoInfer<Declarations<Tools>> | undefined;
  /** `toolApproval` of AI SDK 7, where it is used: so that calls which are held back by it hold up nobody. @defaultValue none */
  readonly toolApproval?: ToolApproval;
  /** Whether calls of effect `"read"` start while the model still writes. @defaultValue `true` */
  readonly early?: boolean | undefined;
  /** Called once for each response with calls that are executed, when all are answered. One that throws, or whose promise rejects, is not called again. */
  readonly onTurn?: ((report: TurnReport) => void) | undefined;
}

/** What to give to the AI SDK in place of what was given. */
export interface Parallel<Tools extends SdkTools, Model, ToolApproval> {
  /** The tools, of the same types. Those without `execute` are the very ones that were given. */
  readonly tools: Tools;
  /** The model, of the same class; undefined if none was given. */
  readonly model: Model;
  /** `toolApproval`, of the same shape; undefined if none was given. */
  readonly toolApproval: ToolApproval;
  /** Resolves when no call is at work any more, those included that were answered before they stopped, except what was abandoned. */
  idle(): Promise<void>;
}

/**
 * Wraps tools and model of the AI SDK (`ai` 6 or 7), so that calls of one response which touch the same run in the order of the response, and all
 * others at once. Errors, approvals, invalid calls and everything else stay with the SDK.
 *
 * Guarantees: a tool is called once for each call that the SDK executes, and what it returns or throws is what the SDK gets. A call that is held for
 * approval holds up nobody. With several runs at once, and with agents in tools, all share the limits and the claims. A call is answered at once when
 * its time is over or the signal of the SDK is aborted; what it claims stays claimed until it has stopped.
 *
 * Not guaranteed: the order of a call that the SDK begins to execute more than ten seconds after it could, since a hook of the application waited: it
 * runs, but later calls no longer wait for it. Nor the order among calls that a `toolApproval` decides about which was not handed over here, if hooks
 * delay some of them. A call that started early, and is then changed by `refineToolInput` or given a sandbox, is stopped and made again.
 *
 * @throws `TypeError` when something is declared of what is no tool, when a declaration contradicts itself, and when `model` is only a name;
 * `TypeError` or `RangeError` when another option is invalid.
 *
 * @example
 * ```ts
 * import { parallel } from "fanfold/ai-sdk";
 *
 * const files = new Map([["a.md", "# A"]]);
 * const readFile = {
 *   inputSchema: undefined, // as with `tool()` of the package `ai`
 *   execute: async ({ path }: { path: string }) => files.get(path) ?? "",
 * };
 * const { tools } = parallel({
 *   tools: { readFile },
 *   declare: { readFile: { effect: "read", reads: ({ path }) => `file:${path}` } },
 * });
 * console.log(await tools.readFile.execute({ path: "a.md" }));
 * ```
 */
export function parallel<Tools extends SdkTools, Model = undefined, ToolApproval = undefined>(
  options: ParallelOptions<Tools, Model, ToolApproval>,
): Parallel<Tools, Model, ToolApproval> {
  const { tools, model, toolApproval, early = true, clock = systemClock, root = "." } = options;
  const { limit, budget, timeoutMs, graceMs, observe } = options;
  // The input of a declared function is that of its tool.
  const declare = (options.declare ?? {}) as Readonly<Record<string, Declaration<never>>>;
  const tasks = new WeakMap<object, TaskContext>();
  const box = toolbox(toolsOf(tools, declare, tasks), {
    root,
    limit,
    budget,
    timeoutMs,
    graceMs,
    observe,
    clock,
  });
  const responses = new Responses();
  const steps = new Steps(
    {
      toolbox: box,
      root: resolve(root),
      clock,
      turn: { failure: options.failure },
      // An agent in a tool, with the same tools, belongs to the call that it is in.
      within: () => tasks.get(currentOwner() ?? options) ?? options.within,
      onTurn: reportTo(options.onTurn),
    },
    responses,
  );
  const wrapped = Object.entries(tools).map(([name, tool]) => {
    const isYielding = isPreliminary(tool, declare[name] ?? {});
    const how = { name, steps, isPreliminary: isYielding, isEarly: early };
    return [name, tool.execute === undefined ? tool : wrapTool(tool, how)];
  });
  const isWrapped = (name: string): boolean => box.tools.has(name);
  return {
    // Each tool is what it was, but for two functions that take and return the same.
    tools: Object.fromEntries(wrapped) as Tools,
    // What was not given is undefined, and so is its type.
    model: model === undefined ? (model as Model) : watchModel(model, { responses, isWrapped }),
    toolApproval: wrapApproval(toolApproval as ToolApproval, { tools, steps }),
    idle: async () => await box.idle(),
  };
}

function reportTo(onTurn: ((report: TurnReport) => void) | undefined): (turn: Turn) => void {
  const observer = new Observer(onTurn);
  return (turn) => {
    if (observer.isTold) {
      observer.tell(turn.report());
    }
  };
}
