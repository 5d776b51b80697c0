/** Asks a server for a page, and connects to nobody who was not allowed: by name at each redirect, and by the address itself. */
import { lookup as systemLookup } from "node:dns/promises";
import { request as requestHttp, type IncomingMessage } from "node:http";
import { request as requestHttps } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { pipeline, type Readable } from "node:stream";
import { createBrotliDecompress, createUnzip } from "node:zlib";
import { untilAborted } from "../core/until-aborted.ts";
import { requestError } from "./request-error.ts";
import { timeLimit } from "./time-limit.ts";

/** An address of a host. */
export interface HostAddress {
  readonly address: string;
  readonly family: number;
}

/** Whom to ask, and who may be asked. */
export interface GuardedRequestOptions {
  readonly url: string;
  /** Called for the URL and for each that it redirects to, before anything is looked up. What it throws ends the request. */
  checkUrl(url: URL): void;
  /** Whether an address may be connected to under the host of this URL. */
  allowsAddress(url: URL, address: string): boolean;
  /** Stops the request; the promise then rejects with its reason. */
  readonly signal: AbortSignal;
  /** How long all of it may take, redirects included, in milliseconds. */
  readonly timeoutMs: number;
  /** How much of the body is read, in bytes, after decompression. */
  readonly limitBytes: number;
  /** Finds the addresses of a host. @defaultValue that of the system */
  readonly lookup?: ((host: string) => Promise<readonly HostAddress[]>) | undefined;
}

/** An answer, whatever its status. */
export interface GuardedResponse {
  readonly status: number;
  readonly statusText: string;
  readonly contentType: string;
  readonly body: Buffer;
  /** Whether the body is longer. */
  readonly truncated: boolean;
  /** Where it came from, after redirects. */
  readonly url: string;
}

/** An address is refused: nobody was connected to. */
export class AddressRefusedError extends Error {
  override readonly name = "AddressRefusedError";
}

const MOST_REDIRECTS = 5;

const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/**
 * Makes a GET request, follows up to 5 redirects, and reads the answer up to a limit.
 *
 * Guarantees: every connection goes to an address that `allowsAddress` was asked about under that URL, however often the name is looked up
 * with another result: it is looked up once, and those addresses are connected to. No connection is used again or left open. Sends no
 * cookies and no credentials, and uses no proxy.
 *
 * @throws TypeError - when the URL cannot be read or is neither http nor https; also that of a redirect
 * @throws AddressRefusedError - when a host has no address that is allowed
 * @throws Error - when there is no complete answer, or not in time
 */
export async function guardedRequest(options: GuardedRequestOptions): Promise<GuardedResponse> {
  const { signal, timeoutMs } = options;
  signal.throwIfAborted();
  const time = timeLimit(signal, timeoutMs);
  let url = parseUrl(options.url);
  try {
    for (let redirects = 0; ; redirects += 1) {
      options.checkUrl(url);
      const response = await connect(url, options, time.signal);
      const next = redirectOf(url, response);
      if (next === undefined) {
        return await readAnswer(url, response, options);
      }
      response.destroy();
      if (redirects === MOST_REDIRECTS) {
        throw new TypeError(
          `Cannot follow ${url.host} as it redirects more than ${MOST_REDIRECTS} times`,
        );
      }
      url = next;
    }
  } catch (error) {
    signal.throwIfAborted();
    if (time.isOver) {
      throw new Error(
        `Cannot complete the request to ${url.host} as it took longer than ${timeoutMs} ms`,
        { cause: error },
      );
    }
    throw error;
  } finally {
    time.clear();
  }
}

function parseUrl(text: string, base?: URL): URL {
  const from = base === undefined ? "" : `, to which ${base.host} redirects,`;
  if (!URL.canParse(text, base?.href)) {
    throw new TypeError(
      `Cannot make a request as its URL${from} cannot be read: ${JSON.stringify(text)}`,
    );
  }
  const url = new URL(text, base);
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new TypeError(
      `Cannot make a request as its URL${from} is neither http nor https: ${JSON.stringify(text)}`,
    );
  }
  return url;
}

function redirectOf(url: URL, { statusCode, headers }: IncomingMessage): URL | undefined {
  return REDIRECTS.has(statusCode ?? 0) && headers.location !== undefined
    ? parseUrl(headers.location, url)
    : undefined;
}

async function connect(
  url: URL,
  options: GuardedRequestOptions,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  // To look up a name cannot be stopped, and may take long.
  const addresses = await untilAborted(signal, addressesOf(url, host, options));
  const allowed = addresses.filter(({ address }) => options.allowsAddress(url, address));
  if (allowed.length === 0) {
    const given = addresses.map(({ address }) => address).join(", ");
    throw new AddressRefusedError(
      `Cannot connect to ${url.host} as it has no address that is allowed: ${given}`,
    );
  }
  return await new Promise((resolve, reject) => {
    const request = (url.protocol === "https:" ? requestHttps : requestHttp)(url, {
      agent: false,
      lookup: answering(allowed),
      headers: { "user-agent": "fanfold", accept: "*/*", "accept-encoding": "gzip, deflate, br" },
      signal,
    });
    request.once("response", resolve);
    // After an answer it still tells of a connection that breaks, which whoever reads the body hears of too.
    request.on("error", (error) => reject(requestError(url, error)));
    request.end();
  });
}

async function addressesOf(
  url: URL,
  host: string,
  { lookup = lookUp }: GuardedRequestOptions,
): Promise<readonly HostAddress[]> {
  const family = isIP(host);
  if (family !== 0) {
    return [{ address: host, family }];
  }
  try {
    return await lookup(host);
  } catch (error) {
    throw requestError(url, error);
  }
}

async function lookUp(host: string): Promise<readonly HostAddress[]> {
  return await systemLookup(host, { all: true });
}

/** Answers with what was looked up before: so what was checked is what is connected to. */
function answering(addresses: readonly HostAddress[]): LookupFunction {
  return (_host, { all }, done) => {
    const [first] = addresses;
    if (all === true) {
      done(null, [...addresses]);
    } else {
      done(null, first?.address ?? "", first?.family ?? 0);
    }
  };
}

async function readAnswer(
  url: URL,
  response: IncomingMessage,
  { limitBytes }: GuardedRequestOptions,
): Promise<GuardedResponse> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of decompressed(response) as AsyncIterable<Buffer>) {
      chunks.push(chunk.subarray(0, limitBytes - bytes));
      bytes += chunk.length;
      if (bytes > limitBytes) {
        break;
      }
    }
  } catch (error) {
    throw requestError(url, error);
  } finally {
    response.destroy();
  }
  return {
    status: response.statusCode ?? 0,
    statusText: response.statusMessage ?? "",
    contentType: response.headers["content-type"] ?? "",
    body: Buffer.concat(chunks),
    truncated: bytes > limitBytes,
    url: url.href,
  };
}

function decompressed(response: IncomingMessage): Readable {
  const encoding = response.headers["content-encoding"]?.trim().toLowerCase() ?? "";
  switch (encoding) {
    case "":
    case "identity":
      return response;
    case "gzip":
    case "x-gzip":
    case "deflate":
      return pipeline(response, createUnzip(), ignore);
    case "br":
      return pipeline(response, createBrotliDecompress(), ignore);
    default:
      throw new Error(`it is compressed in a way that is not known here, ${encoding}`);
  }
}

/** Whoever reads the last of the streams hears of the error. */
function ignore(): void {}
