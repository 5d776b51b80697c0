/** How many starts limiters let through in the worst of all windows, when work comes in crowds. */
import { setImmediate as turn } from "node:timers/promises";
import { mock } from "node:test";
import { limit, scope } from "../../src/index.ts";
import { virtualClock } from "../../src/testing/index.ts";
import { peerModule } from "../support/peers.ts";
import { integer, type Random } from "../support/random.ts";
import { sleep } from "./provider.ts";

const WINDOW_MS = 60_000;

/** Work that comes in crowds: when each piece of it does. */
export function arrivals(random: Random, limitPerMinute: number): readonly number[] {
  const crowds = Array.from({ length: integer(random, 2, 5) }, () => ({
    atMs: integer(random, 0, 60) * 3000,
    size: integer(random, 1, limitPerMinute + 1),
  }));
  return crowds
    .flatMap(({ atMs, size }) => Array.from({ length: size }, () => atMs))
    .toSorted((a, b) => a - b);
}

/** When a limiter starts work that comes at some times. */
export type Limiter = (
  arrivalsMs: readonly number[],
  requestsPerMinute: number,
) => readonly number[] | Promise<readonly number[]>;

/** The most starts in any window. */
export function mostInAWindow(starts: readonly number[]): number {
  const sorted = starts.toSorted((a, b) => a - b);
  let from = 0;
  return sorted.reduce((most, ms, to) => {
    while ((sorted[from] ?? 0) <= ms - WINDOW_MS) {
      from += 1;
    }
    return Math.max(most, to - from + 1);
  }, 0);
}

/** When Fanfold starts work that comes at some times. */
export async function startsOfFanfold(
  arrivalsMs: readonly number[],
  requestsPerMinute: number,
): Promise<readonly number[]> {
  const clock = virtualClock();
  const starts: number[] = [];
  const shared = limit({ requestsPerMinute, burst: Infinity });
  await scope(
    async (s) => {
      for (const [index, atMs] of arrivalsMs.entries()) {
        await sleep(clock, atMs - clock.now());
        s.start(String(index), () => void starts.push(clock.now()));
      }
    },
    { limit: shared, clock },
  );
  return starts;
}

/** A bucket of so many tokens, filled evenly. */
export function startsOfTokenBucket(
  arrivalsMs: readonly number[],
  requestsPerMinute: number,
): readonly number[] {
  const perMs = requestsPerMinute / WINDOW_MS;
  let tokens = requestsPerMinute;
  let nowMs = 0;
  return arrivalsMs.map((atMs) => {
    const arrivedMs = Math.max(nowMs, atMs);
    tokens = Math.min(requestsPerMinute, tokens + (arrivedMs - nowMs) * perMs);
    const waitMs = tokens >= 1 ? 0 : (1 - tokens) / perMs;
    tokens += waitMs * perMs - 1;
    nowMs = arrivedMs + waitMs;
    return nowMs;
  });
}

/** A counter that begins anew with each minute. */
export function startsOfFixedWindow(
  arrivalsMs: readonly number[],
  requestsPerMinute: number,
): readonly number[] {
  const counts = new Map<number, number>();
  return arrivalsMs.map((atMs) => {
    let minute = Math.floor(atMs / WINDOW_MS);
    while ((counts.get(minute) ?? 0) >= requestsPerMinute) {
      minute += 1;
    }
    counts.set(minute, (counts.get(minute) ?? 0) + 1);
    return Math.max(atMs, minute * WINDOW_MS);
  });
}

/** What `p-queue` is here. */
interface Queue {
  add(task: () => void): Promise<void>;
}

interface QueueOptions {
  readonly intervalCap: number;
  readonly interval: number;
  readonly strict: boolean;
}

interface QueueModule {
  readonly makeQueue: (options: QueueOptions) => Queue;
}

/** When `p-queue` starts it, on timers that are moved by hand. It has to be installed. */
export function startsOfQueue(strict: boolean): Limiter {
  return (arrivalsMs, requestsPerMinute) =>
    runQueue(arrivalsMs, { intervalCap: requestsPerMinute, interval: WINDOW_MS, strict });
}

async function runQueue(
  arrivalsMs: readonly number[],
  options: QueueOptions,
): Promise<readonly number[]> {
  const { makeQueue } = (await import(peerModule("p-queue", "rate"))) as QueueModule; // Its only export.
  mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"] });
  try {
    const queue = makeQueue(options);
    const starts: number[] = [];
    const added: Promise<void>[] = [];
    let next = 0;
    while (starts.length < arrivalsMs.length) {
      for (; (arrivalsMs[next] ?? Infinity) <= Date.now(); next += 1) {
        added.push(queue.add(() => void starts.push(Date.now())));
      }
      await turn();
      mock.timers.tick(1000);
    }
    await Promise.all(added);
    return starts;
  } finally {
    mock.timers.reset();
  }
}
