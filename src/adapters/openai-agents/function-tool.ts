/** The parts of the OpenAI Agents SDK that the adapter uses: written out, so that it brings no other package. */

/** A function tool of the OpenAI Agents SDK, as `tool()` makes it. */
export interface FunctionTool {
  readonly type: "function";
  readonly name: string;
  readonly timeoutMs?: number | undefined;
  readonly timeoutBehavior?: "error_as_result" | "raise_exception" | undefined;
  // Methods, so that tools of every context and of all arguments fit.
  timeoutErrorFunction?(runContext: never, error: never, details?: never): unknown;
  invoke(runContext: never, input: string, details?: never): Promise<unknown>;
  readonly inputGuardrails?: readonly InputGuardrail[] | undefined;
}

/** What may refuse a call before it is made. */
export interface InputGuardrail {
  readonly name: string;
  run(data: never): Promise<unknown>;
}

/** What a guardrail is told of a call, as far as the adapter looks at it. */
export interface GuardrailData {
  readonly context: object;
  readonly toolCall: FunctionCall;
}

/** A call as the model made it. */
export interface FunctionCall {
  readonly callId?: string | undefined;
  readonly arguments?: string | undefined;
}

/** What comes with a call. */
export interface CallDetails {
  readonly toolCall?: FunctionCall | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** How a tool is invoked, as the adapter does it. */
export type Invoke = (runContext: object, input: string, details?: CallDetails) => Promise<unknown>;

/** The same object with another signal: the SDK keeps more in it than is in its type. */
export function withSignal(details: CallDetails | undefined, signal: AbortSignal): CallDetails {
  const from = details ?? {};
  return Object.create(Object.getPrototypeOf(from) as object, {
    ...Object.getOwnPropertyDescriptors(from),
    signal: { value: signal, enumerable: true, writable: true, configurable: true },
  }) as CallDetails;
}

/** The same tool, but for some of its properties. */
export function withProperties<Tool extends object>(tool: Tool, changed: object): Tool {
  return Object.create(Object.getPrototypeOf(tool) as object, {
    ...Object.getOwnPropertyDescriptors(tool),
    ...Object.getOwnPropertyDescriptors(changed),
  }) as Tool;
}
