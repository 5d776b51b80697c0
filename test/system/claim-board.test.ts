import { randomUUID } from "node:crypto";
import { mkdirSync, readdirSync, rmSync, utimesSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { BoardClaims } from "../../src/system/board-claims.ts";
import { ClaimBoard } from "../../src/system/claim-board.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const folder = temporaryFolder();
const idle = new AbortController().signal;

const writes = (...names: readonly string[]): BoardClaims => ({ reads: [], writes: names });
const reads = (...names: readonly string[]): BoardClaims => ({ reads: names, writes: [] });
const claimFiles = (): readonly string[] => readdirSync(folder.path);

describe("a claim board", () => {
  test("lets those that read side by side, and one at a time that writes what others use", async () => {
    const [a, b] = [await ClaimBoard.open(folder.path), await ClaimBoard.open(folder.path)];
    const first = await a.claim(reads("file:/src"), { signal: idle });
    const beside = await b.claim(reads("file:/src/a.ts"), { signal: idle });
    const elsewhere = await b.claim(writes("file:/test"), { signal: idle });
    const order: string[] = [];
    const waits = b
      .claim(writes("file:/src/a.ts"), {
        signal: idle,
        onWait: ({ pid }) => order.push(`on ${pid}`),
      })
      .then((hold) => {
        order.push("granted");
        return hold;
      });
    await beside.release();
    await elsewhere.release();
    order.push("released");
    await first.release();
    await (await waits).release();
    expect(order.filter((each) => !each.startsWith("on "))).toEqual(["released", "granted"]);
    expect(claimFiles()).toEqual([]);
  });

  test("grants conflicting claims of several boards one at a time, and all of them", async () => {
    const names = ["*", "a", "a/b", "a/c", "d"];
    const claims = fc.record({
      reads: fc.subarray(names, { maxLength: 2 }),
      writes: fc.subarray(names, { maxLength: 2 }),
    });
    const program = fc.array(fc.tuple(fc.nat(2), claims, fc.nat(3)), {
      minLength: 1,
      maxLength: 8,
    });
    await fc.assert(
      fc.asyncProperty(program, async (steps) => {
        const boards = await Promise.all([0, 1, 2].map(() => ClaimBoard.open(folder.path)));
        const held = new Map<number, { readonly board: number; readonly claims: BoardClaims }>();
        const run = async ([board, each, turns]: (typeof steps)[number], index: number) => {
          const hold = await boards[board]?.claim(each, { signal: idle });
          for (const other of held.values()) {
            // Those of one board are for its process to order.
            expect(other.board !== board && areInTheWay(other.claims, each)).toBe(false);
          }
          held.set(index, { board, claims: each });
          for (let turn = 0; turn < turns; turn += 1) {
            await setImmediate();
          }
          held.delete(index);
          await hold?.release();
        };
        await Promise.all(steps.map(run));
        expect(claimFiles()).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  test("grants the claims of one board in their order, as far as they conflict", async () => {
    const [a, b] = [await ClaimBoard.open(folder.path), await ClaimBoard.open(folder.path)];
    const obstacle = await b.claim(writes("x"), { signal: idle });
    const order: string[] = [];
    const ask = async (name: string, claims: BoardClaims): Promise<void> => {
      const hold = await a.claim(claims, { signal: idle });
      order.push(name);
      await hold.release();
    };
    const first = ask("x and y", writes("x", "y"));
    const behind = ask("y", reads("y"));
    await ask("z", writes("z"));
    order.push("released");
    await obstacle.release();
    await Promise.all([first, behind]);
    expect(order).toEqual(["z", "released", "x and y", "y"]);
  });

  test("keeps nothing of a claim that was given up", async () => {
    const [a, b] = [await ClaimBoard.open(folder.path), await ClaimBoard.open(folder.path)];
    const hold = await a.claim(writes("x"), { signal: idle });
    const controller = new AbortController();
    const waits = b.claim(writes("x"), {
      signal: controller.signal,
      onWait: () => controller.abort(new Error("enough")),
    });
    await expect(waits).rejects.toThrow("enough");
    expect(claimFiles()).toHaveLength(1);
    await hold.release();
  });

  test("writes a claim again that somebody has removed while it waited", async () => {
    const [a, b] = [await ClaimBoard.open(folder.path), await ClaimBoard.open(folder.path)];
    const hold = await a.claim(writes("x"), { signal: idle });
    const waits = b.claim(writes("x"), {
      signal: idle,
      onWait: () => claimFiles().forEach((file) => rmSync(folder.at(file))),
    });
    const granted = await waits;
    expect(claimFiles()).toHaveLength(1);
    await Promise.all([granted.release(), hold.release()]);
  });

  test("claims again where somebody has removed its folder, also while it waits", async () => {
    const [a, b] = [await ClaimBoard.open(folder.path), await ClaimBoard.open(folder.path)];
    const removeAll = (): void => rmSync(folder.path, { recursive: true });
    const hold = await a.claim(writes("x"), { signal: idle });
    const granted = await b.claim(writes("x"), { signal: idle, onWait: removeAll });
    expect(claimFiles()).toHaveLength(1);
    removeAll();
    const other = await a.claim(writes("y"), { signal: idle });
    expect(claimFiles()).toHaveLength(1);
    await Promise.all([hold, granted, other].map(async (each) => await each.release()));
  });

  test("works within the claims of whoever runs its process: waits neither for these, nor for what waits for them", async () => {
    const outer = await ClaimBoard.open(folder.path, { mark: "outer" });
    const other = await ClaimBoard.open(folder.path);
    const inner = await ClaimBoard.open(folder.path, { around: ["far", "outer.1"], mark: "inner" });
    const beside = await ClaimBoard.open(folder.path, { around: ["outermost.1"] });
    const around = await outer.claim(writes("x"), { signal: idle });
    const taken = await other.claim(reads("z"), { signal: idle });
    const order: string[] = [];
    const ask = async (name: string, board: ClaimBoard, claims: BoardClaims): Promise<void> => {
      const hold = await board.claim(claims, {
        signal: idle,
        onWait: () => order.push(`${name} waits`),
      });
      order.push(name);
      await hold.release();
    };
    const waits = ask("other", other, writes("x", "y"));
    await expect.poll(() => order).toEqual(["other waits"]);
    await ask("inner", inner, writes("x", "y")); // The other one waits for what is around it.
    const innerToo = ask("inner too", inner, writes("z"));
    await expect.poll(() => order.at(-1)).toBe("inner too waits");
    const besideToo = ask("beside", beside, writes("x"));
    await expect.poll(() => order.at(-1)).toBe("beside waits");
    await taken.release();
    await innerToo;
    expect(order).not.toContain("other");
    await around.release();
    await Promise.all([waits, besideToo]);
    expect(order.filter((each) => !each.endsWith("waits"))).toEqual([
      "inner",
      "inner too",
      "other",
      "beside",
    ]);
  });

  test("does not claim above the highest ticket that there is", async () => {
    const board = await ClaimBoard.open(folder.path);
    const file = `${"9".repeat(12)}-00000000-0000-0000-0000-000000000000.json`;
    folder.write(file, "{");
    await expect(board.claim(writes("x"), { signal: idle })).rejects.toThrow(RangeError);
    expect(claimFiles()).toEqual([file]);
  });

  test("passes over what a machine has left that went down, and removes it a minute later", async () => {
    const board = await ClaimBoard.open(folder.path);
    const name = `000000000007-${randomUUID()}.json`;
    folder.write(name);
    await (await board.claim(writes("x"), { signal: idle })).release();
    expect(claimFiles()).toEqual([name]);
    const minuteAgo = new Date(Date.now() - 60_000);
    utimesSync(folder.at(name), minuteAgo, minuteAgo);
    await (await board.claim(writes("x"), { signal: idle })).release();
    expect(claimFiles()).toEqual([]);
  });

  test("grants nothing past a claim that it cannot read", async () => {
    const board = await ClaimBoard.open(folder.path);
    mkdirSync(folder.at(`000000000007-${randomUUID()}.json`));
    await expect(board.claim(writes("x"), { signal: idle })).rejects.toThrow("EISDIR");
  });

  test("removes drafts that were left behind a minute ago, and no others", async () => {
    const old = folder.write("old.tmp", "");
    utimesSync(old, new Date(0), new Date(0));
    folder.write("new.tmp", "");
    await ClaimBoard.open(folder.path);
    expect(claimFiles()).toEqual(["new.tmp"]);
    rmSync(folder.at("new.tmp"));
  });
});

/** Whether two claims conflict, segment by segment: `*` is above everything. */
function areInTheWay(a: BoardClaims, b: BoardClaims): boolean {
  const meets = (some: readonly string[], others: readonly string[]): boolean =>
    some.some((x) => others.some((y) => isAbove(x, y) || isAbove(y, x)));
  return meets(a.writes, b.writes) || meets(a.writes, b.reads) || meets(a.reads, b.writes);
}

function isAbove(x: string, y: string): boolean {
  const [above, below] = [x, y].map((name) => (name === "*" ? [] : name.split("/")));
  return (above ?? []).every((segment, index) => below?.[index] === segment);
}
