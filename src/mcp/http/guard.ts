/**
 * Who may speak to a server on this machine. Two are kept out: pages in a browser, also such as have the name of their host changed to an address of this
 * machine (DNS rebinding), and other users of the machine, who reach every port of it.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { localhostHostValidation, localhostOriginValidation } from "@modelcontextprotocol/node";

/** The least length of a token, in characters. */
const LEAST_TOKEN = 16;

/**
 * Whether a request may go on; it has been answered where it may not.
 *
 * Its `Host` must name this machine; its `Origin`, which browsers send, too. With a token, it must be that of `Authorization: Bearer`.
 */
export type Guard = (request: IncomingMessage, response: ServerResponse) => boolean;

/**
 * Makes a guard.
 *
 * @throws RangeError - when the token could be guessed
 */
export function guard(token: string | undefined): Guard {
  if (token !== undefined && !/^[\x21-\x7e]+$/.test(token)) {
    throw new RangeError("Cannot serve as the token must have printable characters without spaces");
  }
  if (token !== undefined && token.length < LEAST_TOKEN) {
    throw new RangeError(
      `Cannot serve as the token must have at least ${LEAST_TOKEN} characters: it has ${token.length}`,
    );
  }
  const checks = [localhostHostValidation(), localhostOriginValidation()];
  return (request, response) => {
    if (!checks.every((check) => check(request, response))) {
      return false;
    }
    const given = /^bearer +(\S+)$/i.exec(request.headers.authorization ?? "")?.[1];
    if (token === undefined || (given !== undefined && isSame(given, token))) {
      return true;
    }
    const error = { code: -32_000, message: "Unauthorized: the token of this server is needed" };
    response.writeHead(401, {
      "content-type": "application/json",
      "www-authenticate": "Bearer",
    });
    response.end(JSON.stringify({ jsonrpc: "2.0", error, id: null }));
    return false;
  };
}

/** Compares without telling by the time it takes how much is right. */
function isSame(given: string, token: string): boolean {
  const [a, b] = [given, token].map((text) => createHash("sha256").update(text).digest());
  return timingSafeEqual(a as Buffer, b as Buffer);
}
