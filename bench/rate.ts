/** How long many requests take at a provider that rejects what is too much, how many are lost, and how strict windows are. */
import { virtualClock } from "../src/testing/index.ts";
import { traceDurations } from "./makespan/traces.ts";
import {
  arrivals,
  mostInAWindow,
  startsOfFanfold,
  startsOfFixedWindow,
  startsOfQueue,
  startsOfTokenBucket,
  type Limiter,
} from "./rate/edges.ts";
import { lowerBounds, provider, type ProviderOptions } from "./rate/provider.ts";
import { fanfold, tokenBucketScript, type ScriptOptions, type Way } from "./rate/ways.ts";
import type { Benchmark } from "./support/benchmark.ts";
import { tracePath } from "./support/endpoints.ts";
import { installedPeers, peerVersion } from "./support/peers.ts";
import { seeded } from "./support/random.ts";
import { printTable, printTitle, times } from "./support/table.ts";

const REQUESTS_PER_MINUTE = 1500;
const BURST = 25;

/** Of the limiters whose windows are looked at. */
const EDGE_LIMIT = 50;

const RATE = { requestsPerMinute: REQUESTS_PER_MINUTE, concurrency: 500 };

const script = (options: Omit<ScriptOptions, "requestsPerMinute">): Way =>
  tokenBucketScript({ requestsPerMinute: REQUESTS_PER_MINUTE, ...options });

const WAYS: Readonly<Record<string, Way>> = {
  "limit, the provider's rate": fanfold(RATE),
  "limit, the same and adaptive": fanfold({ ...RATE, adaptive: true }),
  "limit, a burst of 20, adaptive": fanfold({ ...RATE, burst: 20, adaptive: true }),
  "limit, twice the rate, adaptive": fanfold({ ...RATE, requestsPerMinute: 3000, adaptive: true }),
  "limit, only adaptive": fanfold({ adaptive: true }),
  "token bucket, 3 attempts, 1 s": script({ attempts: 3, pauseMs: 1000 }),
  "token bucket, 3 attempts, 60 s": script({ attempts: 3, pauseMs: 60_000 }),
  "token bucket, no end, 20 s": script({ attempts: Infinity, pauseMs: 20_000 }),
  "token for each attempt, 3, 20 s": script({
    attempts: 3,
    pauseMs: 20_000,
    tokenForEachAttempt: true,
  }),
};

export const rate: Benchmark = {
  name: "rate",
  async run({ isSmoke }) {
    await printContests(isSmoke ? 100 : 2000);
    await printEdges(isSmoke ? 3 : 300, isSmoke ? [] : installedPeers(["p-queue"]));
  },
};

async function printContests(count: number): Promise<void> {
  const kinds: Readonly<Record<string, Pick<ProviderOptions, "travelMs" | "saysWhen">>> = {
    "that says when to come again": { travelMs: () => 0, saysWhen: true },
    "that is 0 to 50 ms away and does not say when": { travelMs: randomTravel(), saysWhen: false },
  };
  const title = `${count} requests at a provider of ${REQUESTS_PER_MINUTE} a minute and a burst of ${BURST}`;
  const durations = traceDurations();
  if (durations === undefined) {
    printTitle(title);
    console.log(`Skipped, as there are no traces at ${tracePath}; FANFOLD_DATA names their folder`);
    return;
  }
  const random = seeded(1);
  const latenciesMs = Array.from({ length: count }, () => durations(random).durationMs);
  for (const [name, options] of Object.entries(kinds)) {
    printTitle(`${title} ${name}`);
    await printContest(latenciesMs, {
      requestsPerMinute: REQUESTS_PER_MINUTE,
      burst: BURST,
      ...options,
    });
  }
}

function randomTravel(): () => number {
  const random = seeded(2);
  return () => random() * 50;
}

async function printContest(
  latenciesMs: readonly number[],
  options: ProviderOptions,
): Promise<void> {
  const bound = lowerBounds(latenciesMs, options);
  const rows: string[][] = [];
  for (const [name, way] of Object.entries(WAYS)) {
    const clock = virtualClock();
    const asked = provider(clock, options);
    const lost = await way(clock, asked, latenciesMs);
    const share = (100 * asked.rejected) / (asked.answered + asked.rejected);
    rows.push([
      name,
      String(lost),
      `${share.toFixed(1)} %`,
      seconds(asked.lastAdmittedMs),
      times(asked.lastAdmittedMs, bound.admittedMs),
      seconds(clock.now()),
      times(clock.now(), bound.answeredMs),
    ]);
  }
  printTable(["way", "lost", "rejected", "all admitted, s", "times", "answered, s", "times"], rows);
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}

async function printEdges(patterns: number, peers: readonly string[]): Promise<void> {
  printTitle(
    `The most starts in any 60 seconds at a limit of ${EDGE_LIMIT} a minute, where work comes in crowds: the worst of ${patterns}`,
  );
  const limiters: Readonly<Record<string, Limiter>> = {
    "limit of Fanfold": startsOfFanfold,
    "token bucket": startsOfTokenBucket,
    "counter a minute": startsOfFixedWindow,
    ...(peers.includes("p-queue")
      ? {
          [`p-queue ${peerVersion("p-queue")}`]: startsOfQueue(false),
          "the same, strict": startsOfQueue(true),
        }
      : {}),
  };
  const rows: string[][] = [];
  for (const [name, startsOf] of Object.entries(limiters)) {
    const random = seeded(3);
    let most = 0;
    for (let pattern = 0; pattern < patterns; pattern += 1) {
      const starts = await startsOf(arrivals(random, EDGE_LIMIT), EDGE_LIMIT);
      most = Math.max(most, mostInAWindow(starts));
    }
    rows.push([name, String(most), times(most, EDGE_LIMIT)]);
  }
  printTable(["limiter", "most", "times the limit"], rows);
}
