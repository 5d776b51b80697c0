/** A real HTTP server that speaks like OpenAI, and misbehaves when it is told to. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { finishOf, Flights, type Exchange, type Service } from "./exchange.ts";

/** What it answers to the next request, or a function that answers by itself. */
export type Answer = Exchange | ((response: ServerResponse, request: ServerRequest) => unknown);

export interface ServerRequest {
  readonly body: Record<string, unknown>;
  readonly headers: IncomingMessage["headers"];
}

export interface ModelServer extends Service {
  readonly url: string;
  readonly received: readonly ServerRequest[];
  readonly mostInFlight: number;
  close(): Promise<void>;
}

/** Starts a server. Its script is a list, or makes an answer for each request, counted from 0. */
export async function modelServer(
  script: readonly Answer[] | ((request: ServerRequest, index: number) => Answer),
): Promise<ModelServer> {
  const received: ServerRequest[] = [];
  const flights = new Flights();
  const server = createServer((incoming, response) => {
    const end = flights.begin();
    response.on("close", end);
    const respond = async (): Promise<void> => {
      const body = JSON.parse(await readBody(incoming)) as Record<string, unknown>;
      const request = { body, headers: incoming.headers };
      const index = received.push(request) - 1;
      const answer = typeof script === "function" ? script(request, index) : script[index];
      if (answer === undefined) {
        response.writeHead(500).end("The script has ended");
      } else if (typeof answer === "function") {
        answer(response, request);
      } else {
        play(answer, body["stream"] === true, response);
      }
    };
    respond().catch(() => response.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    received,
    get requests() {
      return received.map(({ body }) => JSON.stringify(body));
    },
    get inFlight() {
      return flights.inFlight;
    },
    get mostInFlight() {
      return flights.mostInFlight;
    },
    idle: () => flights.idle(),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

async function readBody(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

/** Answers as told. */
export function play(exchange: Exchange, isStream: boolean, response: ServerResponse): void {
  const { status, headers = {} } = exchange;
  if (status !== undefined) {
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(JSON.stringify({ error: { message: `Status ${status}`, type: "error" } }));
  } else if (isStream) {
    playStream(exchange, response);
  } else {
    playWhole(exchange, response);
  }
}

function playWhole(exchange: Exchange, response: ServerResponse): void {
  const { text = [], toolCalls = [], headers = {}, breaksAfter, hangsAfter } = exchange;
  if (hangsAfter !== undefined) return;
  response.writeHead(200, { "content-type": "application/json", ...headers });
  const calls = toolCalls.map(toolCallOf);
  const json = JSON.stringify({
    id: "1",
    choices: [
      {
        index: 0,
        message: {
          role: "assistant",
          content: text.join(""),
          ...(calls.length > 0 ? { tool_calls: calls } : {}),
        },
        finish_reason: reasonOf(exchange),
      },
    ],
    ...usageOf(exchange),
  });
  if (breaksAfter === undefined) {
    response.end(json);
  } else {
    response.write(json.slice(0, json.length / 2), () => response.destroy());
  }
}

function playStream(exchange: Exchange, response: ServerResponse): void {
  const { text = [], toolCalls = [], headers = {}, breaksAfter, hangsAfter } = exchange;
  const chunk = (choice: object | undefined, more: object = {}): string =>
    `data: ${JSON.stringify({ id: "1", choices: choice === undefined ? [] : [{ index: 0, ...choice }], ...more })}\n\n`;
  const bits = [
    ...text.filter((bit) => bit !== "").map((content) => chunk({ delta: { content } })),
    ...toolCalls.map((call, index) => {
      const { id, type, function: called } = toolCallOf(call);
      const half = Math.floor(called.arguments.length / 2);
      const [one, other] = [called.arguments.slice(0, half), called.arguments.slice(half)];
      return [
        chunk({
          delta: {
            tool_calls: [{ index, id, type, function: { name: called.name, arguments: one } }],
          },
        }),
        chunk({ delta: { tool_calls: [{ index, function: { arguments: other } }] } }),
      ].join("");
    }),
  ];
  response.writeHead(200, { "content-type": "text/event-stream", ...headers });
  response.flushHeaders();
  for (const bit of bits.slice(0, hangsAfter ?? breaksAfter)) response.write(bit);
  if (hangsAfter !== undefined) return;
  if (breaksAfter !== undefined) {
    response.write(": the end\n\n", () => response.destroy());
    return;
  }
  response.write(chunk({ delta: {}, finish_reason: reasonOf(exchange) }));
  response.write(chunk(undefined, usageOf(exchange)));
  response.end("data: [DONE]\n\n");
}

function toolCallOf(call: {
  readonly id: string;
  readonly name: string;
  readonly inputText: string;
}) {
  return {
    id: call.id,
    type: "function",
    function: { name: call.name, arguments: call.inputText },
  };
}

const REASONS = {
  stop: "stop",
  length: "length",
  "content-filter": "content_filter",
  "tool-calls": "tool_calls",
  error: "error",
  other: "eos",
} as const;

function reasonOf(exchange: Exchange): string {
  return REASONS[finishOf(exchange)];
}

export function usageOf({ usage }: Exchange): object {
  if (usage === undefined) return {};
  const { inputTokens = 0, outputTokens = 0, cachedInputTokens } = usage;
  const details =
    cachedInputTokens === undefined
      ? {}
      : { prompt_tokens_details: { cached_tokens: cachedInputTokens } };
  return { usage: { prompt_tokens: inputTokens, completion_tokens: outputTokens, ...details } };
}
