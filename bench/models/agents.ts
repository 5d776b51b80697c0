/** Agents beside loops made by hand: whole conversations, and what is gained turn by turn. */
import { seeded, type Random } from "../support/random.ts";
import { mean, quantile, sum } from "../support/statistics.ts";
import { printTable, printTitle } from "../support/table.ts";
import { runTurns, type AgentWay } from "./agent-runs.ts";
import { gainsOf } from "./gains.ts";
import { drawReplies, type Endpoint } from "./replies.ts";
import {
  allAtOnceMs,
  drawTurn,
  oneByOneMs,
  orderedMs,
  type DrawnTurn,
  type TurnKind,
} from "./turns.ts";

const KINDS: Readonly<Record<string, TurnKind>> = {
  "files (5 to 50 ms)": { durationMs: [5, 50], writes: 0 },
  "services (0.1 to 2 s)": { durationMs: [100, 2000], writes: 0 },
  "commands (1 to 30 s)": { durationMs: [1000, 30_000], writes: 0 },
  "services, a third writes": { durationMs: [100, 2000], writes: 1 / 3 },
  "commands, a third writes": { durationMs: [1000, 30_000], writes: 1 / 3 },
};

/** Turns of a whole conversation. */
const STEPS = 5;

/** Prints all tables. */
export async function printAgents(endpoints: readonly Endpoint[], turns: number): Promise<void> {
  const title = `${turns} conversations of ${STEPS} turns, seconds until the last call is answered`;
  printTitle(`Agents: ${title}`);
  await printConversations(endpoints, turns);
  for (const limit of [Infinity, 2]) {
    const limited = limit === Infinity ? "without a limit" : `at most ${limit} at once`;
    printTitle(`Calls while the model writes, beside calls after it: ${turns} turns, ${limited}`);
    await printGains(endpoints, turns, limit);
  }
  printTitle(`Calls begun in vain where a response is cut off after its last call: ${turns} turns`);
  await printVain(endpoints, turns);
}

const WAYS: Readonly<Record<string, (turns: readonly DrawnTurn[]) => Promise<number> | number>> = {
  "one by one": (turns) => sum(turns.map(oneByOneMs)),
  "`Promise.all`": (turns) => sum(turns.map(allAtOnceMs)),
  toolbox: async (turns) => (await runTurns(turns, { streams: false, limit: Infinity })).ms,
  "`agent`": async (turns) => (await runTurns(turns, { streams: true, limit: Infinity })).ms,
};

async function printConversations(endpoints: readonly Endpoint[], count: number): Promise<void> {
  const rows: string[][] = [];
  for (const [name, kind] of Object.entries(KINDS)) {
    const random = seeded(1);
    const drawn = Array.from({ length: count }, () => draw(random, endpoints, kind, STEPS));
    const figures: string[] = [];
    for (const run of Object.values(WAYS)) {
      const taken = await inTurn(drawn, run);
      figures.push(...[0.5, 0.95].map((part) => (quantile(taken, part) / 1000).toFixed(1)));
    }
    rows.push([name, ...figures]);
  }
  printTable(["tools", ...Object.keys(WAYS).flatMap((way) => [`${way} p50`, "p95"])], rows);
}

async function printGains(
  endpoints: readonly Endpoint[],
  count: number,
  limit: number,
): Promise<void> {
  const rows: string[][] = [];
  for (const [name, kind] of Object.entries(KINDS)) {
    const random = seeded(1);
    const drawn = Array.from({ length: count }, () => draw(random, endpoints, kind, 1));
    const compared = await inTurn(drawn, async (turns) => ({
      withoutMs: await checked(turns, { streams: false, limit }),
      withMs: await checked(turns, { streams: true, limit }),
    }));
    const gains = gainsOf(compared);
    rows.push([
      name,
      (
        quantile(
          compared.map(({ withoutMs }) => withoutMs),
          0.5,
        ) / 1000
      ).toFixed(2),
      ...[gains.medianMs, gains.p95Ms].map((ms) => ms.toFixed(0)),
      ...[gains.medianPart, gains.p95Part, gains.none, gains.slower, gains.worstPart].map(percent),
    ]);
  }
  const gain = ["p50 ms", "p95 ms", "p50", "p95"].map((figure) => `gain ${figure}`);
  printTable(["tools", "p50 without, s", ...gain, "gains none", "slower", "by at most"], rows);
}

async function printVain(endpoints: readonly Endpoint[], count: number): Promise<void> {
  const rows: string[][] = [];
  for (const [name, kind] of Object.entries(KINDS)) {
    const random = seeded(1);
    const drawn = Array.from({ length: count }, () => draw(random, endpoints, kind, 1));
    const begun = async (streams: boolean): Promise<string> => {
      const way = { streams, limit: Infinity, isCutOff: true };
      return mean(await inTurn(drawn, async (turns) => (await runTurns(turns, way)).begun)).toFixed(
        1,
      );
    };
    const calls = mean(drawn.map(([turn]) => turn?.calls.length ?? 0)).toFixed(1);
    rows.push([name, calls, await begun(true), await begun(false)]);
  }
  printTable(["tools", "calls a turn", "begun while it writes", "begun after it"], rows);
}

/** How long turns take; an error where that is not what their order alone asks for. */
async function checked(turns: readonly DrawnTurn[], way: AgentWay): Promise<number> {
  const { ms } = await runTurns(turns, way);
  const expected = sum(turns.map((turn) => orderedMs(turn, way)));
  if (way.limit === Infinity && Math.abs(ms - expected) > 0.001) {
    throw new Error(
      `Cannot compare turns as one should take ${expected} ms without a limit: ${ms}`,
    );
  }
  return ms;
}

/** Some turns of one endpoint. */
function draw(
  random: Random,
  endpoints: readonly Endpoint[],
  kind: TurnKind,
  count: number,
): readonly DrawnTurn[] {
  const endpoint = endpoints[Math.floor(random() * endpoints.length)] ?? [];
  return drawReplies(random, endpoint, count).map((reply) => drawTurn(random, reply, kind));
}

/** One after the other: each has a clock of its own, and all of them share the event loop. */
async function inTurn<D, T>(
  drawn: readonly D[],
  run: (each: D) => Promise<T> | T,
): Promise<readonly T[]> {
  const results: T[] = [];
  for (const each of drawn) {
    results.push(await run(each));
  }
  return results;
}

function percent(part: number): string {
  return `${(part * 100).toFixed(1)} %`;
}
