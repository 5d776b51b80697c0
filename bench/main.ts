/**
 * Overhead: what a task costs beside a hand-written queue, as ratios from one run. `--smoke` runs each case once, small.
 * Method and traps: `bench/README.md`.
 */
import { scope, settle, type TaskDefinition } from "../src/index.ts";
import { ClaimTable } from "../src/core/claim-table.ts";
import { parseResource } from "../src/core/resource.ts";

const isSmoke = process.argv.includes("--smoke");
const TASKS = isSmoke ? 2_000 : 100_000;
const ROUNDS = isSmoke ? 1 : 9;
const LIMIT = 16;

interface Case {
  readonly name: string;
  run(): Promise<void>;
}

const functions = Array.from({ length: TASKS }, (_, index) => async () => index);

const graph = randomGraph();

const cases: readonly Case[] = [
  { name: "hand-written queue", run: () => handWritten() },
  {
    name: "settle",
    run: async () => {
      check((await settle(functions, { limit: LIMIT })).length);
    },
  },
  {
    name: "scope.start",
    run: () =>
      scope(
        (s) => {
          for (const [index, each] of functions.entries()) {
            s.start(String(index), each);
          }
        },
        { limit: LIMIT },
      ),
  },
  {
    name: "graph, mean in-degree 2",
    run: async () => {
      check(Object.keys(await settle(graph, { limit: LIMIT })).length);
    },
  },
];

const medians = await measure();
const base = medians.get("hand-written queue") ?? 1;
console.log(`${TASKS} tasks, limit ${LIMIT}, median of ${ROUNDS}`);
for (const [name, ms] of medians) {
  const perTask = ((ms * 1000) / TASKS).toFixed(2);
  console.log(
    `${name.padEnd(26)} ${perTask.padStart(7)} µs a task ${(ms / base).toFixed(1).padStart(7)} times`,
  );
}
console.log(claimTable());

/** Interleaved, so that a noisy minute hits every case. */
async function measure(): Promise<Map<string, number>> {
  const times = new Map(cases.map(({ name }) => [name, [] as number[]]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const { name, run } of cases) {
      const startedAt = performance.now();
      await run();
      times.get(name)?.push(performance.now() - startedAt);
    }
  }
  return new Map([...times].map(([name, each]) => [name, median(each)]));
}

/** The least that a queue of functions with a limit and a promise a task can be. */
async function handWritten(): Promise<void> {
  const results: number[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < functions.length; index = next++) {
      results[index] = (await functions[index]?.()) ?? 0;
    }
  };
  await Promise.all(Array.from({ length: LIMIT }, worker));
  check(results.length);
}

/** Each task after two earlier ones, chosen by a fixed generator: the same graph in every round. */
function randomGraph(): Readonly<Record<string, TaskDefinition<number>>> {
  let seed = 1;
  const random = (below: number): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed % below;
  };
  return Object.fromEntries(
    functions.map((run, index) => {
      const after = index < 2 ? [] : [`t${random(index)}`, `t${random(index)}`];
      return [`t${index}`, { run, after }];
    }),
  );
}

function claimTable(): string {
  const count = isSmoke ? 1_000 : 10_000;
  const claims = Array.from({ length: count }, (_, index) => [
    { segments: parseResource(`file:/repo/src/${index % 97}/${index}.ts`), mode: "write" as const },
    {
      segments: parseResource(`file:/repo/docs/${index % 89}/${index % 1000}.md`),
      mode: "read" as const,
    },
  ]);
  const table = new ClaimTable<{ readonly index: number }>({
    precedes: (a, b) => a.index < b.index,
    onClear: () => undefined,
  });
  const startedAt = performance.now();
  const tickets = claims.map((each, index) => table.add({ index }, each));
  const addedAt = performance.now();
  for (const ticket of tickets) {
    ticket.release();
  }
  const releasedAt = performance.now();
  return `${count} tasks of two file claims: ${(addedAt - startedAt).toFixed(1)} ms to add, ${(releasedAt - addedAt).toFixed(1)} ms to release`;
}

function check(count: number): void {
  if (count !== TASKS) {
    throw new Error(`Cannot trust this run as ${count} of ${TASKS} results came back`);
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
