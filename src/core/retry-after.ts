/** How long a server asks its callers to wait: the header `Retry-After` (RFC 9110, section 10.2.3), and `retry-after-ms`. */

/** Where errors of HTTP clients carry the headers of an answer. */
interface Answer {
  readonly headers?: unknown;
  readonly responseHeaders?: unknown;
  readonly response?: unknown;
  readonly cause?: unknown;
}

/** How far below an error the answer is looked for. */
const DEEPEST = 3;

/**
 * The wait that an error's headers ask for, in milliseconds; undefined when it has none, or none that can be understood.
 *
 * Headers are looked for in `headers`, `responseHeaders` and `response.headers` of the error and of its causes, as an object with
 * `get` or as names and values. Understood are milliseconds (`retry-after-ms`), seconds, and a date, which is compared with the
 * server's own `Date`: the clock of this machine may differ.
 */
export function retryAfterMs(error: unknown): number | undefined {
  for (let at: unknown = error, depth = 0; isObject(at) && depth < DEEPEST; depth += 1) {
    const { headers, responseHeaders, response, cause }: Answer = at;
    const inner = isObject(response) ? (response as Answer).headers : undefined;
    for (const each of [headers, responseHeaders, inner]) {
      const told = isObject(each) ? waitIn(each) : undefined;
      if (told !== undefined) {
        return told;
      }
    }
    at = cause;
  }
  return undefined;
}

function waitIn(headers: object): number | undefined {
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
  const [until, now] = [secondsOf(after), secondsOf(headerOf(headers, "date") ?? "")];
  return until === undefined || now === undefined ? undefined : Math.max(0, until - now) * 1000;
}

const NUMBER = /^\d{1,10}(?:\.\d+)?$/;

function headerOf(headers: object, name: string): string | undefined {
  const { get } = headers as { readonly get?: unknown };
  const value: unknown =
    typeof get === "function"
      ? get.call(headers, name)
      : Object.entries(headers).find(([each]) => each.toLowerCase() === name)?.[1];
  const one: unknown = Array.isArray(value) ? value[0] : value;
  return typeof one === "string" || typeof one === "number" ? String(one).trim() : undefined;
}

const DATE = /^[A-Z][a-z]{2}, (\d{2}) ([A-Z][a-z]{2}) (\d{4}) (\d{2}):(\d{2}):(\d{2}) GMT$/;
const MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";

/** A date of HTTP (IMF-fixdate) in seconds since a fixed day; undefined when it is none. */
function secondsOf(text: string): number | undefined {
  const [, day, monthName = "", year, hour, minute, second] = DATE.exec(text) ?? [];
  const month = MONTHS.indexOf(monthName) / 3 + 1;
  return day === undefined || !Number.isInteger(month) || month < 1
    ? undefined
    : ((dayNumber(Number(year), month, Number(day)) * 24 + Number(hour)) * 60 + Number(minute)) *
        60 +
        Number(second);
}

/** Days since a fixed one (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `days_from_civil`). */
function dayNumber(year: number, month: number, day: number): number {
  const from = month <= 2 ? year - 1 : year; // Years begin in March, so that the leap day is their last.
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  return (
    from * 365 + Math.floor(from / 4) - Math.floor(from / 100) + Math.floor(from / 400) + dayOfYear
  );
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
