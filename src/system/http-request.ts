/** Makes one HTTP request, and says in words what went wrong with whom. */
import { WritableStream } from "node:stream/web";
import { requestError } from "./request-error.ts";
import { requestUrl } from "./request-url.ts";

/** A request. */
export interface HttpRequestOptions {
  /** `http:` or `https:`. A user and password in it become an `authorization` header, unless there is one. */
  readonly url: string;
  /** @defaultValue `"GET"`, with a body `"POST"` */
  readonly method?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: string | Uint8Array | undefined;
  /** Stops the request; the promise then rejects with its reason. */
  readonly signal: AbortSignal;
  /**
   * How long the server may take to begin its answer, redirects included, and how long it may then be silent, in milliseconds.
   *
   * @defaultValue 300000 (5 minutes)
   */
  readonly answerWithinMs?: number | undefined;
  /** The most bytes that the body of the answer may have, after decompression. @defaultValue 16777216 (16 MiB) */
  readonly limitBytes?: number | undefined;
}

/** An answer, whatever its status. */
export interface HttpResponse {
  /** Such as 200 or 500. */
  readonly status: number;
  /** What the server calls it; may be empty. */
  readonly statusText: string;
  /** By lower-case name. Several of one name are joined by `", "`. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body, read as UTF-8; bytes that are none become U+FFFD. */
  readonly text: string;
  /** Where the answer came from, after redirects; without a user and password. */
  readonly url: string;
}

const DEFAULT_LIMIT_BYTES = 16 * 1024 * 1024;

const DEFAULT_ANSWER_WITHIN_MS = 300_000;

/**
 * Makes a request, follows up to 20 redirects, and reads the whole answer. Any status is an answer: the caller decides what is a failure.
 *
 * Guarantees: errors name the host and say what happened, but repeat no path, query, header, user or password. No more than `limitBytes`
 * is kept. When the promise settles, the connection is idle or closed.
 * Does not retry, keep cookies or use a proxy. At a redirect to another host only `authorization` and `cookie` are left out; headers of
 * your own go along.
 *
 * @throws TypeError - when the URL, the method or a header is not one
 * @throws RangeError - when the body has more than `limitBytes`
 * @throws Error - when there is no complete answer; `cause` is what the system or the client said
 */
export async function httpRequest(options: HttpRequestOptions): Promise<HttpResponse> {
  const { method, body, signal, limitBytes = DEFAULT_LIMIT_BYTES } = options;
  const { answerWithinMs = DEFAULT_ANSWER_WITHIN_MS } = options;
  signal.throwIfAborted();
  const url = requestUrl(options.url);
  const headers = parseHeaders(options.headers, takeCredentials(url));
  const request = parseRequest(url, {
    method: method ?? (body === undefined ? "GET" : "POST"),
    headers,
    body: body ?? null,
  });
  const silence = new SilenceLimit(answerWithinMs);
  const either = AbortSignal.any([signal, silence.signal]);
  try {
    const response = await fetch(request, { signal: either });
    silence.restart();
    const { status, statusText } = response;
    const text = await readBody(response, { host: url.host, limitBytes, signal: either, silence });
    const headersByName = Object.fromEntries(response.headers);
    return { status, statusText, headers: headersByName, text, url: response.url };
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof RangeError ? error : requestError(url, error);
  } finally {
    silence.clear();
  }
}

/** Takes user and password out of the URL: `fetch` refuses them there. */
function takeCredentials(url: URL): string | undefined {
  const { username, password } = url;
  if (username === "" && password === "") {
    return undefined;
  }
  url.username = "";
  url.password = "";
  return `Basic ${Buffer.from(`${decode(username)}:${decode(password)}`).toString("base64")}`;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // A percent sign that stands for itself.
  }
}

function parseHeaders(given: HttpRequestOptions["headers"], authorization?: string): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(given ?? {})) {
    try {
      headers.append(name, value);
    } catch {
      // Neither the message of the platform nor its error goes along: they repeat the value.
      throw new TypeError(`Cannot make a request as HTTP allows no such header: "${name}"`);
    }
  }
  if (authorization !== undefined && !headers.has("authorization")) {
    headers.set("authorization", authorization);
  }
  return headers;
}

function parseRequest(url: URL, init: RequestInit & { readonly method: string }): Request {
  try {
    return new Request(url, init);
  } catch (error) {
    throw new TypeError(
      `Cannot make a request to ${url.host} as its method or body is refused: ${init.method}`,
      { cause: error },
    );
  }
}

/**
 * Aborts where nothing comes for too long.
 *
 * Node's client has limits of its own for a server that is silent, but some versions of it do not see all: they wait for ever where the
 * connection closes before the request is sent, or with a body that cannot be decompressed.
 */
class SilenceLimit {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;
  #code = "UND_ERR_HEADERS_TIMEOUT";

  constructor(limitMs: number) {
    this.#timer = setTimeout(() => {
      this.#controller.abort(Object.assign(new Error("late"), { code: this.#code }));
    }, limitMs);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Begins anew, as the server has said something. */
  restart(): void {
    this.#code = "UND_ERR_BODY_TIMEOUT";
    this.#timer.refresh();
  }

  clear(): void {
    clearTimeout(this.#timer);
  }
}

interface BodyOptions {
  readonly host: string;
  readonly limitBytes: number;
  readonly signal: AbortSignal;
  readonly silence: SilenceLimit;
}

async function readBody(response: Response, options: BodyOptions): Promise<string> {
  const { host, limitBytes, signal, silence } = options;
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  const reader = new WritableStream<Uint8Array>({
    write(chunk) {
      silence.restart();
      bytes += chunk.length;
      if (bytes > limitBytes) {
        throw new RangeError(
          `Cannot read the answer of ${host} as it may have ${limitBytes} bytes, and has more`,
        );
      }
      text += decoder.decode(chunk, { stream: true });
    },
  });
  // A failure or an abort closes the connection.
  await response.body?.pipeTo(reader, { signal });
  return text + decoder.decode();
}
