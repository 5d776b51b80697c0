/** `toolApproval` of AI SDK 7, seen: what it says of a call decides whether the SDK will execute it. */
import type { SdkTools } from "./sdk.ts";
import type { Steps } from "./steps.ts";

/** A call as the function for all tools gets it. */
interface GenericRequest {
  readonly toolCall: {
    readonly toolCallId: string;
    readonly toolName: string;
    readonly input: unknown;
  };
  readonly messages: object;
}

/** What the function for one tool gets beside the input. */
interface SingleRequest {
  readonly toolCallId: string;
  readonly messages: object;
}

type Asked = (...args: unknown[]) => unknown;

/** The same configuration: one function for all tools, or one answer or function for each. */
export function wrapApproval<ToolApproval>(
  toolApproval: ToolApproval,
  { tools, steps }: { readonly tools: SdkTools; readonly steps: Steps },
): ToolApproval {
  const decide = (
    name: string,
    call: SingleRequest & { readonly input: unknown },
    status: unknown,
  ): void => {
    const tool = Object.hasOwn(tools, name) ? tools[name] : undefined;
    if (tool?.execute !== undefined) {
      const { toolCallId: id, messages, input } = call;
      steps.decide({ id, name, input, tool, messages, isExecuted: !isHeldBy(status) });
    }
  };
  const forAll = async (request: GenericRequest): Promise<unknown> => {
    const status = await (toolApproval as Asked)(request);
    const { toolCall, messages } = request;
    decide(toolCall.toolName, { ...toolCall, messages }, status);
    return status;
  };
  const forOne =
    (name: string, given: unknown) => async (input: unknown, request: SingleRequest) => {
      const status = typeof given === "function" ? await (given as Asked)(input, request) : given;
      decide(name, { ...request, input }, status);
      return status;
    };
  if (typeof toolApproval === "function") {
    return forAll as ToolApproval;
  }
  if (typeof toolApproval !== "object" || toolApproval === null) {
    return toolApproval;
  }
  const entries = Object.entries(toolApproval).map(([name, given]) => [
    name,
    given === undefined ? undefined : forOne(name, given),
  ]);
  return Object.fromEntries(entries) as ToolApproval;
}

/** Whether the SDK will not execute the call now. */
function isHeldBy(status: unknown): boolean {
  const type =
    typeof status === "object" && status !== null && "type" in status ? status.type : status;
  return type === "user-approval" || type === "denied";
}
