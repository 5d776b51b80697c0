/** How long the answers of real model endpoints took, to be drawn from. */
import type { Request } from "../support/endpoints.ts";
import { integer, type Random } from "../support/random.ts";

/** How an answer came. */
export interface Reply {
  /** Until its first token, up to `durationMs`. */
  readonly firstMs: number;
  /** Until its last. */
  readonly durationMs: number;
  readonly outputTokens: number;
}

/** What one endpoint answered: one reply at the least. */
export type Endpoint = readonly Reply[];

/** The endpoints, in the order of the requests. */
export function endpointsOf(requests: readonly Request[]): readonly Endpoint[] {
  const endpoints = new Map<string, Reply[]>();
  for (const { endpoint, ...reply } of requests) {
    endpoints.set(endpoint, [...(endpoints.get(endpoint) ?? []), reply]);
  }
  return [...endpoints.values()];
}

/** So many replies of an endpoint, each as likely as the other. */
export function drawReplies(random: Random, endpoint: Endpoint, count: number): readonly Reply[] {
  return Array.from({ length: count }, () => {
    const reply = endpoint[integer(random, 0, endpoint.length - 1)];
    if (reply === undefined) {
      throw new RangeError("Cannot draw replies as an endpoint must have one: none");
    }
    return reply;
  });
}
