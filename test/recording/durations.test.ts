import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { settle, type TaskContext } from "../../src/index.ts";
import { lastDurations } from "../../src/recording/durations.ts";
import { EVENTS_FILE, type Origin } from "../../src/recording/format.ts";
import { Recorder } from "../../src/recording/recorder.ts";
import { createRunFolder } from "../../src/recording/run-folder.ts";
import { virtualClock, type VirtualClock } from "../../src/testing/index.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const SOURCE = "/plans/a.yaml";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
});

afterEach(() => {
  vi.useRealTimers();
});

const lasting = async (clock: VirtualClock, ms: number): Promise<void> =>
  await new Promise((resolve) => {
    clock.schedule(ms, resolve);
  });

/** Records a run of tasks that take so long; one without a time fails. Returns its folder. */
async function record(
  cwd: string,
  year: number,
  durations: Readonly<Record<string, number | undefined>>,
  from: Partial<Origin> = {},
): Promise<string> {
  vi.setSystemTime(new Date(`${year}-01-01T00:00:00Z`));
  const { id: runId, path: folder, release } = await createRunFolder({ cwd });
  const recorder = new Recorder({
    folder,
    runId,
    origin: { command: "run", source: SOURCE, cwd, fanfold: "1.2.3", ...from },
    redact: (text) => text,
  });
  const clock = virtualClock();
  const tasks = Object.entries(durations).map(([key, ms]) => [
    key,
    async () => {
      await lasting(clock, ms ?? 1);
      if (ms === undefined) {
        throw new Error("no route");
      }
    },
  ]);
  await settle(Object.fromEntries(tasks) as Record<string, () => Promise<void>>, {
    clock,
    observe: recorder.record,
  });
  expect(await recorder.end()).toEqual({ problem: undefined });
  await release();
  return folder;
}

async function lastOf(cwd: string): Promise<Readonly<Record<string, number>>> {
  return Object.fromEntries(await lastDurations({ command: "run", source: SOURCE, cwd }));
}

describe("lastDurations", () => {
  test("is empty where nothing was recorded", async () => {
    expect(await lastOf(temporaryFolder())).toEqual({});
  });

  test("tells how long the tasks took when they last completed", async () => {
    const cwd = temporaryFolder();
    await record(cwd, 2022, { a: 70, b: 300, gone: 5 });
    await record(cwd, 2023, { a: 100, b: undefined });
    await record(cwd, 2021, { a: 1, b: 2 });
    expect(await lastOf(cwd)).toEqual({ a: 100, b: 300, gone: 5 });
  });

  test("leaves out the recordings of other sources and commands", async () => {
    const cwd = temporaryFolder();
    await record(cwd, 2021, { a: 70 });
    for (const year of [2022, 2023, 2024, 2025]) {
      await record(cwd, year, { a: 1, b: 1 }, { source: "/plans/b.yaml" });
      await record(cwd, year, { a: 1, b: 1 }, { command: "ask" });
    }
    expect(await lastOf(cwd)).toEqual({ a: 70 });
  });

  test("looks at the last three recordings", async () => {
    const cwd = temporaryFolder();
    await record(cwd, 2021, { a: 1 });
    await record(cwd, 2022, { b: 2 });
    await record(cwd, 2023, { c: 3 });
    await record(cwd, 2024, { d: 4 });
    expect(await lastOf(cwd)).toEqual({ b: 2, c: 3, d: 4 });
  });

  test("takes what is known from a killed run, and nothing from a damaged one", async () => {
    const cwd = temporaryFolder();
    await record(cwd, 2021, { a: 1, b: 2, c: 3 });
    const damaged = await record(cwd, 2022, { c: 70 });
    appendFileSync(join(damaged, EVENTS_FILE), "damage\n{}\n");
    const killed = await createRunFolder({ cwd });
    writeFileSync(join(killed.path, EVENTS_FILE), "");
    await createRunFolder({ cwd });
    expect(await lastOf(cwd)).toEqual({ a: 1, b: 2, c: 3 });
  });

  test("counts the time of a task that starts others until they have ended", async () => {
    const cwd = temporaryFolder();
    vi.setSystemTime(new Date("2022-01-01T00:00:00Z"));
    const { id: runId, path: folder } = await createRunFolder({ cwd });
    const clock = virtualClock();
    const recorder = new Recorder({
      folder,
      runId,
      origin: { command: "run", source: SOURCE, cwd, fanfold: "1.2.3" },
      redact: (text) => text,
    });
    const outer = async (ctx: TaskContext): Promise<void> => {
      await lasting(clock, 10);
      await ctx.start("inner", async () => await lasting(clock, 200));
    };
    await settle({ outer }, { clock, observe: recorder.record });
    await recorder.end();
    expect(await lastOf(cwd)).toMatchObject({ outer: 210 });
  });
});
