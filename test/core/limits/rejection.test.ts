import { describe, expect, test } from "vitest";
import {
  limit,
  retryBudget,
  settle,
  type Limit,
  type RunEvent,
  type TaskContext,
} from "../../../src/index.ts";
import { virtualClock, type VirtualClock } from "../../../src/testing/index.ts";
import { answered, sleep } from "./work.ts";

/** A service that is open from a time on. */
function opening(clock: VirtualClock, atMs: number, headers: object = {}) {
  const starts: number[] = [];
  const task = async ({ key }: TaskContext): Promise<string> => {
    starts.push(clock.now());
    await sleep(clock, 50);
    if (clock.now() < atMs) {
      throw answered(429, headers);
    }
    await sleep(clock, 1000);
    return key;
  };
  return { starts, task };
}

const repeated = (count: number, run: (ctx: TaskContext) => Promise<string>) =>
  Array.from({ length: count }, () => ({ retry: { attempts: 1 }, run }));

const statuses = (outcomes: readonly { readonly status: string }[]): string[] => [
  ...new Set(outcomes.map(({ status }) => status)),
];

describe("a rejection", () => {
  test("pauses all for as long as the service asks, and ends with one, then more and more", async () => {
    const clock = virtualClock();
    const { starts, task } = opening(clock, 5000, { "retry-after": "7" });
    const shared = limit({ adaptive: true });
    const outcomes = await settle(repeated(8, task), { limit: shared, clock });
    expect(statuses(Object.values(outcomes))).toEqual(["completed"]);
    const [first, ...rest] = starts.slice(8).map((ms) => ms - 7050);
    expect(first).toBe(0);
    expect(rest.slice(0, 3)).toEqual([500, 750, 875]);
    expect(shared.stats().rejected).toBe(8);
  });

  test("takes the burst away that was saved up meanwhile", async () => {
    const clock = virtualClock();
    const { starts, task } = opening(clock, 100, { "retry-after": "5" });
    const shared = limit({ requestsPerMinute: 600, burst: 10 });
    await settle(repeated(40, task), { limit: shared, clock });
    const gaps = starts.slice(11).map((ms, index) => ms - (starts[index + 10] ?? 0));
    expect(starts.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => 0));
    expect(gaps.filter((ms) => ms < 99.9)).toEqual([]);
  });

  test("does not count as an attempt, which is told by the events", async () => {
    const clock = virtualClock();
    const { task } = opening(clock, 100, { "retry-after": "1" });
    const events: RunEvent[] = [];
    const { a } = await settle(
      { a: { retry: { attempts: 1 }, run: task } },
      {
        limit: limit({ name: "api", requestsPerMinute: 600 }),
        clock,
        observe: (event) => events.push(event),
      },
    );
    expect(a).toMatchObject({ status: "completed", attempts: 2 });
    expect(events.map(({ type, atMs }) => `${type} ${atMs}`).slice(3, -2)).toEqual([
      "attempt-started 0",
      "attempt-failed 50",
      "attempt-retrying 50",
      "task-waiting 50",
      "attempt-started 1050",
      "attempt-completed 2100",
    ]);
    expect(events[6]).toMatchObject({ reason: "rate", limit: "api" });
  });

  test("without an end counts as an attempt after twenty of them, in pauses that grow to a minute", async () => {
    const clock = virtualClock();
    const { starts, task } = opening(clock, Infinity);
    const { a } = await settle(
      { a: { retry: { attempts: 2, delayMs: 0 }, run: task } },
      { limit: limit({ adaptive: true }), clock },
    );
    expect(a).toMatchObject({ status: "failed", attempts: 22, error: { status: 429 } });
    const pauses = starts.slice(1).map((ms, index) => ms - (starts[index] ?? 0) - 50);
    expect(pauses.slice(0, 8)).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
  });

  test("ends with the deadline of the task", async () => {
    const clock = virtualClock();
    const { task } = opening(clock, Infinity, { "retry-after": "3600" });
    const { a } = await settle(
      { a: { retry: true, deadlineMs: 5000, run: task } },
      { limit: limit({ adaptive: true }), clock },
    );
    expect(a).toMatchObject({ status: "failed", error: { code: "TIMED_OUT" } });
    expect(clock.now()).toBe(5000);
    expect(clock.pending).toBe(0);
  });

  test("of a task that is not to be repeated is its failure, and pauses the others all the same", async () => {
    const clock = virtualClock();
    const starts: number[] = [];
    const shared = limit({ concurrency: 1, requestsPerSecond: 100 });
    const { a, b } = await settle(
      {
        a: () => Promise.reject(answered(503, { "retry-after": "2" })),
        b: () => starts.push(clock.now()),
      },
      { limit: shared, clock },
    );
    expect(a).toMatchObject({ status: "failed", attempts: 1 });
    expect(b.status).toBe("completed");
    expect(starts).toEqual([2000]);
  });

  test("asks retryIf, and takes nothing from a retry budget", async () => {
    const clock = virtualClock();
    const budget = retryBudget({ tokens: 5, cost: 5 });
    const asked: number[] = [];
    const { task } = opening(clock, 4000);
    const retryIf = (_: unknown, attempt: number): boolean => {
      asked.push(attempt);
      return true;
    };
    const { a, b } = await settle(
      {
        a: { retry: { attempts: 1, retryIf, budget }, run: task },
        b: { retry: { retryIf: () => false }, run: task },
      },
      { limit: limit({ adaptive: true }), clock },
    );
    expect([a.status, b.status]).toEqual(["completed", "failed"]);
    expect(asked).toEqual([1, 2, 3]);
    expect(budget.tokens).toBe(5);
  });

  test("of a task with a plain limit counts as any other failure", async () => {
    const clock = virtualClock();
    const { starts, task } = opening(clock, Infinity, { "retry-after": "1" });
    await settle([{ retry: { attempts: 3, jitter: "none", delayMs: 0 }, run: task }], {
      limit: 1,
      clock,
    });
    expect(starts).toEqual([0, 1050, 2100]);
  });

  test("that comes late halves nothing again, and prolongs the pause only where it asks for it", async () => {
    const clock = virtualClock();
    const shared = limit({ concurrency: 8, adaptive: true });
    const seen: [number, number, number][] = [];
    const reject =
      (afterMs: number, headers: object = {}) =>
      async (): Promise<never> => {
        await sleep(clock, afterMs);
        throw answered(529, headers);
      };
    const look = async (): Promise<void> => {
      for (const afterMs of [15, 20, 20]) {
        await sleep(clock, afterMs);
        const { concurrency, pausedMs } = shared.stats();
        seen.push([clock.now(), concurrency, pausedMs]);
      }
    };
    await settle(
      [
        look,
        () => sleep(clock, 100),
        () => sleep(clock, 100),
        reject(10, { "retry-after-ms": "100" }),
        reject(30, { "retry-after-ms": "10" }),
        reject(50, { "retry-after-ms": "200" }),
      ],
      { limit: shared, clock },
    );
    expect(seen).toEqual([
      [15, 3, 95],
      [35, 3, 75],
      [55, 3, 195],
    ]);
  });

  test.each([
    [{ status: 429, headers: { "Retry-After": "3" } }, 3000],
    [{ statusCode: 503, responseHeaders: new Headers({ "retry-after": "3" }) }, 3000],
    [{ status: 529, headers: [["retry-after-ms", "150"]] }, 150],
    [{ response: { statusCode: 429, headers: ["Server", "x", "Retry-After", "4"] } }, 4000],
    [{ cause: { status: 429, headers: { "retry-after": ["5"] } } }, 5000],
    [
      {
        status: 429,
        headers: {
          date: "Fri, 31 Dec 1999 23:59:59 GMT",
          "retry-after": "Sat, 01 Jan 2000 00:00:01 GMT",
        },
      },
      2000,
    ],
    [{ status: 429, headers: { "retry-after": "soon" } }, 1000],
    [{ status: 429, headers: { "retry-after": "-1" } }, 1000],
    [{ status: 429, headers: { "retry-after": "0" } }, 1000],
    [{ status: 429, headers: "retry-after: 5" }, 1000],
    [{ status: 429 }, 1000],
    [{ status: 500, headers: { "retry-after": "3" } }, 0],
    [{ status: "429" }, 0],
    [{}, 0],
  ])("is found in an error such as %j", async (fields, pausedMs) => {
    const clock = virtualClock();
    const shared = limit({ adaptive: true });
    const error = Object.assign(new Error("no"), fields);
    await settle([() => Promise.reject(error)], { limit: shared, clock });
    expect(shared.stats().pausedMs).toBe(pausedMs);
  });
});

describe("observe", () => {
  async function pausedBy(headers: object, status = 200, shared: Limit = limit(1)) {
    const clock = virtualClock({ autojump: false });
    await settle([() => 1], { limit: shared, clock });
    shared.observe(headers, status);
    return shared.stats().pausedMs;
  }

  test.each([
    ["nothing of it", {}, 0],
    [
      "something left",
      { "x-ratelimit-remaining-requests": "1", "x-ratelimit-reset-requests": "1s" },
      0,
    ],
    ["no reset", { "x-ratelimit-remaining-requests": "0" }, 0],
    [
      "seconds, filled little by little",
      {
        "x-ratelimit-remaining-requests": "0",
        "x-ratelimit-limit-requests": "100",
        "x-ratelimit-reset-requests": "1s",
      },
      10,
    ],
    [
      "minutes",
      { "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "6m0s" },
      360_000,
    ],
    [
      "milliseconds",
      { "x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "20ms" },
      20,
    ],
    [
      "mixed",
      { "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "1h2m59.56s" },
      3_779_560,
    ],
    ["a bare number", { "x-ratelimit-remaining": 0, "x-ratelimit-reset": "30" }, 30_000],
    [
      "seconds since 1970",
      {
        date: "Fri, 14 Jul 2017 02:40:00 GMT",
        "x-ratelimit-remaining": "0",
        "x-ratelimit-reset": "1500000005",
      },
      5000,
    ],
    [
      "milliseconds since 1970",
      {
        date: "Fri, 14 Jul 2017 02:40:00 GMT",
        "x-ratelimit-remaining": "0",
        "x-ratelimit-reset": "1500000005250",
      },
      5250,
    ],
    [
      "a date",
      {
        date: "Tue, 29 Feb 2028 23:59:58 GMT",
        "anthropic-ratelimit-requests-remaining": "0",
        "anthropic-ratelimit-requests-reset": "2028-03-01T00:00:00Z",
      },
      2000,
    ],
    [
      "a date with an offset, in the past",
      {
        date: "Tue, 29 Feb 2028 23:59:58 GMT",
        "anthropic-ratelimit-output-tokens-remaining": "0",
        "anthropic-ratelimit-output-tokens-reset": "2028-02-29T23:59:00+01:00",
      },
      0,
    ],
    [
      "a date without that of the server",
      {
        "anthropic-ratelimit-requests-remaining": "0",
        "anthropic-ratelimit-requests-reset": "2028-03-01T00:00:00Z",
      },
      0,
    ],
    ["words", { "x-ratelimit-remaining": "none", "x-ratelimit-reset": "soon" }, 0],
    ["more words", { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1 minute" }, 0],
  ])("understands %s", async (_, headers, pausedMs) => {
    expect(await pausedBy(headers)).toBeCloseTo(pausedMs, 5);
    expect(await pausedBy(new Headers(headers as Record<string, string>))).toBeCloseTo(pausedMs, 5);
    expect(await pausedBy(Object.entries(headers))).toBeCloseTo(pausedMs, 5);
  });

  test("of tokens waits until there are enough for one more request", async () => {
    const clock = virtualClock({ autojump: false });
    const shared = limit({ tokensPerMinute: 10_000 });
    await settle([{ cost: { tokens: 500 }, run: () => 1 }], { limit: shared, clock });
    shared.observe({
      "x-ratelimit-remaining-tokens": "0",
      "x-ratelimit-limit-tokens": "10000",
      "x-ratelimit-reset-tokens": "1m",
    });
    expect(shared.stats().pausedMs).toBe(3000);
  });

  test("pauses a plain limit, too, and is told before the first run", async () => {
    const shared = limit(1);
    shared.observe(undefined, 429);
    expect(shared.stats().pausedMs).toBeGreaterThan(900);
    expect(await pausedBy({ "retry-after": "9" }, 429)).toBe(9000);
    expect(await pausedBy({ "retry-after": "9" }, 200)).toBe(0);
  });
});

describe("the retry budget of a limit", () => {
  test("is that of all its tasks which repeat failed attempts and name none of their own", async () => {
    const clock = virtualClock();
    const shared = retryBudget({ tokens: 10, cost: 5 });
    const own = retryBudget({ tokens: 100, cost: 5 });
    const fail = () => Promise.reject(new Error("down"));
    const outcomes = await settle(
      {
        a: { retry: { attempts: 2, delayMs: 0 }, run: fail },
        b: { retry: { attempts: 2, delayMs: 0 }, run: fail },
        c: { retry: { attempts: 2, delayMs: 0 }, run: fail },
        d: { retry: { attempts: 2, delayMs: 0, budget: own }, run: fail },
        e: fail,
      },
      { limit: limit({ concurrency: 5, retryBudget: shared }), clock },
    );
    expect(Object.values(outcomes).map(({ attempts }) => attempts)).toEqual([2, 2, 1, 2, 1]);
    expect([shared.tokens, own.tokens]).toEqual([0, 95]);
  });
});
