/**
 * The parts of the provider specification of the AI SDK (https://ai-sdk.dev) that are used: versions 3 and 4 of its language models, which
 * the packages for `ai` 6 and `ai` 7 implement. Written out, so that the types of this package bring no other package.
 */

/** A language model of any provider package of the AI SDK, for `ai` 6 or 7. */
export interface AiSdkLanguageModel {
  readonly specificationVersion: "v3" | "v4";
  readonly provider: string;
  readonly modelId: string;
  doGenerate(options: AiSdkCallOptions): PromiseLike<AiSdkResult>;
  doStream(options: AiSdkCallOptions): PromiseLike<AiSdkStreamResult>;
}

/** What only a provider understands: for each provider, its settings. Plain data. */
export type AiSdkProviderOptions = Record<string, Record<string, AiSdkJson | undefined>>;

/** Plain data. */
export type AiSdkJson =
  | null
  | string
  | number
  | boolean
  | { [key: string]: AiSdkJson | undefined }
  | AiSdkJson[];

/** A request: what is set of it here. Both versions take more. */
export interface AiSdkCallOptions {
  prompt: AiSdkMessage[];
  maxOutputTokens?: number;
  temperature?: number;
  responseFormat?: { type: "text" } | { type: "json"; schema?: object; name?: string };
  tools?: AiSdkPart[];
  abortSignal?: AbortSignal;
  headers?: Record<string, string | undefined>;
  providerOptions?: AiSdkProviderOptions;
}

/** A message of a prompt. */
export type AiSdkMessage =
  | { role: "system"; content: string }
  | { role: "user" | "assistant" | "tool"; content: AiSdkPart[] };

/** A part of a message, or a tool. Its other fields are those of its type. */
export interface AiSdkPart {
  type: string;
}

/** A part that is made here: its fields are those that the specification names for its type. */
export interface AiSdkMadePart extends AiSdkPart {
  [field: string]: unknown;
}

/** A whole answer. */
export interface AiSdkResult {
  readonly content: readonly AiSdkContent[];
  readonly finishReason: AiSdkFinishReason;
  readonly usage: AiSdkUsage;
  readonly response?: { readonly headers?: Record<string, string> | undefined } | undefined;
}

/** A part of what a model said. Its fields are those of its type. */
export interface AiSdkContent {
  readonly type: string;
}

export interface AiSdkFinishReason {
  readonly unified: "stop" | "length" | "content-filter" | "tool-calls" | "error" | "other";
}

/** In tokens; undefined is unknown. */
export interface AiSdkUsage {
  readonly inputTokens: {
    readonly total: number | undefined;
    readonly cacheRead: number | undefined;
    readonly cacheWrite: number | undefined;
  };
  readonly outputTokens: { readonly total: number | undefined };
}

/** An answer that comes bit by bit. */
export interface AiSdkStreamResult {
  readonly stream: AiSdkStream;
  readonly response?: { readonly headers?: Record<string, string> | undefined } | undefined;
}

/** What is used of a `ReadableStream`. */
export interface AiSdkStream {
  getReader(): AiSdkReader;
}

/** What is used of the reader of a `ReadableStream`. */
export interface AiSdkReader {
  read(): Promise<{
    readonly done: boolean;
    readonly value?: { readonly type: string } | undefined;
  }>;
  cancel(reason?: unknown): Promise<void>;
}
