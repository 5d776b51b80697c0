/** Draws from the latencies of real model endpoints. */
import { readRequests, tracePath, type Request } from "../support/endpoints.ts";
import { integer } from "../support/random.ts";
import { median } from "../support/statistics.ts";
import type { Duration, DurationMaker } from "./durations.ts";

/**
 * Draws requests that some endpoint really answered, each as likely as the other. What one could have known of one is the median
 * of its endpoint. Undefined where the traces are absent.
 */
export function traceDurations(): DurationMaker | undefined {
  const requests = readRequests();
  if (requests === undefined) {
    return undefined;
  }
  const durations = withMedians(requests);
  return (random) => {
    const duration = durations[integer(random, 0, durations.length - 1)];
    if (duration === undefined) {
      throw new RangeError(`Cannot draw from traces as there must be one request: ${tracePath}`);
    }
    return duration;
  };
}

function withMedians(requests: readonly Request[]): readonly Duration[] {
  const byEndpoint = new Map<string, number[]>();
  for (const { endpoint, durationMs } of requests) {
    const known = byEndpoint.get(endpoint) ?? [];
    known.push(durationMs);
    byEndpoint.set(endpoint, known);
  }
  const medians = new Map([...byEndpoint].map(([endpoint, all]) => [endpoint, median(all)]));
  return requests.map(({ endpoint, durationMs }) => ({
    durationMs,
    expectedMs: medians.get(endpoint) ?? durationMs,
  }));
}
