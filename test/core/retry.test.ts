import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { retryAfterMs } from "../../src/core/retry-after.ts";
import { retryBudget, settle, type RetryOptions, type RunEvent } from "../../src/index.ts";
import { virtualClock } from "../../src/testing/index.ts";

/** The delays between the attempts of a task that always throws `error`, in milliseconds. */
async function delaysOf(
  retry: RetryOptions | true,
  error: unknown = new Error("down"),
): Promise<number[]> {
  const delays: number[] = [];
  const observe = (event: RunEvent): void => {
    if (event.type === "attempt-retrying") {
      delays.push(event.delayMs);
    }
  };
  await settle(
    { a: { retry, run: () => Promise.reject(error) } },
    { clock: virtualClock(), observe },
  );
  return delays;
}

describe("the delay before a retry", () => {
  test("grows to its longest, all of it where nothing is left to chance", async () => {
    const retry = {
      attempts: 6,
      delayMs: 100,
      factor: 3,
      maxDelayMs: 2000,
      jitter: "none",
    } as const;
    expect(await delaysOf(retry)).toEqual([100, 300, 900, 2000, 2000]);
  });

  test("is a part of that by chance, from nothing to all of it", async () => {
    const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    await fc.assert(
      fc.asyncProperty(fc.array(chance, { minLength: 3, maxLength: 3 }), async (parts) => {
        const left = [...parts];
        const random = (): number => left.shift() ?? 0;
        const delays = await delaysOf({ attempts: 4, delayMs: 100, factor: 2, random });
        const longest = [100, 200, 400];
        expect(delays).toEqual(parts.map((part, index) => part * (longest[index] ?? 0)));
      }),
    );
  });

  test("of `true` makes three attempts, with at most one second and then two", async () => {
    const [first = -1, second = -1, ...more] = await delaysOf(true);
    expect(more).toEqual([]);
    expect(first).toBeGreaterThanOrEqual(0);
    expect(first).toBeLessThan(1000);
    expect(second).toBeLessThan(2000);
  });

  test("comes after the wait that the server asked for", async () => {
    const error = Object.assign(new Error("busy"), { headers: { "retry-after": "7" } });
    expect(await delaysOf({ attempts: 3, delayMs: 100, jitter: "none" }, error)).toEqual([
      7100, 7200,
    ]);
  });

  test.each([
    { attempts: 0 },
    { delayMs: -1 },
    { factor: 0.5 },
    { maxDelayMs: Infinity },
    { jitter: "some" as never },
  ])("refuses %j", async (retry) => {
    await expect(delaysOf(retry)).rejects.toThrow(RangeError);
  });
});

describe("the wait that a server asks for", () => {
  const date = "Sun, 28 Feb 2027 23:59:30 GMT";

  test.each([
    ["seconds", { headers: { "Retry-After": "2" } }, 2000],
    [
      "milliseconds, which go first",
      { headers: { "retry-after-ms": "250", "retry-after": "9" } },
      250,
    ],
    ["headers with get", { headers: new Headers({ "retry-after": "1.5" }) }, 1500],
    ["an answer", { response: { headers: new Headers({ "retry-after": "3" }) } }, 3000],
    ["headers of an SDK", { responseHeaders: { "retry-after": "4" } }, 4000],
    ["a cause", { cause: { headers: { "retry-after": "5" } } }, 5000],
    ["a list of values", { headers: { "retry-after": ["6", "7"] } }, 6000],
    ["a date", { headers: { "retry-after": "Mon, 01 Mar 2027 00:00:10 GMT", date } }, 40_000],
    [
      "a date that is over",
      { headers: { "retry-after": "Sun, 28 Feb 2027 23:00:00 GMT", date } },
      0,
    ],
  ])("is read from %s", (_, error, ms) => {
    expect(retryAfterMs(error)).toBe(ms);
  });

  test.each([
    ["nothing", undefined],
    ["a text", "retry-after: 3"],
    ["no header", { headers: {} }],
    ["no number", { headers: { "retry-after": "soon" } }],
    ["a negative number", { headers: { "retry-after": "-1" } }],
    ["a date without the server's own", { headers: { "retry-after": date } }],
    ["no month", { headers: { "retry-after": "Mon, 01 Mrz 2027 00:00:10 GMT", date } }],
  ])("is not found in %s", (_, error) => {
    expect(retryAfterMs(error)).toBeUndefined();
  });

  test("is found in an error that is its own cause once at most", () => {
    const error: { cause?: unknown } = {};
    error.cause = error;
    expect(retryAfterMs(error)).toBeUndefined();
  });

  test("is the difference of any two dates", () => {
    const seconds = fc.integer({ min: 0, max: 8_000_000_000 });
    const httpDate = (at: number): string => new Date(at * 1000).toUTCString();
    fc.assert(
      fc.property(seconds, seconds, (now, until) => {
        const headers = { date: httpDate(now), "retry-after": httpDate(until) };
        expect(retryAfterMs({ headers })).toBe(Math.max(0, until - now) * 1000);
      }),
    );
  });
});

describe("a retry budget", () => {
  test("bounds the retries of all tasks that share it, whatever each of them may", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 5, max: 60 }), async (tokens) => {
        const budget = retryBudget({ tokens });
        let attempts = 0;
        const down = {
          retry: { attempts: 4, budget },
          run: () => {
            attempts += 1;
            return Promise.reject(new Error("down"));
          },
        };
        await settle(
          Array.from({ length: 20 }, () => down),
          { clock: virtualClock() },
        );
        expect(attempts - 20).toBe(Math.min(60, Math.floor(tokens / 5)));
        expect(budget.tokens).toBe(tokens - 5 * (attempts - 20));
      }),
    );
  });

  test("is filled again by successes: what a retry cost, and one for a first attempt, up to the most", async () => {
    const budget = retryBudget({ tokens: 10 });
    const succeedAt = (last: number) => ({
      retry: { attempts: 3, budget },
      run: ({ attempt }: { readonly attempt: number }) =>
        attempt < last ? Promise.reject(new Error("not yet")) : attempt,
    });
    await settle([succeedAt(3)], { clock: virtualClock() });
    expect(budget.tokens).toBe(5);
    await settle([succeedAt(1), succeedAt(1)], { clock: virtualClock() });
    expect(budget.tokens).toBe(7);
    await settle(
      Array.from({ length: 9 }, () => succeedAt(1)),
      { clock: virtualClock() },
    );
    expect(budget.tokens).toBe(10);
  });

  test("is not taken for what is not repeated anyway", async () => {
    const budget = retryBudget({ tokens: 10 });
    const retry = { attempts: 3, budget, retryIf: () => false };
    await settle([{ retry, run: () => Promise.reject(new Error("final")) }]);
    expect(budget.tokens).toBe(10);
  });

  test.each([{ tokens: 4 }, { cost: 0 }, { earned: -1 }, { tokens: Infinity }])(
    "refuses %j",
    (options) => {
      expect(() => retryBudget(options)).toThrow(RangeError);
    },
  );
});
