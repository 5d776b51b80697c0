import { spawn, type ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { afterEach, describe, expect, test, vi } from "vitest";
import { endMarked, killMarked, markedEnvironment } from "../../src/system/marked-processes.ts";

const VARIABLE = "FANFOLD_MARK";

afterEach(() => {
  vi.unstubAllEnvs();
});

describe("markedEnvironment", () => {
  test("adds a mark to those that this process carries itself", () => {
    vi.stubEnv(VARIABLE, undefined);
    expect(markedEnvironment("inner")).toEqual({ [VARIABLE]: "inner" });
    vi.stubEnv(VARIABLE, "outer:middle");
    expect(markedEnvironment("inner")).toEqual({ [VARIABLE]: "outer:middle:inner" });
  });
});

describe.skipIf(process.platform !== "linux")("marked processes", () => {
  const started: ChildProcess[] = [];
  afterEach(async () => {
    for (const child of started.splice(0)) {
      if (isRunning(child)) {
        child.kill("SIGKILL");
        await once(child, "exit");
      }
    }
  });

  /** A process of a session of its own with these marks, when it is ready. */
  async function start(
    marks: string,
    script = "echo ready; exec sleep 1000",
  ): Promise<ChildProcess> {
    const child = spawn("sh", ["-c", script], {
      detached: true,
      env: { ...process.env, [VARIABLE]: marks },
      stdio: ["ignore", "pipe", "ignore"],
    });
    started.push(child);
    await once(child.stdout, "data");
    return child;
  }

  function isRunning(child: ChildProcess): boolean {
    return child.exitCode === null && child.signalCode === null;
  }

  async function exitSignal(child: ChildProcess): Promise<unknown> {
    if (isRunning(child)) {
      await once(child, "exit");
    }
    return child.signalCode;
  }

  test("are found by any of their marks, or by what stands before a dot", async () => {
    const mark = randomUUID();
    for (const marks of [mark, `a:${mark}`, `${mark}:b`, `a:${mark}:b`, `a:${mark}.task.1:b`]) {
      const child = await start(marks);
      await endMarked(mark, 60_000);
      expect([marks, await exitSignal(child)]).toEqual([marks, "SIGTERM"]);
    }
  });

  test("are not found by a part of a mark", async () => {
    const mark = randomUUID();
    const child = await start(`${mark}2:x${mark}:y.${mark}`);
    const other = await start(mark);
    await endMarked(mark, 60_000);
    expect(await exitSignal(other)).toBe("SIGTERM");
    expect(isRunning(child)).toBe(true);
  });

  test("are waited for until all have ended", async () => {
    const mark = randomUUID();
    const polite = `trap 'head -c 1000000 /dev/zero >/dev/null; exit 3' TERM
      echo ready; while :; do sleep 0.01; done`;
    const children = [await start(mark, polite), await start(`${mark}.1`)];
    await endMarked(mark, 60_000);
    expect(children.map(({ pid }) => pid).filter(isAlive)).toEqual([]);
  });

  test("are killed after the grace, when they ignore what they are told", async () => {
    const mark = randomUUID();
    const child = await start(mark, `trap "" TERM; echo ready; exec sleep 1000`);
    await endMarked(mark, 0);
    expect(await exitSignal(child)).toBe("SIGKILL");
  });

  test("are killed at once by killMarked", async () => {
    const mark = randomUUID();
    const child = await start(`${mark}.1`);
    killMarked(mark);
    expect(await exitSignal(child)).toBe("SIGKILL");
  });

  test("are found while another program takes the place of theirs, too", async () => {
    const mark = randomUUID();
    const replace = `if [ $LEFT -gt 0 ]; then LEFT=$((LEFT - 1)) exec sh -c "$REPLACE"; fi; exec sleep 1000`;
    const script = `export REPLACE='${replace}' LEFT=30; echo ready; eval "$REPLACE"`;
    for (let round = 0; round < 6; round += 1) {
      const children = await Promise.all(
        Array.from({ length: 8 }, async () => await start(mark, script)),
      );
      await endMarked(mark, 60_000);
      for (const child of children) {
        expect(await exitSignal(child)).toBe("SIGTERM");
      }
    }
  });

  test("are not waited for where they show no environment at all", async () => {
    const child = spawn("sleep", ["1000"], { env: {}, stdio: "ignore" });
    started.push(child);
    await once(child, "spawn");
    await endMarked(randomUUID(), 60_000);
    killMarked(randomUUID());
    expect(isRunning(child)).toBe(true);
  });

  test("need not be there", async () => {
    await endMarked(randomUUID(), 60_000);
    killMarked(randomUUID());
  });
});

/** Whether a process runs; one that has ended and waits for its parent does not. */
function isAlive(pid: number | undefined): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
