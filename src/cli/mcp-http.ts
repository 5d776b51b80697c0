/** `fanfold mcp --http`: where it is served, and who may come in. */
import { randomBytes } from "node:crypto";
import { serverFactory } from "../mcp/server.ts";
import type { McpService } from "../mcp/service.ts";

/** What clients speak to a service by. */
export interface McpConnection {
  /** Lets no more clients in. */
  stop(): void;
  close(): Promise<void>;
}

/** How a service is served. */
export interface HttpOptions {
  readonly port: number;
  /** What clients must send; undefined for a new one, which is printed; false where everybody on this machine may come in. */
  readonly token: string | undefined | false;
}

const TOKEN_VARIABLE = "FANFOLD_MCP_TOKEN";

/** The token that the environment gives; undefined where it gives none, or an empty one. It is taken out, also where secrets are kept: no command needs it. */
export function takeToken(environment: Record<string, string | undefined>): string | undefined {
  const token = environment[TOKEN_VARIABLE];
  Reflect.deleteProperty(environment, TOKEN_VARIABLE);
  return token === "" ? undefined : token;
}

/**
 * Serves over HTTP on this machine alone, at an address that is printed to standard error.
 *
 * @throws RangeError - as a rejection, when the token could be guessed
 * @throws Error - as a rejection, when the port is taken or may not be used
 */
export async function overHttp(
  service: McpService,
  { port, token: given }: HttpOptions,
): Promise<McpConnection> {
  const { openEndpoint } = await import("../mcp/http/endpoint.ts");
  const token = given === false ? undefined : (given ?? randomBytes(24).toString("base64url"));
  const endpoint = await openEndpoint({
    makeServer: serverFactory(service),
    port,
    token,
    onError: (message) => process.stderr.write(`${message}\n`),
  });
  process.stderr.write(`Serving at ${endpoint.url}\n${whoMayCome({ token, given })}\n`);
  return endpoint;
}

function whoMayCome({
  token,
  given,
}: {
  readonly token: string | undefined;
  readonly given: HttpOptions["token"];
}): string {
  if (token === undefined) {
    return "Without a token: every process of this machine, also of its other users, may do all that this server can";
  }
  return given === undefined
    ? `Clients must send the header Authorization: Bearer ${token}`
    : `Clients must send the token of ${TOKEN_VARIABLE} in the header Authorization: Bearer`;
}
