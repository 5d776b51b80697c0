/** Tools of LangChain whose calls are as parallel as is safe. */
import type { StandardSchema } from "../../tools/standard-schema.ts";
import type { Reply } from "../gather/call-batch.ts";
import { GatheredCalls } from "../gather/gathered-calls.ts";
import type { ParallelOptions } from "../gather/parallel-options.ts";
import { KeptOutputs } from "./kept-outputs.ts";
import {
  isInterrupt,
  isToolCall,
  positionOf,
  type Invoke,
  type LangChainConfig,
  type LangChainTool,
} from "./langchain-tool.ts";
import { NodeRun } from "./node-run.ts";

/**
 * Tools in place of those given: of the same class, with the same name and schema, for a model, a `ToolNode` or an agent. What a response calls
 * of them runs as one turn of a toolbox: calls that touch the same in the order of the response, the others at once.
 *
 * - What `declare` does not name runs alone.
 * - No more are at work than `limit` and the `maxConcurrency` of the graph allow.
 * - One that fails, times out or is denied throws, and leaves the others alone: a `ToolNode` makes a message of it.
 * - One that interrupts the graph waits until the calls beside it have ended; those that have to come after it do not begin. When the
 *   graph is resumed, in the same process and with the same tools, calls that had completed are not run again.
 *
 * Not promised: where an agent sends each call to a node of its own (`Send`), an interrupt does not hold back the calls after it, and
 * `maxConcurrency` is for the graph to keep.
 *
 * @throws `TypeError` when a declaration is invalid, or is of none of the tools.
 *
 * @example
 * ```ts
 * import { parallelTools } from "fanfold/langchain";
 *
 * // In a program: tools that `tool()` of @langchain/core/tools made, handed to `new ToolNode(...)`.
 * let note = "old";
 * const read = { name: "read", invoke: async () => note };
 * const write = { name: "write", invoke: async () => (note = "new") };
 *
 * const [safeWrite, safeRead] = parallelTools([write, read], {
 *   declare: { write: { writes: () => "note:1" }, read: { effect: "read", reads: () => "note:1" } },
 * });
 * console.log(await Promise.all([safeWrite!.invoke(), safeRead!.invoke()]));
 * ```
 */
export function parallelTools<Tool extends LangChainTool>(
  tools: readonly Tool[],
  options: ParallelOptions = {},
): Tool[] {
  const calls = new GatheredCalls(
    tools.map(({ name, schema }) => ({ name, schema: standardSchema(schema) })),
    options,
  );
  const kept = new KeptOutputs();
  const runs = new WeakMap<object, NodeRun>();
  const runOf = (group: object, config: LangChainConfig): NodeRun => {
    const run = runs.get(group) ?? new NodeRun(config, kept);
    runs.set(group, run);
    return run;
  };
  return tools.map((tool) => {
    const invoke: Invoke = async (input, config = {}) => {
      const group = config.config ?? config;
      return await invokeInTurn(tool, { calls, run: runOf(group, config), group, input, config });
    };
    return withInvoke(tool, invoke);
  });
}

/** The same tool in all else, its private state too. */
function withInvoke<Tool extends LangChainTool>(tool: Tool, invoke: Invoke): Tool {
  return new Proxy(tool, {
    get: (target, key) =>
      key === "invoke" ? invoke : (Reflect.get(target, key, target) as unknown),
  });
}

interface Invocation {
  readonly calls: GatheredCalls;
  readonly run: NodeRun;
  readonly group: object;
  readonly input: unknown;
  readonly config: LangChainConfig;
}

async function invokeInTurn(tool: LangChainTool, invocation: Invocation): Promise<unknown> {
  const { calls, run, group, input, config } = invocation;
  const call = isToolCall(input) ? input : undefined;
  const before = run.keptOutput(call?.id);
  if (before !== undefined) {
    return before.output;
  }
  const reply = calls.make(
    {
      group,
      id: call?.id,
      name: tool.name,
      input: call === undefined ? input : call.args,
      position: call && positionOf(call, config.state),
      signal: config.signal,
      run: (args, { signal }) =>
        run.work(() =>
          // As a method: classes of tools have state.
          (tool.invoke as Invoke).call(tool, call === undefined ? args : { ...call, args }, {
            ...config,
            signal: config.signal === undefined ? signal : AbortSignal.any([config.signal, signal]),
          }),
        ),
    },
    {
      meaningOf: (error) => (isInterrupt(error) ? "suspended" : "failed"),
      onSuspended: (completed, suspended) => run.suspend(completed, suspended),
    },
  );
  return outputOf(await run.count(reply));
}

/** @throws what the call threw, or an error with what a model should read of it. */
function outputOf(reply: Reply): unknown {
  if (reply.kind === "suspended") {
    throw reply.error;
  }
  const { status, output, error, text } = reply.result;
  switch (status) {
    case "completed":
      return output;
    case "failed":
      throw error;
    default:
      throw new Error(text, { cause: error });
  }
}

/** A schema that can be asked for itself; JSON Schema cannot. */
function standardSchema(schema: unknown): StandardSchema | undefined {
  return typeof schema === "object" && schema !== null && "~standard" in schema
    ? (schema as StandardSchema)
    : undefined;
}
