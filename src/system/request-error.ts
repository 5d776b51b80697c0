/** What went wrong with a request, in words. */
import { errorCode } from "./file-error.ts";

/** By the code of the system, of TLS or of Node's client; where it has none, by the message. */
const RULES: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nobody listens there",
  ECONNRESET: "the connection was closed before the answer was complete",
  EPIPE: "the connection was closed before the answer was complete",
  UND_ERR_SOCKET: "the connection was closed before the answer was complete",
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: "the answer has another length than it says",
  UND_ERR_HEADERS_OVERFLOW: "the headers of the answer are too large",
  UND_ERR_CONNECT_TIMEOUT: "it could not be reached in time",
  UND_ERR_HEADERS_TIMEOUT: "it did not answer in time",
  UND_ERR_BODY_TIMEOUT: "it stopped in the middle of its answer",
  ENOTFOUND: "no host has this name",
  EAI_AGAIN: "the name of the host could not be looked up",
  ETIMEDOUT: "it could not be reached in time",
  EHOSTUNREACH: "there is no way to the host",
  ENETUNREACH: "there is no way to its network",
  CERT_HAS_EXPIRED: "its certificate has expired",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is signed by itself",
  SELF_SIGNED_CERT_IN_CHAIN: "its certificate is signed by one that is not trusted",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its certificate is signed by one that is not trusted",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another host",
  ERR_SSL_WRONG_VERSION_NUMBER: "it does not speak TLS",
  HPE_HEADER_OVERFLOW: "the headers of the answer are too large",
  Z_BUF_ERROR: "its answer cannot be decompressed",
  Z_DATA_ERROR: "its answer cannot be decompressed",
  ERR_INVALID_URL: "it redirects to something that is no URL",
  "URL scheme must be a HTTP(S) scheme": "it redirects to something that is neither http nor https",
  "redirect count exceeded": "it redirects more than 20 times",
  "bad port": "the platform makes no requests to this port",
};

/** `fetch` says "fetch failed", and why in the cause, which may be several: one for each address of the host. */
export function requestError(url: URL, error: unknown): Error {
  const cause = innermost(error);
  const code = errorCode(cause) ?? "";
  const [message = ""] = (cause instanceof Error ? cause.message : String(cause)).split("\n");
  // Newer versions of the client know codes only for some of what is not HTTP.
  const isNoHttp =
    cause instanceof Error && (cause.name === "HTTPParserError" || code.startsWith("HPE_"));
  const rule = RULES[code || message] ?? (isNoHttp ? "its answer is not HTTP" : message);
  const detail = code === "" ? "" : `: ${code}`;
  return new Error(`Cannot complete the request to ${url.host} as ${rule}${detail}`, { cause });
}

function innermost(error: unknown): unknown {
  if (error instanceof AggregateError && error.errors.length > 0) {
    return innermost(error.errors[0]);
  }
  return error instanceof Error && error.cause !== undefined ? innermost(error.cause) : error;
}
