import { chmodSync, mkdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { findProgram, programFiles } from "../../src/system/find-program.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const folder = temporaryFolder();

function tool(path: string, mode = 0o755): string {
  const file = folder.write(path);
  chmodSync(file, mode);
  return file;
}

describe.skipIf(process.platform === "win32")("findProgram", () => {
  const find = (name: string): string | undefined =>
    findProgram(name, {
      env: { PATH: ["none", "a", "b"].map((each) => folder.at(each)).join(":") },
    });

  test("finds the program of the first folder that has it", () => {
    const first = tool("a/both");
    tool("b/both");
    const second = tool("b/one");
    expect(find("both")).toBe(first);
    expect(find("one")).toBe(second);
    expect(find("missing")).toBeUndefined();
  });

  test("passes over folders of that name and files that may not be run", () => {
    mkdirSync(folder.at("a/build"), { recursive: true });
    expect(find("build")).toBeUndefined();
    tool("a/data", 0o644);
    expect(find("data")).toBeUndefined();
    const later = tool("b/build");
    expect(find("build")).toBe(later);
  });

  test("finds nothing without a PATH", () => {
    expect(findProgram("sh", { env: {} })).toBeUndefined();
    expect(findProgram("sh", { env: { PATH: "" } })).toBeUndefined();
  });

  test("looks on the PATH of this process by itself", () => {
    expect(findProgram("sh")).toMatch(/\/sh$/);
  });
});

describe("programFiles", () => {
  test("takes a name as it is, in each folder, and passes over empty entries", () => {
    expect(programFiles("rg", { env: { PATH: "/a::/b:" }, platform: "linux" })).toEqual([
      "/a/rg",
      "/b/rg",
    ]);
  });

  test.each([
    ["rg", ".COM;.EXE", ["C:\\a\\rg.COM", "C:\\a\\rg.EXE", "D:\\b\\rg.COM", "D:\\b\\rg.EXE"]],
    ["rg.exe", ".COM;.EXE", ["C:\\a\\rg.exe", "D:\\b\\rg.exe"]],
    ["rg.v2", ".EXE;", ["C:\\a\\rg.v2.EXE", "D:\\b\\rg.v2.EXE"]],
  ])("tries the endings of PATHEXT on Windows: %s with %s", (name, endings, files) => {
    const env = { PATH: "C:\\a;D:\\b", PATHEXT: endings };
    expect(programFiles(name, { env, platform: "win32" })).toEqual(files);
  });

  test("knows the usual endings of Windows where it does not say", () => {
    const files = programFiles("rg", { env: { PATH: "C:\\a" }, platform: "win32" });
    expect(files).toContain("C:\\a\\rg.EXE");
    expect(files).toHaveLength(4);
  });
});
