/** A `fetch` whose answers hold no message that is too long: bytes are counted as they arrive, and no more of them is read. */
import { isJSONRPCRequest } from "@modelcontextprotocol/client";
import { EventBytes } from "./event-bytes.ts";

/** What answers are bounded by. */
export interface MessageBound {
  /** How long a message may be, in bytes. */
  readonly bytes: number;
  /** Whether the answer to a request may be a stream of messages, not that to a `GET` alone. */
  readonly streamsAnswers: boolean;
  /** Called when one is longer, before its body fails. */
  onTooLong(): void;
}

/** Makes it. What is no stream of events is one message. */
export function boundedFetch(bound: MessageBound): typeof fetch {
  return async (url, init) => {
    const response = await fetch(url, init);
    if (response.body === null) {
      return response;
    }
    const bytes = isStream(response, init, bound) ? new EventBytes() : new AllBytes();
    const counting = new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        if (bytes.add(chunk) > bound.bytes) {
          bound.onTooLong();
          controller.error(new Error(`Cannot read an answer of more than ${bound.bytes} bytes`));
          return;
        }
        controller.enqueue(chunk);
      },
    });
    const { status, statusText, headers } = response;
    return new Response(response.body.pipeThrough(counting), { status, statusText, headers });
  };
}

/** Whether the transport reads it event by event. Whatever else is streamed it would collect. */
function isStream(
  { ok, status, headers }: Response,
  { method = "GET", body }: RequestInit = {},
  { streamsAnswers }: MessageBound,
): boolean {
  return (
    ok &&
    status !== 202 &&
    /^\s*text\/event-stream\s*(?:;|$)/i.test(headers.get("content-type") ?? "") &&
    (method === "GET" || (streamsAnswers && isRequest(body)))
  );
}

/** Whether it is answered by messages: to anything else the answer is not looked at. */
function isRequest(body: unknown): boolean {
  return typeof body === "string" && isJSONRPCRequest(JSON.parse(body));
}

/** Counts the bytes of one message. */
class AllBytes {
  #count = 0;

  add({ length }: Uint8Array): number {
    this.#count += length;
    return this.#count;
  }
}
