/** Claims on a board that processes of their own make. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { afterEach, describe, expect, test } from "vitest";
import { ClaimBoard } from "../../src/system/claim-board.ts";
import { temporaryFolder } from "../system/temporary-folder.ts";

const folder = temporaryFolder();
const idle = new AbortController().signal;
const BUILT = new URL("../../dist/system/claim-board.js", import.meta.url).href;

const workers: ChildProcess[] = [];
afterEach(() => workers.splice(0).forEach((each) => each.kill("SIGKILL")));

/** A process that runs a few lines with a board of its own. */
function worker(lines: string): ChildProcess {
  const code = `import { ClaimBoard } from ${JSON.stringify(BUILT)};
    const board = await ClaimBoard.open(${JSON.stringify(folder.path)});
    const signal = new AbortController().signal;
    ${lines}`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", code], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  workers.push(child);
  return child;
}

describe("a claim board of several processes", () => {
  test("lets none of four that count in one file lose a step", async () => {
    const file = folder.write("counter.txt", "0");
    const code = `
      import("node:fs").then(async ({ readFileSync, writeFileSync }) => {
        for (let step = 0; step < 15; step += 1) {
          const hold = await board.claim({ reads: [], writes: ["file:/counter"] }, { signal });
          const count = Number(readFileSync(${JSON.stringify(file)}, "utf8"));
          await new Promise((resolve) => setImmediate(resolve));
          writeFileSync(${JSON.stringify(file)}, String(count + 1));
          await hold.release();
        }
      });`;
    const exits = [1, 2, 3, 4].map(() => once(worker(code), "exit"));
    expect((await Promise.all(exits)).map(([exitCode]) => exitCode as unknown)).toEqual([
      0, 0, 0, 0,
    ]);
    expect(readFileSync(file, "utf8")).toBe("60");
  });

  test("forgets what a process held that was killed, as soon as somebody waits for it", async () => {
    const code = `await board.claim({ reads: [], writes: ["*"] }, { signal });
      console.log("held");
      setInterval(() => undefined, 1000);`;
    const child = worker(code);
    await once(child.stdout as NodeJS.ReadableStream, "data");
    const board = await ClaimBoard.open(folder.path);
    const owners: number[] = [];
    const hold = await board.claim(
      { reads: [], writes: ["x"] },
      {
        signal: idle,
        onWait: ({ pid }) => {
          owners.push(pid);
          child.kill("SIGKILL");
        },
      },
    );
    expect(owners).toEqual([child.pid]);
    expect(readdirSync(folder.path)).toHaveLength(1);
    await hold.release();
  });
});
