/** How long a server asks its callers to wait: the header `Retry-After` (RFC 9110, section 10.2.3), and `retry-after-ms`. */
import { httpDateSeconds } from "./date-seconds.ts";
import { answersIn, headerOf } from "./http-answer.ts";

/**
 * The wait that an error's headers ask for, in milliseconds; undefined when it has none, or none that can be understood.
 *
 * Headers are looked for in `headers`, `responseHeaders` and `response.headers` of the error and of its causes, as an object with
 * `get`, as names and values, or as a list of them.
 */
export function retryAfterMs(error: unknown): number | undefined {
  for (const { headers } of answersIn(error)) {
    for (const each of headers) {
      const asked = askedMs(each);
      if (asked !== undefined) {
        return asked;
      }
    }
  }
  return undefined;
}

/**
 * The wait that headers ask for, in milliseconds. Understood are milliseconds (`retry-after-ms`), seconds, and a date, which is
 * compared with the server's own `Date`: the clock of this machine may differ.
 */
export function askedMs(headers: object): number | undefined {
  const ms = headerOf(headers, "retry-after-ms");
  if (ms !== undefined && NUMBER.test(ms)) {
    return Number(ms);
  }
  const after = headerOf(headers, "retry-after");
  if (after === undefined) {
    return undefined;
  }
  if (NUMBER.test(after)) {
    return Number(after) * 1000;
  }
  const [until, now] = [httpDateSeconds(after), httpDateSeconds(headerOf(headers, "date") ?? "")];
  return until === undefined || now === undefined ? undefined : Math.max(0, until - now) * 1000;
}

const NUMBER = /^\d{1,10}(?:\.\d+)?$/;
