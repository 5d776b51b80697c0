/** A model: one method that answers a request. */
import type { TaskContext } from "../core/task.ts";
import type { ToolCall, ToolResult } from "../tools/result.ts";
import type { StandardSchema } from "../tools/standard-schema.ts";
import type { JsonSchema } from "../tools/tool.ts";
import type { ToolDescription } from "../tools/toolbox.ts";

/**
 * Something that answers requests: a service, a program, a script of a test.
 *
 * Contract: does not retry, and keeps no state between calls. Rejects with whatever went wrong; an error with the `status` and `headers` of an
 * HTTP answer lets limits and retries see what a service said.
 */
export interface Model {
  /** What reports and prices call it, as `provider/model`. */
  readonly name: string;
  /**
   * Answers a request.
   *
   * Contract: stops soon after `signal` was aborted, and rejects then with its reason. `object` of the response is there exactly where the
   * request has a `schema` and the response calls no tool, and has been validated; a model whose answer does not fit rejects with a
   * `ModelOutputError` that holds the response.
   */
  generate(request: ModelRequest, options: ModelCallOptions): Promise<ModelResponse>;
  /**
   * Answers a request bit by bit. The last part is a `finish`, with the same response as `generate` would give; a stream that breaks off throws. Whoever
   * stops reading stops the model. @defaultValue the response of `generate`, in one bit
   */
  stream?(request: ModelRequest, options: ModelCallOptions): AsyncIterable<ModelPart>;
}

/** What a model is asked. Either a `prompt`, or `messages`, or both: then the prompt comes last. */
export interface ModelRequest {
  /** What holds for the whole conversation: the system prompt. @defaultValue none */
  readonly instructions?: string | undefined;
  /** The conversation so far. @defaultValue none */
  readonly messages?: readonly ModelMessage[] | undefined;
  /** What the user says now. @defaultValue nothing */
  readonly prompt?: string | undefined;
  /** What the model may call. @defaultValue nothing */
  readonly tools?: readonly ToolDescription[] | undefined;
  /** The shape of the answer, as data. @defaultValue text */
  readonly schema?: ModelSchema | undefined;
  /** The longest answer, in tokens: an integer from 1. @defaultValue that of the service */
  readonly maxOutputTokens?: number | undefined;
  /** How much is left to chance, from 0. @defaultValue that of the service */
  readonly temperature?: number | undefined;
}

/** The shape of an answer: a schema of a library that speaks the Standard Schema, and the same as JSON Schema where that library cannot say it. */
export interface ModelSchema<T = unknown> {
  readonly schema: StandardSchema<T>;
  /** @defaultValue derived from `schema`, where its library can */
  readonly jsonSchema?: JsonSchema | undefined;
}

/** How a request is made. */
export interface ModelCallOptions {
  readonly signal: AbortSignal;
  /**
   * The task on whose behalf it is made. What the model starts, such as a call that waits for a limit, then belongs to that task. @defaultValue none
   */
  readonly within?: TaskContext | undefined;
}

/** A message of a conversation. */
export type ModelMessage = UserMessage | AssistantMessage | ToolMessage;

/** What the user says. */
export interface UserMessage {
  readonly role: "user";
  readonly text: string;
}

/** What a model answered. */
export interface AssistantMessage {
  readonly role: "assistant";
  readonly text: string;
  readonly toolCalls: readonly ToolCall[];
  /** What only the model that wrote it understands, such as signed reasoning. Plain data. */
  readonly raw?: unknown;
}

/** One result for each call of the message before, in the order of the calls. */
export interface ToolMessage {
  readonly role: "tool";
  readonly results: readonly Pick<ToolResult, "id" | "name" | "text" | "isError">[];
}

/** Why a model stopped. */
export type FinishReason = "stop" | "length" | "content-filter" | "tool-calls" | "error" | "other";

/** What a model answered, and what it took. */
export interface ModelResponse {
  readonly text: string;
  /** What it calls, in order. */
  readonly toolCalls: readonly ToolCall[];
  /** The answer as data; undefined without a `schema`, and beside tool calls. */
  readonly object?: unknown;
  readonly finishReason: FinishReason;
  readonly usage: ModelUsage;
  /** Of the HTTP answer, by lower-case name; empty where there was none. */
  readonly headers: Readonly<Record<string, string>>;
  /** The response as the next message of the conversation. */
  readonly message: AssistantMessage;
}

/** What a call took, in tokens. What is unknown is undefined, never 0. */
export interface ModelUsage {
  /** All that went in, cached or not. */
  readonly inputTokens: number | undefined;
  /** All that came out, reasoning included. */
  readonly outputTokens: number | undefined;
  /** Of those that went in, how many were read from a cache. */
  readonly cachedInputTokens?: number | undefined;
  /** Of those that went in, how many were written to a cache. */
  readonly cacheWriteTokens?: number | undefined;
}

/** A part of a response. */
export type ModelPart =
  /** A bit of the text. */
  | { readonly type: "text"; readonly text: string }
  /** A call whose arguments are complete. */
  | { readonly type: "tool-call"; readonly call: ToolCall }
  /** The end: the whole response. */
  | { readonly type: "finish"; readonly response: ModelResponse };
