// Servers of the same folders, in one process: each is somebody else to the others.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { systemClock } from "../../src/core/clock.ts";
import { OtherServers, type EnterOptions } from "../../src/mcp/other-servers.ts";
import { conflict, type BoardClaims } from "../../src/system/board-claims.ts";
import { rootFolder } from "../../src/system/root-folder.ts";
import { temporaryFolder } from "../system/temporary-folder.ts";

const folder = temporaryFolder();

const still: EnterOptions = { signal: new AbortController().signal, onWait: () => undefined };

function serverOf(names: readonly string[], warn: (message: string) => void = fail): OtherServers {
  const roots = names.map((name) => {
    mkdirSync(folder.at(name), { recursive: true });
    return rootFolder(folder.at(name));
  });
  return new OtherServers({ roots, mark: "test", clock: systemClock, warn });
}

function fail(message: string): never {
  throw new Error(message);
}

const claimFiles = (root: string): readonly string[] =>
  readdirSync(folder.at(`${root}/.fanfold/claims`));

describe("other servers", () => {
  test("never overlap where they conflict, all come in, and those of one server in their order", async () => {
    // The roots of the one in one order, of the other in the other.
    const program = fc.array(
      fc.record({
        server: fc.nat(1),
        reads: fc.subarray(["one/a", "two/a", "two", "db:x"], { maxLength: 2 }),
        writes: fc.subarray(["one/a", "one/b", "two/a/b", "*", "db:x"], { maxLength: 2 }),
        turns: fc.nat(3),
      }),
      { minLength: 2, maxLength: 8 },
    );
    await fc.assert(
      fc.asyncProperty(program, async (steps) => {
        const servers = [serverOf(["one", "two"]), serverOf(["two", "one"])];
        const named = (name: string): string =>
          /^(?:one|two)/.test(name) ? `file:${folder.at(name)}` : name;
        const inside = new Set<{ readonly server: number; readonly claims: BoardClaims }>();
        const begun: number[] = [];
        const work = steps.map(async ({ server, turns, ...given }, index) => {
          const claims = { reads: given.reads.map(named), writes: given.writes.map(named) };
          const entered = await servers[server]?.enter(claims, still, (each) => {
            begun.push(index);
            return each;
          });
          const place = { server, claims };
          const others = [...inside].filter((other) => other.server !== server);
          expect(others.some((other) => conflict(other.claims, claims))).toBe(false);
          inside.add(place);
          for (let turn = 0; turn < turns; turn += 1) {
            await setImmediate();
          }
          inside.delete(place);
          await entered?.leave();
          return { server, claims };
        });
        const done = await Promise.all(work);
        expect([...claimFilesOf("one"), ...claimFilesOf("two")]).toEqual([]);
        for (const [at, first] of done.entries()) {
          for (const [later, second] of done.entries()) {
            if (
              at < later &&
              first.server === second.server &&
              conflict(first.claims, second.claims)
            ) {
              expect(begun.indexOf(at)).toBeLessThan(begun.indexOf(later));
            }
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  test("need nothing of a folder where nothing of it is claimed", async () => {
    const server = serverOf(["one", "two"]);
    const claims = { reads: [`file:${folder.at("two/a")}`], writes: [] };
    const entered = await server.enter(claims, still, (each) => each);
    expect(readdirSync(folder.at("one"))).toEqual([]);
    expect(claimFiles("two")).toHaveLength(1);
    expect(readFileSync(folder.at("two/.fanfold/.gitignore"), "utf8")).toBe("*\n");
    await entered.leave();
    await (await server.enter({ reads: [], writes: [] }, still, (each) => each)).leave();
    expect(claimFiles("two")).toEqual([]);
  });

  test("leave nothing of what was cancelled while it waited, for others or in the line of its server", async () => {
    const [one, other] = [serverOf(["one"]), serverOf(["one"])];
    const claims = { reads: [], writes: ["*"] };
    const held = await other.enter(claims, still, (each) => each);
    const cancel = new AbortController();
    const reason = new Error("enough");
    const waits = [1, 2].map(
      async () =>
        await one.enter(
          claims,
          { signal: cancel.signal, onWait: () => cancel.abort(reason) },
          fail as never,
        ),
    );
    for (const each of await Promise.allSettled(waits)) {
      expect(each).toEqual({ status: "rejected", reason });
    }
    expect(claimFiles("one")).toHaveLength(1);
    await held.leave();
    await (await one.enter(claims, still, (each) => each)).leave();
  });

  test.each<[string, () => void]>([
    ["is a file", () => folder.write("one/.fanfold")],
    [
      "leads elsewhere",
      () => {
        mkdirSync(folder.at("elsewhere/claims"), { recursive: true });
        mkdirSync(folder.at("one"));
        symlinkSync(folder.at("elsewhere"), folder.at("one/.fanfold"));
      },
    ],
  ])("are gone without, and told of once, where their folder %s", async (_, prepare) => {
    prepare();
    const warnings: string[] = [];
    const server = serverOf(["one"], (message) => warnings.push(message));
    for (const writes of [["a"], ["a"]]) {
      await (await server.enter({ reads: [], writes }, still, (each) => each)).leave();
    }
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain(`Other servers of ${folder.at("one")} know nothing`);
  });
});

describe("the folder of claims", () => {
  const everything = { reads: [], writes: ["*"] };

  test("may become something else while something runs: that is told of, and what was done is done", async () => {
    const warnings: string[] = [];
    const server = serverOf(["one"], (message) => warnings.push(message));
    const entered = await server.enter(everything, still, (each) => each);
    rmSync(folder.at("one/.fanfold"), { recursive: true });
    folder.write("one/.fanfold");
    await entered.leave();
    expect(warnings).toEqual([expect.stringContaining("ENOTDIR")]);
  });

  test("is made again where it was removed, out of version control as before", async () => {
    const server = serverOf(["one"]);
    await (await server.enter(everything, still, (each) => each)).leave();
    rmSync(folder.at("one/.fanfold"), { recursive: true });
    const entered = await server.enter(everything, still, (each) => each);
    expect(claimFiles("one")).toHaveLength(1);
    expect(readFileSync(folder.at("one/.fanfold/.gitignore"), "utf8")).toBe("*\n");
    await entered.leave();
  });

  test("brings back no root that was removed, and is there again when that is", async () => {
    const warnings: string[] = [];
    const server = serverOf(["one"], (message) => warnings.push(message));
    await (await server.enter(everything, still, (each) => each)).leave();
    rmSync(folder.at("one"), { recursive: true });
    await (await server.enter(everything, still, (each) => each)).leave();
    expect(existsSync(folder.at("one"))).toBe(false);
    expect(warnings).toEqual([expect.stringContaining("ENOENT")]);
    mkdirSync(folder.at("one"));
    const entered = await server.enter(everything, still, (each) => each);
    expect(claimFiles("one")).toHaveLength(1);
    await entered.leave();
  });
});

/** As `claimFiles`; none where no claim was ever made. */
function claimFilesOf(root: string): readonly string[] {
  try {
    return claimFiles(root);
  } catch {
    return [];
  }
}
