/** A tool of the AI SDK whose calls run in a toolbox. */
import type { ToolResult } from "../../tools/result.ts";
import type { ApprovalOptions, ExecuteOptions, SdkTool } from "./sdk.ts";
import type { Arrival, Steps } from "./steps.ts";

/** How a tool is wrapped. */
export interface WrapOptions {
  readonly name: string;
  readonly steps: Steps;
  /** Whether its calls yield preliminary results. */
  readonly isPreliminary: boolean;
  /** Whether its calls may start while the model still writes. */
  readonly isEarly: boolean;
}

/**
 * The same tool, with two functions of its own: `needsApproval`, which the SDK asks about every call, in the order of the response, before it
 * executes any; and `execute`.
 */
export function wrapTool(tool: SdkTool, options: WrapOptions): SdkTool {
  const { name, steps, isPreliminary } = options;
  let direct = 0;
  const arrive = (input: unknown, given: Partial<ExecuteOptions> = {}): Arrival => {
    // Code that is not the SDK's may call it by itself.
    direct += 1;
    const { toolCallId = "", messages = {} } = given;
    const id = toolCallId === "" ? `${name} ${direct}` : toolCallId;
    return steps.arrive({ id, name, input, tool }, { ...given, toolCallId, messages });
  };
  const execute = async (input: unknown, given?: Partial<ExecuteOptions>): Promise<unknown> => {
    const { step, call } = arrive(input, given);
    return outputOf(await step.resultOf(call, given?.abortSignal));
  };
  const executeInSteps = async function* (
    input: unknown,
    given?: Partial<ExecuteOptions>,
  ): AsyncGenerator<unknown, undefined> {
    const { step, call } = arrive(input, given);
    const reader = new AbortController();
    const signals = [reader.signal, given?.abortSignal ?? reader.signal];
    const result = step.resultOf(call, AbortSignal.any(signals));
    try {
      yield* call.yields;
    } finally {
      // Does nothing to one that has ended.
      reader.abort(new Error("Nobody reads the results of the call any more"));
      await result;
    }
    outputOf(await result);
    return undefined;
  };
  // Getters, methods of its class and what else it has stay as they are.
  return Object.create(Object.getPrototypeOf(tool) as object | null, {
    ...Object.getOwnPropertyDescriptors(tool),
    needsApproval: field(askedFirst(tool, options)),
    execute: field(isPreliminary ? executeInSteps : execute),
  }) as SdkTool;
}

function askedFirst(
  tool: SdkTool,
  { name, steps, isEarly }: WrapOptions,
): (input: unknown, options: ApprovalOptions) => Promise<boolean> {
  return async (input, options) => {
    const isHeld = await needsApproval(tool, input, options);
    steps.decide({
      id: options.toolCallId,
      name,
      input,
      tool,
      messages: options.messages,
      isExecuted: !isHeld,
      early: isEarly && !isHeld ? options : undefined,
    });
    return isHeld;
  };
}

async function needsApproval(
  tool: SdkTool,
  input: unknown,
  options: ApprovalOptions,
): Promise<boolean> {
  const asked = tool.needsApproval;
  return typeof asked === "function"
    ? Boolean(await (asked.call(tool, input, options) as unknown))
    : asked === true;
}

/** What the tool returned. @throws what the tool threw, or why it was stopped or never began. */
function outputOf({ status, output, error, text }: ToolResult): unknown {
  if (status === "completed") {
    return output;
  }
  throw status === "failed" ? error : (error ?? new Error(text));
}

function field(value: unknown): PropertyDescriptor {
  return { value, enumerable: true, configurable: true, writable: true };
}
