/**
 * What a service says of its limits beside an answer: `x-ratelimit-*` and `anthropic-ratelimit-*`. Only that nothing is left is of use
 * to a limit that counts for itself: somebody else uses the service, too.
 */
import { httpDateSeconds, internetDateSeconds } from "../date-seconds.ts";
import { headerOf } from "../http-answer.ts";

/** The headers of one limit of a service. */
interface Family {
  readonly left: string;
  readonly reset: string;
  /** Absent where all is given back at once. */
  readonly limit?: string;
  readonly unit: "request" | "token" | "window";
}

const FAMILIES: readonly Family[] = [
  { left: "x-ratelimit-remaining", reset: "x-ratelimit-reset", unit: "window" },
  ...(["request", "token"] as const).map((unit) => ({
    left: `x-ratelimit-remaining-${unit}s`,
    reset: `x-ratelimit-reset-${unit}s`,
    limit: `x-ratelimit-limit-${unit}s`,
    unit,
  })),
  ...["requests", "tokens", "input-tokens", "output-tokens"].map((name) => ({
    left: `anthropic-ratelimit-${name}-remaining`,
    reset: `anthropic-ratelimit-${name}-reset`,
    limit: `anthropic-ratelimit-${name}-limit`,
    unit: name === "requests" ? ("request" as const) : ("token" as const),
  })),
];

/**
 * For how long nothing is left, in milliseconds; undefined when something is, or nothing was understood.
 *
 * Where a limit is filled again little by little, its reset is when it is full: then the wait is until there is enough for one request,
 * which takes `tokens`. Where it is filled at once (`x-ratelimit-reset` by itself), the wait is until then.
 */
export function exhaustedMs(headers: object, tokens: number): number | undefined {
  const waits = FAMILIES.flatMap(({ left, reset, limit, unit }) => {
    if (headerOf(headers, left) !== "0") {
      return [];
    }
    const resetMs = delayOf(headerOf(headers, reset) ?? "", headers);
    if (resetMs === undefined) {
      return [];
    }
    const most = Number(limit === undefined ? Number.NaN : headerOf(headers, limit));
    const needed = unit === "token" ? tokens : 1;
    return [most > 0 ? resetMs * Math.min(1, needed / most) : resetMs];
  });
  return waits.length === 0 ? undefined : Math.max(...waits);
}

const NUMBER = /^\d{1,15}(?:\.\d+)?$/;

/** Numbers from here are no delays but seconds since 1970, and a thousand times as much is milliseconds. */
const FIRST_DATE = 1e9;

/** A delay or a date, in milliseconds from now. Dates are compared with the server's own `Date`. */
function delayOf(text: string, headers: object): number | undefined {
  if (NUMBER.test(text) && Number(text) < FIRST_DATE) {
    return Number(text) * 1000;
  }
  const untilMs = dateMsOf(text);
  const now = httpDateSeconds(headerOf(headers, "date") ?? "");
  return untilMs === undefined ? durationMsOf(text) : now && Math.max(0, untilMs - now * 1000);
}

function dateMsOf(text: string): number | undefined {
  if (NUMBER.test(text)) {
    const number = Number(text);
    return number < FIRST_DATE * 1000 ? number * 1000 : number;
  }
  const seconds = internetDateSeconds(text);
  return seconds && seconds * 1000;
}

const DURATION = /^(?:\d+(?:\.\d+)?(?:ms|[dhms]))+$/;
const PART = /(\d+(?:\.\d+)?)(ms|[dhms])/g;
const UNITS_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** A duration such as `6m0s`, `1.5s` or `20ms`. */
function durationMsOf(text: string): number | undefined {
  if (!DURATION.test(text)) {
    return undefined;
  }
  let sumMs = 0;
  for (const [, number, unit = ""] of text.matchAll(PART)) {
    sumMs += Number(number) * (UNITS_MS[unit] ?? 0);
  }
  return sumMs;
}
