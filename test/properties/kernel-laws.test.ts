// The kernel's laws as invariants of random programs on the virtual clock.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  limit,
  scope,
  type Limit,
  type Outcome,
  type RunEvent,
  type TaskContext,
} from "../../src/index.ts";
import { virtualClock } from "../../src/testing/index.ts";

interface Program {
  readonly tasks: readonly ProgramTask[];
  readonly concurrency: number;
  readonly second: number;
}

interface ProgramTask {
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  readonly exclusive: boolean;
  readonly durationMs: number;
  readonly fails: boolean;
  readonly secondLimit: boolean;
  readonly weight: number;
  readonly priority: number;
  /** Indexes of earlier siblings. */
  readonly after: readonly number[];
  readonly children: readonly {
    readonly durationMs: number;
    readonly part: string;
    readonly awaited: boolean;
  }[];
}

const resource = fc.constantFrom("a", "a/x", "a/x/1", "a/y", "b", "b/z");

const programTask: fc.Arbitrary<ProgramTask> = fc.record({
  reads: fc.array(resource, { maxLength: 2 }),
  writes: fc.array(resource, { maxLength: 2 }),
  exclusive: fc.boolean().chain((once) => (once ? fc.boolean() : fc.constant(false))),
  durationMs: fc.nat(20),
  fails: fc.integer({ min: 0, max: 9 }).map((value) => value === 0),
  secondLimit: fc.boolean(),
  weight: fc.integer({ min: 1, max: 2 }),
  priority: fc.nat(2),
  after: fc.array(fc.nat(20), { maxLength: 2 }),
  children: fc.array(
    fc.record({ durationMs: fc.nat(10), part: fc.constantFrom("1", "2"), awaited: fc.boolean() }),
    { maxLength: 3 },
  ),
});

const program: fc.Arbitrary<Program> = fc.record({
  tasks: fc.array(programTask, { minLength: 1, maxLength: 14 }),
  concurrency: fc.integer({ min: 2, max: 5 }),
  second: fc.integer({ min: 2, max: 3 }),
});

interface Span {
  readonly index: number;
  readonly startMs: number;
  endMs: number;
}

interface Observed {
  readonly spans: readonly Span[];
  readonly outcomes: readonly Outcome<unknown>[];
  readonly events: readonly RunEvent[];
  readonly mostInUse: number;
  readonly limits: readonly Limit[];
}

async function runProgram({ tasks, concurrency, second }: Program): Promise<Observed> {
  const clock = virtualClock();
  const first = limit({ name: "first", concurrency });
  const other = limit({ name: "second", concurrency: second });
  const spans: Span[] = [];
  const events: RunEvent[] = [];
  let mostInUse = 0;
  const sleep = (ms: number): Promise<void> =>
    new Promise((resolve) => void clock.schedule(ms, resolve));
  const outcomes = await scope(
    async (s) => {
      const handles: ReturnType<typeof s.start<void>>[] = [];
      for (const [index, task] of tasks.entries()) {
        const after = [...new Set(task.after.map((each) => each % Math.max(1, index)))].slice(
          0,
          index,
        );
        handles.push(
          s.start<void>(`t${index}`, {
            reads: task.reads,
            writes: task.writes,
            exclusive: task.exclusive,
            limit: task.secondLimit ? other : undefined,
            weight: task.weight,
            priority: task.priority,
            after: after.map((each) => ({ task: handles[each]!, until: "settled" as const })),
            run: async (ctx) => {
              const span: Span = { index, startMs: clock.now(), endMs: Infinity };
              spans.push(span);
              mostInUse = Math.max(mostInUse, first.inUse);
              await sleep(task.durationMs);
              await startChildren(ctx, task, sleep);
              if (task.fails) {
                throw new Error(`t${index}`);
              }
            },
          }),
        );
      }
      const settled: Outcome<void>[] = [];
      for (const [index, handle] of handles.entries()) {
        settled.push(await handle.settled());
        const span = spans.find((each) => each.index === index);
        if (span !== undefined) {
          span.endMs = endOf(events, index, clock.now());
        }
      }
      return settled;
    },
    { clock, limit: first, failure: "continue", observe: (event) => events.push(event) },
  );
  return { spans, outcomes, events, mostInUse, limits: [first, other] };
}

function endOf(events: readonly RunEvent[], index: number, otherwise: number): number {
  const added = events.find((event) => event.type === "task-added" && event.key === `t${index}`);
  const taskId = added?.type === "task-added" ? added.taskId : 0;
  return (
    events.find((event) => event.type === "task-settled" && event.taskId === taskId)?.atMs ??
    otherwise
  );
}

async function startChildren(
  ctx: TaskContext,
  task: ProgramTask,
  sleep: (ms: number) => Promise<void>,
): Promise<void> {
  const inside = task.exclusive ? "anything" : task.writes[0];
  const awaited = task.children.map((child, index) => {
    const handle = ctx.start(`child ${index}`, {
      writes: inside === undefined ? [] : [`${inside}/${child.part}`],
      run: () => sleep(child.durationMs),
    });
    return child.awaited ? handle.settled() : Promise.resolve();
  });
  await Promise.all(awaited);
}

const under = (a: string, b: string): boolean => a === b || b.startsWith(`${a}/`);

function conflicts(a: ProgramTask, b: ProgramTask): boolean {
  if (a.exclusive || b.exclusive) {
    return true;
  }
  const meets = (left: readonly string[], right: readonly string[]): boolean =>
    left.some((x) => right.some((y) => under(x, y) || under(y, x)));
  return meets(a.writes, b.writes) || meets(a.writes, b.reads) || meets(a.reads, b.writes);
}

const law = (check: (program: Program, observed: Observed) => void): (() => Promise<void>) => {
  return () =>
    fc.assert(
      fc.asyncProperty(program, async (each) => check(each, await runProgram(each))),
      { numRuns: 150 },
    );
};

describe("the kernel", () => {
  test(
    "gives every task exactly one outcome",
    law(({ tasks }, { outcomes, events }) => {
      expect(outcomes.map(({ key }) => key)).toEqual(tasks.map((_, index) => `t${index}`));
      expect(outcomes.map(({ status }) => status)).toEqual(
        tasks.map(({ fails }) => (fails ? "failed" : "completed")),
      );
      const settled = events
        .filter(({ type }) => type === "task-settled")
        .map((event) => "taskId" in event && event.taskId);
      expect(new Set(settled).size).toBe(settled.length);
      expect(settled.length).toBe(events.filter(({ type }) => type === "task-added").length);
    }),
  );

  test(
    "never runs more than a limit allows, and gives every slot back",
    law(({ concurrency }, { mostInUse, limits }) => {
      expect(mostInUse).toBeLessThanOrEqual(concurrency);
      expect(limits.map(({ inUse }) => inUse)).toEqual([0, 0]);
    }),
  );

  test(
    "never overlaps conflicting tasks, and runs them in the order of adding",
    law(({ tasks }, { spans }) => {
      for (const a of spans) {
        for (const b of spans) {
          const [x, y] = [tasks[a.index], tasks[b.index]];
          if (a.index < b.index && x !== undefined && y !== undefined && conflicts(x, y)) {
            expect(a.endMs).toBeLessThanOrEqual(b.startMs);
          }
        }
      }
    }),
  );

  test(
    "starts a task only after those that it comes after",
    law(({ tasks }, { spans }) => {
      for (const span of spans) {
        const after = (tasks[span.index]?.after ?? []).map(
          (each) => each % Math.max(1, span.index),
        );
        for (const before of after.filter((each) => each < span.index)) {
          expect(spans.find(({ index }) => index === before)?.endMs).toBeLessThanOrEqual(
            span.startMs,
          );
        }
      }
    }),
  );

  test(
    "numbers its events without gaps, in order of time",
    law((_, { events }) => {
      expect(events.map(({ sequence }) => sequence)).toEqual(events.map((__, index) => index));
      expect(events.map(({ atMs }) => atMs)).toEqual(
        events.map(({ atMs }) => atMs).toSorted((a, b) => a - b),
      );
    }),
  );
});
