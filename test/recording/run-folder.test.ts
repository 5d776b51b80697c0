import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, isAbsolute, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { EVENTS_FILE } from "../../src/recording/format.ts";
import { createRunFolder, listRunFolders, removeOldRuns } from "../../src/recording/run-folder.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** Makes runs that began at these times, in this order, and ended. Returns their paths. */
async function runsAt(cwd: string, times: readonly string[]): Promise<readonly string[]> {
  const paths: string[] = [];
  for (const time of times) {
    vi.setSystemTime(new Date(time));
    const { path, release } = await createRunFolder({ cwd });
    await release();
    paths.push(path);
  }
  return paths;
}

const ONE_A_YEAR = ["2021", "2022", "2023", "2024"].map((year) => `${year}-01-01T00:00:00Z`);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
});

afterEach(() => {
  vi.useRealTimers();
});

describe("createRunFolder", () => {
  test("makes a folder below .fanfold/runs, with one for logs, that git ignores", async () => {
    const cwd = temporaryFolder();
    vi.setSystemTime(new Date("2026-01-02T03:04:05.006Z"));
    const { id, path, logs } = await createRunFolder({ cwd });
    expect(id).toMatch(/^20260102-030405006-[0-9a-f]{6}$/);
    expect(path).toBe(join(cwd, ".fanfold", "runs", id));
    expect(logs).toBe(join(path, "logs"));
    expect(existsSync(logs)).toBe(true);
    expect(readFileSync(join(cwd, ".fanfold", ".gitignore"), "utf8")).toBe("*\n");
  });

  test("gives ids that sort by time, to the millisecond, and differ within one", async () => {
    const cwd = temporaryFolder();
    const times = [
      "1999-12-31T23:59:59.999Z",
      "2026-01-02T03:04:05.006Z",
      "2026-01-02T03:04:05.007Z",
      "2026-01-02T03:04:05.010Z",
      "2026-01-02T03:04:05.100Z",
      "2026-01-02T03:04:06.000Z",
      "2026-10-02T03:04:05.000Z",
    ];
    const paths = await runsAt(cwd, times);
    expect(paths).toEqual(paths.toSorted());
    expect(await listRunFolders(cwd)).toEqual(paths.toReversed());
    expect(new Set(await runsAt(cwd, [...times, ...times])).size).toBe(2 * times.length);
  });

  test("says what is in the way of the folder", async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, "plan.yaml"), "");
    for (const out of ["plan.yaml", "plan.yaml/runs"]) {
      await expect(createRunFolder({ cwd, out })).rejects.toThrow(
        `Cannot record into a folder as it, or one on its way, is a file: ${join(cwd, out)}`,
      );
    }
  });

  test.skipIf(process.platform !== "linux")("does not try without end", async () => {
    await expect(createRunFolder({ cwd: "/proc", out: "/proc/nope/run" })).rejects.toThrow(
      "Cannot record into a folder as nothing can be created in /proc: /proc/nope/run",
    );
  });

  test("makes the folder that was asked for, relative to cwd, and leaves .fanfold alone", async () => {
    const cwd = temporaryFolder();
    const { path } = await createRunFolder({ cwd, out: "results/one" });
    expect(path).toBe(join(cwd, "results", "one"));
    expect(isAbsolute(path)).toBe(true);
    expect(readdirSync(cwd)).toEqual(["results"]);
  });

  test("refuses a folder that holds a recording, and takes any other", async () => {
    const cwd = temporaryFolder();
    mkdirSync(join(cwd, "out"));
    writeFileSync(join(cwd, "out", "notes.txt"), "mine");
    await createRunFolder({ cwd, out: "out" });
    expect(readFileSync(join(cwd, "out", "notes.txt"), "utf8")).toBe("mine");
    writeFileSync(join(cwd, "out", EVENTS_FILE), "");
    await expect(createRunFolder({ cwd, out: "out" })).rejects.toThrow(
      `Cannot record into a folder that holds a recording already: ${join(cwd, "out")}`,
    );
  });
});

describe("listRunFolders", () => {
  test("is empty where nothing was recorded, and leaves out what is no run", async () => {
    const cwd = temporaryFolder();
    expect(await listRunFolders(cwd)).toEqual([]);
    const [path] = await runsAt(cwd, ["2026-01-01T00:00:00Z"]);
    for (const name of ["notes", "20260101-000000000-abcdef.zip", "2026-01-01"]) {
      mkdirSync(join(cwd, ".fanfold", "runs", name));
    }
    expect(await listRunFolders(cwd)).toEqual([path]);
  });
});

describe("removeOldRuns", () => {
  /** The process of a run that was killed. */
  const ended = (): number => spawnSync(process.execPath, ["--version"]).pid;

  test("keeps the newest and removes the others, also of killed runs", async () => {
    const cwd = temporaryFolder();
    const paths = await runsAt(cwd, ONE_A_YEAR);
    writeFileSync(join(paths[0] ?? "", "pid"), String(ended()));
    await removeOldRuns(cwd, 2);
    expect(await listRunFolders(cwd)).toEqual(paths.slice(2).toReversed());
    await removeOldRuns(cwd, 2);
    expect(await listRunFolders(cwd)).toHaveLength(2);
    await removeOldRuns(cwd, 0);
    expect(await listRunFolders(cwd)).toEqual([]);
  });

  test("keeps a run whose process lives, until it is released", async () => {
    const cwd = temporaryFolder();
    vi.setSystemTime(new Date("2020-01-01T00:00:00Z"));
    const living = await createRunFolder({ cwd });
    const paths = await runsAt(cwd, ONE_A_YEAR);
    await removeOldRuns(cwd, 1);
    expect(await listRunFolders(cwd)).toEqual([paths.at(-1), living.path]);
    await living.release();
    await living.release();
    await removeOldRuns(cwd, 1);
    expect((await listRunFolders(cwd)).map((path) => basename(path))).toEqual([
      basename(paths.at(-1) ?? ""),
    ]);
  });

  test("keeps a run whose process belongs to another user", async () => {
    const cwd = temporaryFolder();
    const [first = ""] = await runsAt(cwd, ONE_A_YEAR);
    writeFileSync(join(first, "pid"), "1");
    await removeOldRuns(cwd, 1);
    expect(await listRunFolders(cwd)).toContain(first);
  });

  test.each(["", "0", "-1", "nobody", "1.5"])("takes %j for no process", async (pid) => {
    const cwd = temporaryFolder();
    const [first = ""] = await runsAt(cwd, ONE_A_YEAR);
    writeFileSync(join(first, "pid"), pid);
    await removeOldRuns(cwd, 1);
    expect(await listRunFolders(cwd)).not.toContain(first);
  });

  test("does nothing where nothing was recorded", async () => {
    const cwd = temporaryFolder();
    await removeOldRuns(cwd, 0);
    expect(readdirSync(cwd)).toEqual([]);
  });
});
