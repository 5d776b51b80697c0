/** What a response means to an agent. */
import type { ToolCall } from "../tools/result.ts";
import type { AgentFinish } from "./agent-run.ts";
import type { FinishReason, ModelResponse } from "./model.ts";

/** Whether a response ended so that its calls may have effects. */
export function mayRun(reason: FinishReason): boolean {
  return reason === "stop" || reason === "tool-calls";
}

/** Whether a response ended early for a reason that stays if it is asked for again. */
export function isRefusal(reason: FinishReason): boolean {
  return !mayRun(reason) && reason !== "length";
}

/** @throws `TypeError` when a stream has not given exactly the calls of its response: some would have no result, or a result no call. */
export function checkCalls(
  name: string,
  streamed: readonly ToolCall[],
  calls: readonly ToolCall[],
): void {
  const [given, expected] = [streamed, calls].map((each) =>
    JSON.stringify(each.map(({ id }) => id)),
  );
  if (given !== expected) {
    throw new TypeError(
      `Cannot go on as the stream of model "${name}" must give the calls of its response, ${expected}: ${given}`,
    );
  }
}

/** Why a run ends after a response; undefined where it goes on. */
export function finishOf({ toolCalls, finishReason }: ModelResponse): AgentFinish | undefined {
  switch (finishReason) {
    case "stop":
    case "tool-calls":
      return toolCalls.length > 0 ? undefined : "answered";
    case "length":
      return toolCalls.length > 0 ? undefined : "length"; // It may try shorter calls.
    default:
      return finishReason;
  }
}
