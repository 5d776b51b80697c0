/**
 * The parts of the AI SDK (package `ai`, versions 6 and 7) that the adapter touches, by their shape: nothing of the package is needed, neither
 * to compile nor to run.
 */

/** A tool of the AI SDK: `tool(…)`, `dynamicTool(…)`, one of an MCP client or of a provider. */
export interface SdkTool {
  readonly inputSchema?: unknown;
  readonly needsApproval?: unknown;
  readonly execute?: ((input: never, options: never) => unknown) | undefined;
}

/** Tools of the AI SDK, by name: a `ToolSet`. */
export type SdkTools = Readonly<Record<string, SdkTool>>;

/** What the `execute` of a tool takes as its input. */
export type InputOf<Tool> = [ExecuteOf<Tool>] extends [never]
  ? unknown
  : ExecuteOf<Tool> extends (input: infer Input, options: never) => unknown
    ? Input
    : unknown;

/** Tools of AI SDK 6 are unions, in which one member has no `execute`. */
type ExecuteOf<Tool> = Tool extends { readonly execute?: infer Execute }
  ? NonNullable<Execute>
  : never;

/** What the SDK hands to `execute` beside the input. All of it is handed on, with another signal. */
export interface ExecuteOptions {
  readonly toolCallId: string;
  /** One list for all calls of a response: by it they are known to belong together. */
  readonly messages: object;
  readonly abortSignal?: AbortSignal | undefined;
  /** Of AI SDK 7. A call that started early had none. */
  readonly experimental_sandbox?: unknown;
}

/** What the SDK hands to `needsApproval` beside the input: what `execute` gets, without the signal. */
export type ApprovalOptions = Omit<ExecuteOptions, "abortSignal" | "experimental_sandbox">;

/** A language model as providers make it: specification 2, 3 or 4. */
export interface SdkModel {
  doGenerate(params: ModelParameters): PromiseLike<Generated>;
  doStream(params: ModelParameters): PromiseLike<Streamed>;
}

/** The part of a request to a model that matters here. */
export interface ModelParameters {
  readonly abortSignal?: AbortSignal | undefined;
}

/** A response in one piece. */
export interface Generated {
  readonly content: readonly ResponsePart[];
  readonly finishReason: FinishReason;
}

/** A response as it is written. */
export interface Streamed {
  readonly stream: ReadableStream<ResponsePart>;
}

/** A part of a response. */
export interface ResponsePart {
  readonly type: string;
  readonly toolCallId?: string;
  readonly toolName?: string;
  readonly providerExecuted?: boolean | undefined;
  readonly finishReason?: FinishReason;
}

/** Why a response ended: a word in specification 2. */
type FinishReason = string | { readonly unified: string };

/** Whether the SDK executes the calls of a response that ended for this reason; not those of one that was cut off or filtered. */
export function allowsTools(reason: FinishReason | undefined): boolean {
  const word = typeof reason === "object" ? reason.unified : reason;
  return word === "stop" || word === "tool-calls";
}

/** Whether a value yields others, one after another. */
export function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}
