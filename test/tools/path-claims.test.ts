// Two spellings of one file are one resource, also where a link changes while a call waits.
import { mkdirSync, rmSync, symlinkSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { fileClaim, toolbox, type Tool, type ToolResult } from "../../src/tools/index.ts";
import { escapePath, fileResource } from "../../src/system/file-resource.ts";
import { covers, resourceName } from "../../src/core/resource.ts";
import { temporaryFolder } from "../system/temporary-folder.ts";
import { call, heldTools, type HeldTools } from "./support.ts";

const folder = temporaryFolder();

/** A tool that writes the resources that it is given. */
const write = { name: "write", writes: (names: string | readonly string[]) => names } as const;
const read = {
  name: "read",
  effect: "read",
  reads: (names: string | readonly string[]) => names,
} as const;

const held = (): HeldTools => heldTools([write, read], { root: folder.path });

/** Whether calls that write `first` and `second` wait for each other. */
async function conflict(first: string, second: string): Promise<boolean> {
  const { box, task, rig } = held();
  const done = box.run([call("1", "write", first), call("2", "write", second)]);
  await rig.idle();
  const waits = rig.running.length === 1;
  task("1").complete(1);
  await task("2").started;
  task("2").complete(2);
  await done;
  return waits;
}

describe("two spellings of one file", () => {
  test.each<[string, () => string]>([
    ["file:./a", () => "a leading dot"],
    ["file:x/../a", () => "a way back"],
    ["file:a/", () => "a trailing slash"],
    ["file://a", () => "an empty segment"],
    ["file:link", () => "a link"],
    ["file:links/up", () => "a link in a folder"],
    ["file:chain", () => "a link to a link"],
  ])("%s is file:a", async (spelling) => {
    folder.write("a");
    mkdirSync(folder.at("links"));
    symlinkSync("a", folder.at("link"));
    symlinkSync("../a", folder.at("links/up"));
    symlinkSync("link", folder.at("chain"));
    expect(
      await conflict("file:a", spelling === "file://a" ? `file:${folder.path}//a` : spelling),
    ).toBe(true);
    expect(
      await conflict("file:b", spelling === "file://a" ? `file:${folder.path}//a` : spelling),
    ).toBe(false);
  });

  test("are one also where the file is not there yet, or lies below a link to a folder", async () => {
    mkdirSync(folder.at("real"));
    symlinkSync("real", folder.at("folder"));
    symlinkSync("real/new", folder.at("to-new"));
    expect(await conflict("file:folder/new", "file:real/new")).toBe(true);
    expect(await conflict("file:to-new", "file:real/new")).toBe(true);
    expect(await conflict("file:folder", "file:real/deep/er")).toBe(true);
    expect(await conflict("file:folder/new", "file:real/news")).toBe(false);
  });

  test("are one where one is absolute and the root of the toolbox is a link", async () => {
    mkdirSync(folder.at("real"));
    symlinkSync("real", folder.at("root"));
    const { box, task, rig } = heldTools([write], { root: folder.at("root") });
    const done = box.run([
      call("1", "write", "file:a"),
      call("2", "write", `file:${folder.at("real/a")}`),
    ]);
    await rig.idle();
    expect(rig.running).toEqual(["1"]);
    task("1").complete(1);
    await task("2").started;
    task("2").complete(2);
    await done;
  });
});

describe("a folder, a file and its parts", () => {
  test.each([
    ["file:dir", "file:dir/a", true],
    ["file:dir", "file:dir2", false],
    ["file:.", "file:dir/a", true],
    ["file:..", "file:dir/a", true],
    ["file:dir/a", "file:dir/a#one", true],
    ["file:dir/a#one", "file:dir/a#two", false],
    ["file:dir/a#one", "file:dir/./a#one", true],
    ["file:dir", "file:dir/a#one", true],
    ["*", "file:dir/a", true],
    ["*", "db:users", true],
    ["db:users", "db:users/1", true],
    ["db:users/1", "db:users/2", false],
    ["db:users", "DB:users", false],
  ])("%s and %s conflict: %s", async (first, second, expected) => {
    expect(await conflict(first, second)).toBe(expected);
    expect(await conflict(second, first)).toBe(expected);
  });
});

describe("fileClaim", () => {
  test.each(["a#b", "a%23b", "a%b", "a%2523", "#", "%", "a#b#c", "a%25", "ü#", "a b", "a\\b"])(
    "names exactly the file %j",
    async (name) => {
      expect(await conflict(fileClaim(name), fileClaim(`./${name}`))).toBe(true);
      expect(await conflict(fileClaim(name), `file:${escapePath(folder.at(name))}`)).toBe(true);
      for (const other of ["a", "a#", "a%23", "a#x", "a%2", "b"]) {
        expect(await conflict(fileClaim(name), fileClaim(other))).toBe(name === other);
      }
    },
  );

  test("keeps a file with a hash apart from a part of a file", async () => {
    expect(await conflict(fileClaim("a#b"), "file:a#b")).toBe(false);
    expect(await conflict(fileClaim("a#b"), "file:a")).toBe(false);
    expect(await conflict("file:a", "file:a#b")).toBe(true);
  });

  test("names a link whose own name has a hash by what it leads to", async () => {
    folder.write("a");
    symlinkSync("a", folder.at("to#a"));
    expect(await conflict(fileClaim("to#a"), "file:a")).toBe(true);
  });
});

test("names that ignore case are decided by the folder: here names of two cases are two files, or one", () => {
  const lower = folder.write("case");
  const isOne = fileResource(lower) === fileResource(folder.at("CASE"));
  rmSync(lower);
  folder.write("case", "lower");
  expect(fileResource(folder.at("CASE")) === fileResource(folder.at("case"))).toBe(isOne);
  expect(
    covers(resourceName(fileResource(folder.path)), resourceName(fileResource(folder.at("CASE")))),
  ).toBe(true);
});

describe("a link that is made while a call waits", () => {
  /** The result of a call that writes `file:link/x`, while an earlier call on `first` ends after `change` has happened. */
  async function afterChange(first: string, change: () => void): Promise<ToolResult> {
    const { box, task, rig } = held();
    const done = box.run([call("1", "write", first), call("2", "write", ["file:link/x", "db:k"])]);
    await rig.idle();
    expect(rig.running).toEqual(["1"]);
    change();
    task("1").complete(1);
    await rig.idle();
    if (task("2").state === "running") {
      task("2").complete(2);
    }
    return (await done)[1] as ToolResult;
  }

  test("makes the call fail before it touches what it has not claimed, and says so", async () => {
    mkdirSync(folder.at("real"));
    const result = await afterChange("db:k", () => symlinkSync("real", folder.at("link")));
    expect(result.status).toBe("failed");
    expect(result.text).toContain("a path came to lead elsewhere while the call waited");
    expect(result.text).toContain(folder.at("real/x"));
  });

  test("does no harm where it leads to what the call has claimed", async () => {
    mkdirSync(folder.at("link"));
    const result = await afterChange("db:k", () => {
      mkdirSync(folder.at("link/inner"));
      symlinkSync("inner", folder.at("link/other"));
    });
    expect(result.status).toBe("completed");
  });
});

test.each(["src/a.ts", "", "a", "file:", ":", "C:\\a"])(
  "%j is no resource, or is that of the root",
  async (name) => {
    const tool: Tool = { name: "t", writes: () => name, run: () => 1 };
    const [result] = await toolbox([tool], { root: folder.path }).run([call("1", "t")]);
    expect(result?.status).toBe(name === "file:" ? "completed" : "failed");
  },
);

test.each(["reads", "writes"] as const)(
  "no call runs of a tool whose %s says nothing: they are not left without claims",
  async (option) => {
    const silent = (() => undefined) as unknown as () => string;
    const tool: Tool = { name: "t", [option]: silent, run: () => 1 };
    const [result] = await toolbox([tool], { root: folder.path }).run([call("1", "t")]);
    expect(result?.status).toBe("failed");
    expect(result?.text).toContain("Cannot claim for tool");
  },
);
