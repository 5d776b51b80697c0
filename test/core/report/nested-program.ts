// Random programs of tasks that start tasks: how they are run, and how long they take by definition where slots never lack.
import fc from "fast-check";
import {
  mutex,
  scope,
  settle,
  type Report,
  type Starter,
  type TaskContext,
  type TaskHandle,
} from "../../../src/index.ts";
import { virtualClock } from "../../../src/testing/index.ts";

export interface ProgramTask {
  readonly claim: "none" | "read" | "write" | "below" | "exclusive";
  /** Whether its first attempt fails, after `beforeMs`. */
  readonly isRetried: boolean;
  /** Whether it comes after the sibling before it. */
  readonly isAfter: boolean;
  /** When the code that starts it awaits it. */
  readonly awaited: "at once" | "later" | "never";
  /** How long that code runs before it starts it. */
  readonly gapMs: number;
  readonly beforeMs: number;
  readonly children: readonly ProgramTask[];
  /** Pairs of tasks that it starts one after the other, beside the other pairs. */
  readonly branches: readonly (readonly [number, number])[];
  /** Tasks that it runs as a group, and awaits. */
  readonly group: readonly number[];
  /** How long it is alone in a section that all share. */
  readonly lockedMs: number;
  readonly tailMs: number;
}

export const RETRY_MS = 7;

const ms = fc.nat(9);

const few = <T>(each: fc.Arbitrary<T>, most: number): fc.Arbitrary<T[]> =>
  fc.array(each, { maxLength: most });

const rarely = fc.integer({ min: 0, max: 5 }).map((value) => value === 0);

function taskOf(depth: number, isTangled: boolean): fc.Arbitrary<ProgramTask> {
  return fc.record({
    claim: fc.constantFrom("none", "none", "read", "write", "below", "exclusive"),
    isRetried: rarely,
    isAfter: fc.boolean(),
    awaited: fc.constantFrom("at once", "later", "never"),
    gapMs: ms,
    beforeMs: ms,
    children: depth === 0 ? fc.constant([]) : few(taskOf(depth - 1, isTangled), 3),
    branches: depth > 0 && isTangled ? few(fc.tuple(ms, ms), 2) : fc.constant([]),
    group: depth === 0 ? fc.constant([]) : few(ms, 2),
    lockedMs: isTangled ? ms : fc.constant(0),
    tailMs: ms,
  });
}

/** Programs. In tangled ones there are branches, and sections that one task at a time may be in: their order is a matter of slots. */
export function programs(isTangled: boolean): fc.Arbitrary<readonly ProgramTask[]> {
  const tasks = fc.array(taskOf(2, isTangled), { minLength: 1, maxLength: 5 });
  return tasks.map((each) => withClaims(each));
}

/** Runs a program, and returns its report. The code around all tasks takes no time. */
export async function reportOf(tasks: readonly ProgramTask[], limit: number): Promise<Report> {
  const clock = virtualClock();
  const alone = mutex();
  const sleep = (durationMs: number): Promise<void> =>
    new Promise((resolve) => void clock.schedule(durationMs, resolve));

  const startAll = async (
    starter: Starter,
    path: string,
    children: readonly ProgramTask[],
    around: ProgramTask | undefined,
  ): Promise<void> => {
    const later: TaskHandle<void>[] = [];
    let before: TaskHandle<void> | undefined;
    for (const [index, child] of children.entries()) {
      if (around !== undefined && child.gapMs > 0) {
        await sleep(child.gapMs);
      }
      const handle: TaskHandle<void> = starter.start(`${path}${index}`, {
        ...declared(child, around),
        after: before !== undefined && child.isAfter ? [{ task: before, until: "settled" }] : [],
        retry: child.isRetried ? { attempts: 2, delayMs: RETRY_MS, jitter: "none" } : false,
        run: (ctx) => run(ctx, `${path}${index}.`, child),
      });
      before = handle;
      if (child.awaited === "at once") {
        await handle.settled();
      } else if (child.awaited === "later") {
        later.push(handle);
      }
    }
    await Promise.all(later.map((each) => each.settled()));
  };

  const run = async (ctx: TaskContext, path: string, task: ProgramTask): Promise<void> => {
    await sleep(task.beforeMs);
    if (task.isRetried && ctx.attempt === 1) {
      throw new Error("again");
    }
    await startAll(ctx, path, task.children, task);
    const leaf = (key: string, durationMs: number): TaskHandle<void> =>
      ctx.start(`${path}${key}`, () => sleep(durationMs));
    await Promise.all(
      task.branches.map(async ([firstMs, secondMs], index) => {
        await leaf(`branch ${index} first`, firstMs);
        await leaf(`branch ${index} second`, secondMs);
      }),
    );
    if (task.group.length > 0) {
      await settle(
        Object.fromEntries(
          task.group.map((durationMs, index) => [`${path}group ${index}`, () => sleep(durationMs)]),
        ),
        { within: ctx, name: `${path}group` },
      );
    }
    if (task.lockedMs > 0) {
      await alone.run(() => sleep(task.lockedMs));
    }
    await sleep(task.tailMs);
  };

  const scoped = scope((s) => startAll(s, "", tasks, undefined), {
    clock,
    limit,
    failure: "continue",
    report: "full",
  });
  await scoped;
  return scoped.report;
}

/** Only tasks at the top and inside those that claim something claim anything: in what order others would meet is a matter of slots. */
function claimOf(task: ProgramTask, around: ProgramTask | undefined): ProgramTask["claim"] {
  const { claim } = task;
  if (around === undefined) {
    return claim;
  }
  switch (around.claim) {
    case "exclusive":
      return claim === "exclusive" ? "write" : claim;
    case "write":
      return claim === "exclusive" ? "below" : claim;
    case "below":
      return claim === "none" ? "none" : "below";
    case "read":
      return claim === "none" ? "none" : "read";
    case "none":
      return "none";
  }
}

function declared(
  task: ProgramTask,
  around: ProgramTask | undefined,
): { reads?: string[]; writes?: string[]; exclusive?: boolean } {
  switch (task.claim) {
    case "none":
      return {};
    case "read":
      return { reads: ["a"] };
    case "write":
      return { writes: ["a"] };
    case "below":
      return { writes: ["a/b"] };
    case "exclusive":
      return around === undefined ? { exclusive: true } : {};
  }
}

/** The same program, where tasks claim only what they may. */
function withClaims(tasks: readonly ProgramTask[], around?: ProgramTask): readonly ProgramTask[] {
  return tasks.map((task) => {
    const claimed = { ...task, claim: claimOf(task, around) };
    return { ...claimed, children: withClaims(claimed.children, claimed) };
  });
}

/** Somewhere in a task, time passes in which nothing happens. */
export interface Delay {
  readonly key: string;
  /** Before which of the steps of the task, counted from 0; one beyond the last is its end. */
  readonly step: number;
  readonly ms: number;
}

/** How long a program that is not tangled takes without limits, and how many steps each task has: by definition, task by task. */
export function withoutLimits(
  tasks: readonly ProgramTask[],
  delay?: Delay,
): { readonly endMs: number; readonly steps: ReadonlyMap<string, number> } {
  const steps = new Map<string, number>();
  let endMs = 0;
  const step = (key: string, atMs: number, durationMs: number): number => {
    const number = steps.get(key) ?? 0;
    steps.set(key, number + 1);
    return atMs + durationMs + (delay?.key === key && delay.step === number ? delay.ms : 0);
  };
  const leaf = (key: string, startMs: number, durationMs: number): number => {
    const settledMs = step(key, step(key, startMs, durationMs), 0);
    endMs = Math.max(endMs, settledMs);
    return settledMs;
  };
  const attempt = (key: string, path: string, task: ProgramTask, startMs: number): number => {
    let atMs = startMs;
    let allMs = 0;
    if (task.isRetried) {
      atMs = step(key, atMs, task.beforeMs) + RETRY_MS;
    }
    atMs = step(key, atMs, task.beforeMs);
    const children = startAll(path, task.children, { key, task, atMs });
    atMs = children.atMs;
    allMs = children.allMs;
    if (task.group.length > 0) {
      const begunMs = step(`${path}group`, atMs, 0);
      const itemsMs = task.group.map((durationMs, index) =>
        leaf(`${path}group ${index}`, begunMs, durationMs),
      );
      atMs = step(`${path}group`, Math.max(...itemsMs), 0);
    }
    atMs = step(key, atMs, task.tailMs);
    const settledMs = step(key, Math.max(atMs, allMs), 0);
    endMs = Math.max(endMs, settledMs);
    return settledMs;
  };
  const startAll = (
    path: string,
    children: readonly ProgramTask[],
    around: { readonly key: string; readonly task: ProgramTask; readonly atMs: number } | undefined,
  ): { readonly atMs: number; readonly allMs: number } => {
    let atMs = around?.atMs ?? 0;
    let laterMs = 0;
    let allMs = 0;
    const ended: { readonly task: ProgramTask; readonly endMs: number }[] = [];
    for (const [index, task] of children.entries()) {
      const key = `${path}${index}`;
      if (around !== undefined && task.gapMs > 0) {
        atMs = step(around.key, atMs, task.gapMs);
      }
      const startMs = Math.max(
        atMs,
        task.isAfter ? (ended.at(-1)?.endMs ?? 0) : 0,
        ...ended.filter((each) => conflict(each.task, task)).map((each) => each.endMs),
      );
      const childMs = attempt(key, `${key}.`, task, startMs);
      ended.push({ task, endMs: childMs });
      allMs = Math.max(allMs, childMs);
      atMs = task.awaited === "at once" ? Math.max(atMs, childMs) : atMs;
      laterMs = task.awaited === "later" ? Math.max(laterMs, childMs) : laterMs;
    }
    return { atMs: Math.max(atMs, laterMs), allMs };
  };
  startAll("", tasks, undefined);
  return { endMs, steps };
}

function conflict({ claim: a }: ProgramTask, { claim: b }: ProgramTask): boolean {
  return (
    a === "exclusive" ||
    b === "exclusive" ||
    (a !== "none" && b !== "none" && (a !== "read" || b !== "read"))
  );
}

/** What the tasks of a program run by themselves, one after another. */
export function sequentialMs(tasks: readonly ProgramTask[], isTop = true): number {
  const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
  return sum(
    tasks.map(
      (task) =>
        (isTop ? 0 : task.gapMs) +
        task.beforeMs * (task.isRetried ? 2 : 1) +
        task.lockedMs +
        task.tailMs +
        sequentialMs(task.children, false) +
        sum(task.branches.flat()) +
        sum(task.group),
    ),
  );
}
