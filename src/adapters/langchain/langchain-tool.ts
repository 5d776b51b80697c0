/** The parts of LangChain that the adapter uses: written out, so that it brings no other package. */

/** A tool of LangChain: what `tool()` makes, a class of your own, a runnable as a tool. */
export interface LangChainTool {
  readonly name: string;
  /** The arguments: a zod schema, or JSON Schema. */
  readonly schema?: unknown;
  /** Gets a call of a model, or arguments by themselves; and a config. */
  invoke(input: never, config?: never): Promise<unknown>;
}

/** What a tool is called with, as the adapter calls it. */
export type Invoke = (input: unknown, config?: LangChainConfig) => Promise<unknown>;

/** A call as a model made it. */
export interface LangChainToolCall {
  readonly type: "tool_call";
  readonly id?: string | undefined;
  readonly name: string;
  readonly args: unknown;
}

/** A config, or what a `ToolNode` makes of one: a copy, with the one of the node and its state inside. */
export interface LangChainConfig {
  readonly signal?: AbortSignal | undefined;
  readonly maxConcurrency?: number | undefined;
  readonly configurable?: Readonly<Record<string, unknown>> | undefined;
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
  readonly config?: LangChainConfig | undefined;
  readonly state?: unknown;
}

/** Whether it is a call of a model, rather than arguments by themselves. */
export function isToolCall(input: unknown): input is LangChainToolCall {
  return isObject(input) && input["type"] === "tool_call";
}

/** Where a call stands among the calls of its response, as far as the state of the graph tells. */
export function positionOf(call: LangChainToolCall, state: unknown): number | undefined {
  const messages: unknown = isObject(state) && !Array.isArray(state) ? state["messages"] : state;
  for (const message of Array.isArray(messages) ? messages.toReversed() : []) {
    const calls: unknown = isObject(message) ? message["tool_calls"] : undefined;
    const position = Array.isArray(calls)
      ? calls.findIndex((each: unknown) => isObject(each) && each["id"] === call.id)
      : -1;
    if (position >= 0) {
      return position;
    }
  }
  return undefined;
}

/** Whether an error is how LangGraph leaves a node: an interrupt, or a command to the graph around. */
export function isInterrupt(error: unknown): boolean {
  return isObject(error) && error["is_bubble_up"] === true;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
