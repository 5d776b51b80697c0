/** What a scripted model answers: the same words for both versions of the SDK. */

/** A call of a model. */
export interface ScriptedCall {
  readonly id: string;
  readonly name: string;
  readonly input?: unknown;
  /** In place of `input`: the text that the model wrote. */
  readonly text?: string;
  readonly providerExecuted?: boolean;
}

/** A part of a response, as both specifications have it. */
export type Part = { readonly type: string } & Readonly<Record<string, unknown>>;

/** A response in one piece. */
export interface ScriptedResponse {
  readonly content: readonly Part[];
  readonly finishReason: { readonly unified: string; readonly raw: undefined };
  readonly usage: object;
  readonly warnings: readonly never[];
}

const USAGE = {
  inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 1, text: 1, reasoning: 0 },
};

export function callPart({ id, name, input, text, providerExecuted }: ScriptedCall): Part {
  return {
    type: "tool-call",
    toolCallId: id,
    toolName: name,
    input: text ?? JSON.stringify(input ?? {}),
    ...(providerExecuted === undefined ? {} : { providerExecuted, dynamic: true }),
  };
}

export function finishPart(unified = "tool-calls"): Part {
  return { type: "finish", finishReason: { unified, raw: undefined }, usage: USAGE };
}

/** A response with calls. */
export function calling(calls: readonly ScriptedCall[], unified = "tool-calls"): ScriptedResponse {
  const finishReason = { unified, raw: undefined };
  return { content: calls.map(callPart), finishReason, usage: USAGE, warnings: [] };
}

/** A response that ends a run. */
export function saying(text: string): ScriptedResponse {
  const finishReason = { unified: "stop", raw: undefined };
  return { content: [{ type: "text", text }], finishReason, usage: USAGE, warnings: [] };
}

/** A response as a stream that is there at once. */
export function streamOf({ content, finishReason }: ScriptedResponse): ReadableStream<Part> {
  return new ReadableStream({
    start(controller) {
      controller.enqueue({ type: "stream-start", warnings: [] });
      for (const part of content) {
        if (part.type === "text") {
          controller.enqueue({ type: "text-start", id: "t" });
          controller.enqueue({ type: "text-delta", id: "t", delta: part["text"] });
          controller.enqueue({ type: "text-end", id: "t" });
        } else {
          controller.enqueue(part);
        }
      }
      controller.enqueue(finishPart(finishReason.unified));
      controller.close();
    },
  });
}

/** A response that the test writes. */
export interface LiveResponse {
  readonly stream: ReadableStream<Part>;
  write(part: Part): void;
  end(): void;
  fail(error: unknown): void;
  /** Why nobody wants the rest; undefined while it is wanted. */
  readonly cancelled: unknown;
}

export function liveResponse(): LiveResponse {
  let controller: ReadableStreamDefaultController<Part>;
  let cancelled: unknown;
  const stream = new ReadableStream<Part>({
    start(given) {
      controller = given;
      controller.enqueue({ type: "stream-start", warnings: [] });
    },
    cancel(reason) {
      cancelled = reason ?? "cancelled";
    },
  });
  return {
    stream,
    write: (part) => controller.enqueue(part),
    end: () => controller.close(),
    fail: (error) => controller.error(error),
    get cancelled() {
      return cancelled;
    },
  };
}
