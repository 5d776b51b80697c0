import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { RunEvent } from "../../src/index.ts";
import type { PlanRunOptions } from "../../src/plan/index.ts";
import { rig } from "../../src/testing/index.ts";
import { planFolder } from "./run-yaml.ts";

const folder = planFolder();

/** When a task ran, in numbers of events. */
interface Span {
  readonly key: string;
  readonly from: number;
  readonly to: number;
}

/** When each task ran that did, in the order of the starts. */
function spansOf(events: readonly RunEvent[]): readonly Span[] {
  const keys = new Map<number, string>();
  const starts = new Map<number, number>();
  const spans: Span[] = [];
  for (const event of events) {
    if (event.type === "task-added") {
      keys.set(event.taskId, event.key);
    } else if (event.type === "attempt-started") {
      starts.set(event.taskId, event.sequence);
    } else if (event.type === "task-settled") {
      const from = starts.get(event.taskId);
      if (from !== undefined) {
        spans.push({ key: keys.get(event.taskId) ?? "", from, to: event.sequence });
      }
    }
  }
  return spans.toSorted((a, b) => a.from - b.from);
}

const overlap = (a: Span, b: Span): boolean => a.from < b.to && b.from < a.to;

/** The most that ran at once of the tasks that count, each by its weight. */
function mostAtOnce(events: readonly RunEvent[], weightOf: (key: string) => number): number {
  const spans = spansOf(events);
  const loads = spans.map((at) =>
    spans
      .filter(({ from, to }) => from <= at.from && at.from < to)
      .reduce((sum, { key }) => sum + weightOf(key), 0),
  );
  return Math.max(0, ...loads);
}

const once = (): number => 1;

/** Tasks that take a few turns of the event loop. */
const many = (count: number, kind: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => `  t${index}: { ${kind(index)} }`).join("\n");

const TURNS = 'module: "./tools.mjs#turns", with: { turns: 3 }';

describe("a limit", () => {
  test.each([
    ["command", 3, (index: number) => `command: "echo ${index}"`],
    ["read", 5, () => "read: ./*.txt"],
    ["search", 3, () => "search: text"],
  ])("of tasks of kind %s is %i unless the plan says otherwise", async (kind, width, task) => {
    folder.write("a.txt", "text");
    const plan = `tasks:\n${many(12, task)}`;
    const atOnce = async (text: string, options: PlanRunOptions = {}): Promise<number> => {
      const { status, events } = await folder.run(text, options);
      expect(status).toBe("completed");
      return mostAtOnce(events, once);
    };
    expect(await atOnce(plan)).toBe(width);
    expect(await atOnce(`limits: { ${kind}: 2 }\n${plan}`)).toBe(2);
    expect(await atOnce(plan, { limits: { [kind]: 1 } })).toBe(1);
    expect(await atOnce(`limit: 2\n${plan}`)).toBe(2);
    expect(await atOnce(`limit: 2\n${plan}`, { limit: 1 })).toBe(1);
  });

  test("of a kind bounds the items of an each like other tasks", async () => {
    const { events } = await folder.run(`
tasks:
  e: { each: [1, 2, 3, 4, 5, 6], do: { command: "echo \${{ item }}" } }
  a: { command: echo a }
  b: { command: echo b }
`);
    expect(mostAtOnce(events, (key) => (key === "e" ? 0 : 1))).toBe(3);
  });

  test("that tasks name bounds those together, by their weight, and no others", async () => {
    const weights: Readonly<Record<string, number>> = { t0: 2, t1: 1, t2: 3, t3: 2, t4: 1, t5: 2 };
    const { events, status } = await folder.run(`
limits: { database: 3 }
tasks:
${many(6, (index) => `${TURNS}, limit: [database], weight: ${weights[`t${index}`]}`)}
  free: { ${TURNS} }
  also: { ${TURNS} }
`);
    expect(status).toBe("completed");
    expect(mostAtOnce(events, (key) => weights[key] ?? 0)).toBe(3);
    expect(mostAtOnce(events, once)).toBeGreaterThan(3);
  });

  test("starts tasks of high priority first, then those with the longest way to the end", async () => {
    const { events } = await folder.run(`
limit: 1
tasks:
  a: { ${TURNS}, expect: 1s }
  b: { ${TURNS}, expect: 1s, priority: 1 }
  c: { ${TURNS}, expect: 5s }
  d: { ${TURNS}, expect: 1s }
  e: { ${TURNS}, after: d, expect: 9s }
`);
    expect(spansOf(events).map(({ key }) => key)).toEqual(["b", "d", "e", "c", "a"]);
  });
});

describe("an exclusive task", () => {
  test("runs beside no other", async () => {
    const { events } = await folder.run(`
tasks:
  a: { ${TURNS} }
  b: { ${TURNS} }
  alone: { ${TURNS}, exclusive: true }
  c: { ${TURNS} }
  d: { ${TURNS} }
`);
    const spans = spansOf(events);
    const alone = spans.filter(({ key }) => key === "alone");
    expect(
      spans.filter((span) => alone.some((each) => each !== span && overlap(each, span))),
    ).toEqual([]);
    expect(mostAtOnce(events, once)).toBe(2);
  });
});

describe("a task that writes", () => {
  test("waits for those before it that use the same, and holds up those after it", async () => {
    const r = rig();
    const names = ["reads", "reads too", "writes", "reads after", "elsewhere"];
    const tasks = names.map((name) => r.task(name));
    const [reads, readsToo, writes, readsAfter, elsewhere] = tasks;
    folder.hold(...tasks);
    const held = (name: string): string => `module: "./tools.mjs#held", with: ${name}`;
    const run = folder.run(`
tasks:
  a: { ${held("reads")}, reads: src/**/*.ts }
  b: { ${held("reads too")}, reads: [src/deep, db:users] }
  c: { ${held("writes")}, writes: [src/deep/file.txt] }
  d: { ${held("reads after")}, reads: src }
  e: { ${held("elsewhere")}, writes: [other, db:orders] }
`);
    await Promise.all([reads?.started, readsToo?.started, elsewhere?.started]);
    await r.idle();
    expect(r.running).toEqual(["reads", "reads too", "elsewhere"]);
    reads?.complete();
    await r.idle();
    expect(writes?.state).toBe("waiting");
    readsToo?.complete();
    await writes?.started;
    await r.idle();
    expect(readsAfter?.state).toBe("waiting");
    writes?.complete();
    await readsAfter?.started;
    readsAfter?.complete();
    elsewhere?.complete();
    expect((await run).status).toBe("completed");
  });

  test("is seen as a whole by those who read it, without a word about the order", async () => {
    folder.write("file.txt", "old");
    const { outcomes } = await folder.run(`
tasks:
  before: { read: file.txt }
  write: { write: file.txt, content: new }
  after: { read: "*.txt" }
  search: { search: new, files: file.txt }
`);
    const files = (text: string): object => ({
      value: { files: [{ path: folder.at("file.txt"), text }] },
    });
    expect(outcomes["before"]).toMatchObject(files("old"));
    expect(outcomes["after"]).toMatchObject(files("new"));
    expect(outcomes["search"]).toMatchObject({ value: { matches: [{ line: 1, text: "new" }] } });
  });
});

interface RandomTask {
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  readonly exclusive: boolean;
  readonly turns: number;
  readonly fails: boolean;
  readonly limited: boolean;
  readonly weight: number;
  readonly after: readonly number[];
  readonly settled: boolean;
  readonly items: number;
}

const path = fc.constantFrom("a", "a/x", "a/x/1", "a/y", "b", "b/z", "db:users");

const randomTask: fc.Arbitrary<RandomTask> = fc.record({
  reads: fc.array(path, { maxLength: 2 }),
  writes: fc.array(path, { maxLength: 2 }),
  exclusive: fc.nat(9).map((value) => value === 0),
  turns: fc.nat(4),
  fails: fc.nat(7).map((value) => value === 0),
  limited: fc.boolean(),
  weight: fc.integer({ min: 1, max: 2 }),
  after: fc.array(fc.nat(20), { maxLength: 2 }),
  settled: fc.boolean(),
  items: fc.oneof(fc.constant(0), fc.nat(3)),
});

/** A task comes after earlier ones alone: there are no cycles. */
const afterOf = ({ after }: RandomTask, index: number): readonly number[] =>
  index === 0 ? [] : [...new Set(after.map((each) => each % index))];

function yamlOf(task: RandomTask, index: number): string {
  const { turns, fails, reads, writes, exclusive, limited, weight, settled, items } = task;
  const call = { module: "./tools.mjs#turns", with: { turns, fails } };
  const work =
    items === 0 ? call : { each: Array.from({ length: items }, (_, item) => item), do: call };
  const after = afterOf(task, index).map((each) => ({
    task: `t${each}`,
    until: settled ? "settled" : "completed",
  }));
  return JSON.stringify({
    ...work,
    after,
    exclusive,
    weight,
    ...(reads.length > 0 ? { reads } : {}),
    ...(writes.length > 0 ? { writes } : {}),
    ...(limited ? { limit: "narrow" } : {}),
  });
}

const covers = (a: string, b: string): boolean => a === b || b.startsWith(`${a}/`);
const meet = (some: readonly string[], others: readonly string[]): boolean =>
  some.some((a) => others.some((b) => covers(a, b) || covers(b, a)));

function conflict(a: RandomTask, b: RandomTask): boolean {
  return (
    a.exclusive ||
    b.exclusive ||
    meet(a.writes, b.writes) ||
    meet(a.writes, b.reads) ||
    meet(a.reads, b.writes)
  );
}

describe("any plan", () => {
  test("keeps conflicting tasks apart and in order, heeds its limits and what comes after what, and ends", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(randomTask, { minLength: 1, maxLength: 10 }),
        fc.integer({ min: 2, max: 4 }),
        async (tasks, limit) => {
          const lines = tasks.map((task, index) => `  t${index}: ${yamlOf(task, index)}`);
          const { events, outcomes } = await folder.run(
            `failure: continue\nlimit: ${limit}\nlimits: { narrow: 2 }\ntasks:\n${lines.join("\n")}\n`,
          );
          expect(Object.keys(outcomes)).toEqual(tasks.map((_, index) => `t${index}`));
          const spans = new Map(spansOf(events).map((span) => [span.key, span]));
          tasks.forEach((task, index) => {
            const span = spans.get(`t${index}`);
            const before = afterOf(task, index);
            const isSkipped =
              !task.settled && before.some((each) => outcomes[`t${each}`]?.status !== "completed");
            expect(outcomes[`t${index}`]?.status).toBe(
              isSkipped ? "skipped" : task.fails ? "failed" : "completed",
            );
            expect(span === undefined).toBe(isSkipped);
            tasks.slice(0, index).forEach((earlier, earlierIndex) => {
              const other = spans.get(`t${earlierIndex}`);
              if (
                span !== undefined &&
                other !== undefined &&
                (before.includes(earlierIndex) || conflict(earlier, task))
              ) {
                expect(other.to).toBeLessThan(span.from);
              }
            });
          });
          const weightOf = (key: string): number => {
            const task = tasks[Number(key.slice(1))];
            // An each lends its slots to its items, which weigh 1.
            return task === undefined ? 1 : task.items > 0 ? 0 : task.weight;
          };
          expect(mostAtOnce(events, weightOf)).toBeLessThanOrEqual(limit);
          expect(
            mostAtOnce(events, (key) =>
              tasks[Number(key.slice(1))]?.limited === true ? weightOf(key) : 0,
            ),
          ).toBeLessThanOrEqual(2);
        },
      ),
      { numRuns: 60 },
    );
  });
});
