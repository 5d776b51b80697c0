/** Nothing outside of the root is read or written, whatever paths and links say. */
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { changeInside, writeInside } from "../../../src/system/file-inside.ts";
import { openInside, rootFolder } from "../../../src/system/root-folder.ts";
import type { ListFilesOutput } from "../../../src/tools/coding/list-files.ts";
import type { ReadFilesOutput } from "../../../src/tools/coding/read-files.ts";
import type { SearchOutput } from "../../../src/tools/coding/search.ts";
import { temporaryFolder } from "../../system/temporary-folder.ts";
import { call, isWindows, type Called } from "./work-folder.ts";

const folder = temporaryFolder();
const idle = new AbortController().signal;

const SECRET = "secret-of-somebody-else";

beforeEach(() => {
  folder.write("outside/secret", SECRET);
  folder.write("root/sub/file", "inside");
});

async function use<Output>(name: string, input: unknown, root = "root"): Promise<Called<Output>> {
  return await call<Output>(name, input, { root: folder.at(root) });
}

/** What is outside must be as it was, and nothing new may be there. */
function expectUntouched(): void {
  expect(readdirSync(folder.at("outside"))).toEqual(["secret"]);
  expect(readFileSync(folder.at("outside/secret"), "utf8")).toBe(SECRET);
}

/** Ways out: their names in the root, once {@link makeLinks} has been there. */
const WAYS_OUT = [
  "../outside/secret",
  "sub/../../outside/secret",
  "link",
  "chain",
  "folder/secret",
  "sub/up/outside/secret",
];

/** Of what is not there yet. */
const NEW_WAYS_OUT = [
  "../outside/new",
  "dangling",
  "folder/new",
  "folder/a/b/new",
  "dangling-folder/new",
];

function makeLinks(): void {
  symlinkSync("../outside/secret", folder.at("root/link"));
  symlinkSync("link", folder.at("root/chain"));
  symlinkSync(folder.at("outside"), folder.at("root/folder"));
  symlinkSync("../..", folder.at("root/sub/up"));
  symlinkSync("../outside/new", folder.at("root/dangling"));
  symlinkSync("../outside/newer", folder.at("root/dangling-folder"));
}

describe.skipIf(isWindows)("the root", () => {
  beforeEach(makeLinks);

  test("is not left by reading", async () => {
    const paths = [...WAYS_OUT, folder.at("outside/secret"), ...NEW_WAYS_OUT];
    const { output, text } = await use<ReadFilesOutput>("read_files", {
      files: ["sub/file", ...paths].map((path) => ({ path })),
    });
    expect(output.files.slice(1).map(({ path, kind }) => [path, kind])).toEqual(
      paths.map((path) => [path, "error"]),
    );
    expect(JSON.stringify(output) + text).not.toContain(SECRET);
  });

  test.each([...WAYS_OUT, ...NEW_WAYS_OUT])("is not left by writing to %s", async (path) => {
    await expect(use("write_file", { path, content: "x" })).rejects.toThrow(
      /^Cannot use a path as/,
    );
    const edits = [{ oldText: "secret", newText: "x" }];
    await expect(use("edit_file", { path, edits })).rejects.toThrow(/^Cannot use a path as/);
    expectUntouched();
    expect(lstatSync(folder.at("root/link")).isSymbolicLink()).toBe(true);
  });

  test("is not left by searching or listing", async () => {
    for (const folders of [["."], ["sub"], ["link", "."], ["folder", "."]]) {
      const globs = [undefined, ["**"], ["folder/*"], ["folder/**", "sub/up/outside/*"]];
      for (const glob of globs) {
        const where = { folders, ...(glob && { globs: glob }) };
        const found = await use("search", { pattern: "s", ...where });
        const listed = await use("list_files", where);
        expect(JSON.stringify(found) + JSON.stringify(listed.output)).not.toContain(SECRET);
        expect(JSON.stringify([found.output, listed.output])).not.toMatch(
          /"path":"[^"]*(link|secret|chain)/,
        );
      }
    }
    for (const glob of ["../**", "/etc/*", "!../x", "sub/../../outside/*", "\\.\\./outside/*"]) {
      await expect(use("list_files", { globs: [glob] })).rejects.toThrow(
        /^Cannot use a pattern as/,
      );
      await expect(use("search", { pattern: "s", globs: [glob] })).rejects.toThrow(
        /^Cannot use a pattern as/,
      );
    }
  });

  test("is not left by what git still knows of a folder that has become a link", async () => {
    rmSync(folder.at("root"), { recursive: true });
    folder.write("root/data/secret", "was harmless");
    folder.write("root/a", "harmless too");
    folder.git("init", "root");
    folder.git("-C", "root", "add", ".");
    rmSync(folder.at("root/data"), { recursive: true });
    symlinkSync("../outside", folder.at("root/data"));
    const { text } = await use("search", { pattern: "secret|harmless" });
    expect(text).toBe("a\n1: harmless too\n1 match.");
    expect((await use("list_files", {})).text).toBe("a\n1 entry.");
  });

  test("is not left by a folder to run commands in", async () => {
    const commands = ["folder", "..", "/", "sub/up"].map((cwd) => ({ command: "pwd", cwd }));
    const { text } = await use("run_commands", {
      commands: [...commands, { command: "pwd", cwd: "sub" }],
    });
    expect(text.match(/not started: Cannot use a path as/g)).toHaveLength(4);
    expect(text).toContain(`\n${folder.at("root/sub")}`);
  });

  test("may be a link itself, and paths may begin with either of its names", async () => {
    symlinkSync("root", folder.at("alias"));
    const names = ["sub/file", folder.at("alias/sub/file"), folder.at("root/sub/file")];
    const { output } = await use<ReadFilesOutput>(
      "read_files",
      { files: names.map((path) => ({ path })) },
      "alias",
    );
    expect(output.files).toMatchObject(names.map(() => ({ kind: "text", text: "inside" })));
    await use("write_file", { path: folder.at("alias/new"), content: "new" }, "alias");
    expect(readFileSync(folder.at("root/new"), "utf8")).toBe("new");
  });

  test("must be a folder", async () => {
    await expect(use("list_files", {}, "none")).rejects.toThrow(
      /^Cannot use a folder as root as it does not exist/,
    );
    await expect(use("list_files", {}, "root/sub/file")).rejects.toThrow(
      /as root as a folder on its way is a file/,
    );
  });
});

/** Swaps two names of the root, a link that leads out and what is harmless, as fast as it can. */
const SWAPPER = `
  const { renameSync, rmSync } = require("node:fs");
  const [, inside, link, name] = process.argv;
  // Who writes meanwhile may have made a new folder of that name.
  const take = (from) => {
    for (;;) {
      try {
        return renameSync(from, name);
      } catch {}
      try {
        rmSync(name, { recursive: true, force: true });
      } catch {}
    }
  };
  // Each state lasts at times long enough to be seen, and at times as short as can be.
  const stay = () => {
    const until = performance.now() + Math.random() ** 3;
    while (performance.now() < until);
  };
  process.stdout.write("ready");
  for (;;) {
    stay();
    renameSync(name, inside);
    take(link);
    stay();
    renameSync(name, link);
    take(inside);
  }
`;

describe.skipIf(isWindows)("somebody who swaps links while files are used", () => {
  let swapper: ChildProcess | undefined;

  /** Begins to swap `name` in the root with a link to `target`, or with a pipe. */
  async function startSwapping(name: string, target: string): Promise<void> {
    if (target === "a pipe") {
      execFileSync("mkfifo", [folder.at("root/swap")]);
    } else {
      symlinkSync(target, folder.at("root/swap"));
    }
    const paths = ["root/aside", "root/swap", `root/${name}`].map((each) => folder.at(each));
    swapper = spawn(process.execPath, ["-e", SWAPPER, ...paths], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(swapper.stdout as NodeJS.ReadableStream, "data");
  }

  async function stopSwapping(): Promise<void> {
    if (swapper !== undefined) {
      expect(swapper.exitCode).toBe(null);
      const exited = once(swapper, "exit");
      swapper.kill("SIGKILL");
      await exited;
      swapper = undefined;
    }
  }

  afterEach(stopSwapping);

  /** Puts what was there in its place again, wherever the swapping has ended. */
  function putBack(name: string): void {
    if (existsSync(folder.at("root/aside"))) {
      rmSync(folder.at(`root/${name}`), { force: true });
      renameSync(folder.at("root/aside"), folder.at(`root/${name}`));
    }
  }

  /** Tries so often, and goes on until it has succeeded `wanted` times: on a busy machine nothing may be swapped for a while. */
  async function attempt(
    { rounds, wanted }: { readonly rounds: number; readonly wanted: number },
    work: () => Promise<unknown>,
  ): Promise<void> {
    for (let round = 0, successes = 0; round < rounds || successes < wanted; round += 1) {
      expect(round).toBeLessThan(50_000);
      successes += await work().then(
        () => 1,
        () => 0,
      );
    }
  }

  test("never makes anything else be read, where the system shows what is open", async ({
    skip,
  }) => {
    const root = rootFolder(folder.at("root"));
    skip(!root.showsDescriptors);
    await startSwapping("sub", "../outside");
    folder.write("outside/file", SECRET);
    const texts = new Set<string>();
    await attempt({ rounds: 600, wanted: 10 }, async () => {
      const { handle } = await openInside(root, "sub/file");
      try {
        texts.add(await handle.readFile("utf8"));
      } finally {
        await handle.close();
      }
    });
    expect([...texts]).toEqual(["inside"]);
  });

  test("never makes anything else be listed or found, where the system shows what is open", async ({
    skip,
  }) => {
    skip(!rootFolder(folder.at("root")).showsDescriptors);
    await startSwapping("sub", "../outside");
    folder.write("outside/file", SECRET);
    folder.write("outside/only-outside", "inside");
    const seen = new Set<string>();
    const list = async () => {
      const { output } = await use<ListFilesOutput>("list_files", { folders: ["sub"] });
      output.entries.forEach(({ path }) => seen.add(path));
    };
    const search = async () => {
      const { output } = await use<SearchOutput>("search", { pattern: ".", folders: ["sub"] });
      output.matches.forEach(({ path, text }) => seen.add(`${path}: ${text}`));
    };
    await attempt({ rounds: 60, wanted: 10 }, list);
    await attempt({ rounds: 60, wanted: 10 }, search);
    // While everything moves it may be that nothing is found; when all is still, it is.
    await stopSwapping();
    putBack("sub");
    await list();
    await search();
    expect([...seen].toSorted()).toEqual(["sub/file", "sub/file: inside"]);
  });

  test("for a pipe never makes reading wait", async () => {
    const root = rootFolder(folder.at("root"));
    await startSwapping("sub/file", "a pipe");
    await attempt({ rounds: 400, wanted: 10 }, async () => {
      const { handle, stats } = await openInside(root, "sub/file");
      expect(stats.isFile()).toBe(true);
      await handle.close();
    });
  });

  test("never makes anything be written elsewhere, where the system shows what is open", async ({
    skip,
  }) => {
    const root = rootFolder(folder.at("root"));
    skip(!root.showsDescriptors);
    folder.write("outside/file", SECRET);
    folder.write("outside/inner/file", SECRET);
    folder.write("root/sub/inner/file", "inside");
    await startSwapping("sub", "../outside");
    const seen = new Set<string>();
    const change = (content: Buffer): Buffer => {
      seen.add(content.toString());
      return Buffer.from("changed");
    };
    await attempt(
      { rounds: 80, wanted: 4 },
      async () => await writeInside(root, "sub/file", { content: "written", signal: idle }),
    );
    await attempt(
      { rounds: 80, wanted: 4 },
      async () => await changeInside(root, "sub/file", { change, limitBytes: 100, signal: idle }),
    );
    await attempt(
      { rounds: 80, wanted: 4 },
      async () => await writeInside(root, "sub/a/b", { content: "written", signal: idle }),
    );
    await attempt(
      { rounds: 80, wanted: 4 },
      async () => await writeInside(root, "sub/inner/file", { content: "written", signal: idle }),
    );
    expect(seen).not.toContain(SECRET);
    expect(readdirSync(folder.at("outside/inner"))).toEqual(["file"]);
    expect(readFileSync(folder.at("outside/inner/file"), "utf8")).toBe(SECRET);
    rmSync(folder.at("outside/inner"), { recursive: true });
    expect(readFileSync(folder.at("outside/file"), "utf8")).toBe(SECRET);
    rmSync(folder.at("outside/file"));
    expectUntouched();
  });

  test("of a file never makes the file that the link leads to be written or read", async () => {
    const root = rootFolder(folder.at("root"));
    await startSwapping("sub/file", folder.at("outside/secret"));
    const seen = new Set<string>();
    await attempt({ rounds: 100, wanted: 0 }, async () => {
      await changeInside(root, "sub/file", {
        change: (content) => {
          seen.add(content.toString());
          return content;
        },
        limitBytes: 100,
        signal: idle,
      });
    });
    await attempt({ rounds: 80, wanted: 4 }, async () => {
      await writeInside(root, "sub/file", { content: "inside", signal: idle });
    });
    expect(seen).not.toContain(SECRET);
    expectUntouched();
  });
});

test.skipIf(isWindows)(
  "a root where the system does not show what is open is left by nothing that stays",
  async () => {
    makeLinks();
    const root = { ...rootFolder(folder.at("root")), showsDescriptors: false };
    for (const path of [...WAYS_OUT, ...NEW_WAYS_OUT]) {
      await expect(openInside(root, path)).rejects.toThrow();
      await expect(writeInside(root, path, { content: "x", signal: idle })).rejects.toThrow();
    }
    await writeInside(root, "a/b/c", { content: "new", signal: idle });
    await changeInside(root, "a/b/c", {
      change: () => Buffer.from("newer"),
      limitBytes: 9,
      signal: idle,
    });
    expect(readFileSync(folder.at("root/a/b/c"), "utf8")).toBe("newer");
    // A folder that is swapped between the first look and the last is seen.
    const swapped = changeInside(root, "a/b/c", {
      change: () => {
        rmSync(folder.at("root/a/b"), { recursive: true });
        symlinkSync(folder.at("outside"), folder.at("root/a/b"));
        folder.write("outside/c", "theirs");
        return Buffer.from("mine");
      },
      limitBytes: 9,
      signal: idle,
    });
    await expect(swapped).rejects.toThrow();
    expect(readFileSync(folder.at("outside/c"), "utf8")).toBe("theirs");
    expect(existsSync(folder.at("outside/secret"))).toBe(true);
  },
);
