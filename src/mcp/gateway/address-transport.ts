/** The connections to servers at addresses, as transports of the client: a call fails as soon as no answer to it can come any more. */
import {
  isJSONRPCRequest,
  SdkHttpError,
  SSEClientTransport,
  SseError,
  StreamableHTTPClientTransport,
  type Transport,
} from "@modelcontextprotocol/client";
import { boundedFetch } from "./bounded-fetch.ts";
import type { AddressTarget } from "./inner-settings.ts";
import { LONGEST_MESSAGE, SENT_TOO_LONG } from "./longest-message.ts";
import { reasonOf } from "./reason-of.ts";

/** The code of JSON-RPC for what a server itself makes of a request. */
const SERVER_ERROR = -32_000;

/** The way to a server at an address. */
export interface AddressWay {
  readonly transport: Transport;
  /** How its connection was ended from here; undefined while it was not. */
  howEnded(): string | undefined;
}

/** Makes the transport that a server speaks. It is closed at a message that is too long. */
export function addressTransport({ url, headers, isOld }: AddressTarget): AddressWay {
  let howEnded: string | undefined;
  const onTooLong = (): void => {
    howEnded = `the connection was closed, as the server ${SENT_TOO_LONG}`;
    transport.close().catch(() => undefined); // That it is closed is told by its end.
  };
  const bound = { bytes: LONGEST_MESSAGE, streamsAnswers: !isOld, onTooLong };
  const options = { requestInit: { headers: { ...headers } }, fetch: boundedFetch(bound) };
  const transport = isOld
    ? closedWithItsStream(new SSEClientTransport(new URL(url), options))
    : answeredByItsStreams(new StreamableHTTPClientTransport(new URL(url), options));
  return { transport, howEnded: () => howEnded };
}

/** Why a server at an address cannot be reached, with what is probably wrong with its configuration. */
export function addressProblem(error: unknown, { isOld }: AddressTarget): string {
  const status =
    error instanceof SdkHttpError
      ? error.status
      : error instanceof SseError
        ? error.code
        : undefined;
  const reason = reasonOf(error).replace(/: *$/, "");
  if (status === undefined) {
    return reason;
  }
  const told = reason.includes(String(status)) ? reason : `${reason} (HTTP ${status})`;
  if (status !== 404 && status !== 405) {
    return told;
  }
  return isOld
    ? `${told}; if its transport is a newer one than that of 2024, "type" must be "http"`
    : `${told}; if it has the transport of 2024, "type" must be "sse"`;
}

/** All answers come by one stream: where it breaks, those that are missing never come, whatever another stream might bring. */
function closedWithItsStream(transport: SSEClientTransport): Transport {
  const onerror = (problem: Error): void => {
    if (problem instanceof SseError) {
      transport.close().catch(() => undefined); // Nothing of it is open.
    }
  };
  return Object.assign(transport, { onerror });
}

/** Each answer comes by a stream of its own: where that ends without it, it never comes. */
function answeredByItsStreams(transport: StreamableHTTPClientTransport): Transport {
  const sendOn: Transport["send"] = transport.send.bind(transport);
  const send: Transport["send"] = async (message, options) => {
    const onRequestStreamEnd = (): void => {
      options?.onRequestStreamEnd?.();
      if (isJSONRPCRequest(message)) {
        const text = "its connection was closed without an answer; it may have had its effect";
        const error = { code: SERVER_ERROR, message: text };
        transport.onmessage?.({ jsonrpc: "2.0", id: message.id, error }); // Passed over where it was answered.
      }
    };
    await sendOn(message, { ...options, onRequestStreamEnd });
  };
  return Object.assign(transport, { send });
}
