/** Function tools of the OpenAI Agents SDK whose calls are as parallel as is safe. */
import type { ToolResult } from "../../tools/result.ts";
import type { BatchOptions } from "../gather/call-batch.ts";
import { GatheredCalls } from "../gather/gathered-calls.ts";
import type { ParallelOptions } from "../gather/parallel-options.ts";
import { AnnouncedCalls, LEFT } from "./announced-calls.ts";
import type { CallOrder } from "./call-order.ts";
import {
  withProperties,
  withSignal,
  type CallDetails,
  type FunctionTool,
  type GuardrailData,
  type Invoke,
} from "./function-tool.ts";

/** Options of {@link parallelTools}. All are optional: without any, every call runs alone. */
export interface ParallelToolsOptions extends ParallelOptions {
  /** Knows in which order the model made its calls. @defaultValue the order in which they are invoked */
  readonly order?: CallOrder | undefined;
}

/**
 * Tools in place of those given, for the `tools` of an agent. What a response calls of them runs as one turn of a toolbox: calls that touch the
 * same in the order of the response, the others at once.
 *
 * - What `declare` does not name runs alone.
 * - No more are at work than `limit` allows, nor than the `maxFunctionToolConcurrency` of the runner.
 * - The `timeoutMs` of a tool counts from when the call really starts. What it claims stays claimed until it has stopped.
 * - A call that waits for an approval (`needsApproval`) is not made yet, and holds nothing: those beside it go on.
 * - A call that a guardrail has to let through keeps its place meanwhile.
 * - What fails is told to the model as the tool does it; a call that is denied, timed out or invalid as a text of its own.
 *
 * @throws `TypeError` when a declaration is invalid, or is of none of the tools.
 *
 * @example
 * ```ts
 * import { parallelTools } from "fanfold/openai-agents";
 *
 * // In a program: tools that `tool()` of @openai/agents made, handed to an `Agent`.
 * const type = "function" as const;
 * let note = "old";
 * const write = { type, name: "write", invoke: async (_: object, text: string) => (note = text) };
 * const read = { type, name: "read", invoke: async (_: object, _text: string) => note };
 *
 * const [safeWrite, safeRead] = parallelTools([write, read], {
 *   declare: { write: { writes: () => "note:1" }, read: { effect: "read", reads: () => "note:1" } },
 * });
 * const context = {};
 * console.log(await Promise.all([safeWrite!.invoke(context, "7"), safeRead!.invoke(context, "{}")]));
 * ```
 */
export function parallelTools<Tool extends FunctionTool>(
  tools: readonly Tool[],
  { order, declare = {}, ...options }: ParallelToolsOptions = {},
): Tool[] {
  const calls = new GatheredCalls(tools, {
    ...options,
    declare: { ...declare, ...timeouts(tools, declare) },
  });
  return tools.map((tool) => parallelTool(tool, { calls, order }));
}

/** The timeouts of the tools, as declarations: the SDK would count the time in which a call waits. */
function timeouts(
  tools: readonly FunctionTool[],
  declare: NonNullable<ParallelOptions["declare"]>,
): NonNullable<ParallelOptions["declare"]> {
  const limited = tools.filter(({ timeoutMs }) => timeoutMs !== undefined);
  return Object.fromEntries(
    limited.map(({ name, timeoutMs }) => [name, { timeoutMs, ...declare[name] }]),
  );
}

interface Surroundings {
  readonly calls: GatheredCalls;
  readonly order: CallOrder | undefined;
}

function parallelTool<Tool extends FunctionTool>(tool: Tool, { calls, order }: Surroundings): Tool {
  const plain = tool.invoke.bind(tool) as Invoke;
  const announced = new AnnouncedCalls((call) => calls.make(call, RUN_FAILS));
  const invoke: Invoke = async (runContext, text, details) => {
    const parsed = parse(text);
    if (parsed === undefined) {
      return await plain(runContext, text, details); // It says what is wrong, and does nothing.
    }
    const id = details?.toolCall?.callId;
    const reply = await announced.arrive({
      group: runContext,
      id,
      name: tool.name,
      input: parsed.input,
      position: id === undefined ? undefined : order?.positionOf(id),
      signal: details?.signal,
      run: (input, { signal }) =>
        plain(
          runContext,
          input === parsed.input ? text : JSON.stringify(input),
          withSignal(details, anyOf(details?.signal, signal)),
        ),
    });
    if (reply.kind === "suspended") {
      throw reply.error;
    }
    return await outputOf(reply.result, { tool, runContext, details });
  };
  const announce = ({ context, toolCall }: GuardrailData): (() => void) | undefined => {
    const parsed = parse(toolCall.arguments ?? "");
    const { callId: id } = toolCall;
    return parsed === undefined || id === undefined
      ? undefined
      : announced.announce({
          group: context,
          id,
          name: tool.name,
          input: parsed.input,
          position: order?.positionOf(id),
          signal: undefined,
        });
  };
  return withProperties(tool, {
    invoke,
    timeoutMs: undefined,
    inputGuardrails: announced.guardrails(tool.inputGuardrails ?? [], announce),
  });
}

/** The SDK ends a run when a tool throws: what has not begun is not to begin. */
const RUN_FAILS: BatchOptions = {
  meaningOf: (error) => (error === LEFT ? "failed" : "all-failed"),
  onSuspended: () => {},
};

/** Arguments in an object; undefined where the text is no JSON. */
function parse(text: string): { readonly input: unknown } | undefined {
  try {
    return { input: text === "" ? {} : JSON.parse(text) };
  } catch {
    return undefined;
  }
}

function anyOf(one: AbortSignal | undefined, other: AbortSignal): AbortSignal {
  return one === undefined ? other : AbortSignal.any([one, other]);
}

interface Answered {
  readonly tool: FunctionTool;
  readonly runContext: object;
  readonly details: CallDetails | undefined;
}

/** @throws what the tool threw; the reason, where the run was stopped; the timeout, where the tool wants it thrown. */
async function outputOf(
  { status, output, error, text }: ToolResult,
  { tool, runContext, details }: Answered,
): Promise<unknown> {
  switch (status) {
    case "completed":
      return output;
    case "failed":
      throw error;
    case "timed-out":
      if (tool.timeoutBehavior === "raise_exception") {
        throw error;
      }
      return tool.timeoutErrorFunction === undefined
        ? text
        : await tool.timeoutErrorFunction(runContext as never, error as never, details as never);
    case "cancelled":
      details?.signal?.throwIfAborted();
      return text;
    default:
      return text;
  }
}
