// What a batch claims among servers.
import { mkdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { batchClaims } from "../../src/mcp/batch-claims.ts";
import { readBatch } from "../../src/mcp/read-batch.ts";
import { settingsOf } from "../../src/mcp/server-options.ts";
import { KINDS } from "../../src/mcp/step.ts";
import { stepTools } from "../../src/mcp/step-tools.ts";
import { temporaryFolder } from "../system/temporary-folder.ts";

const folder = temporaryFolder();

function claimsOf(steps: readonly object[]): object {
  mkdirSync(folder.at("src"), { recursive: true });
  const { roots, coding, policy } = settingsOf({ roots: [folder.path], version: "1" });
  const tools = stepTools({ roots, coding, commands: { policy, coding, newMark: () => "mark" } });
  const batch = readBatch({ steps }, { tool: "parallel_run", kinds: KINDS });
  return batchClaims(batch, new Map(tools.map((tool) => [tool.name, tool])));
}

const file = (name: string): string => `file:${folder.at(name)}`;

describe("a batch claims", () => {
  test("all that its steps do, each once", () => {
    const steps = [
      { read: ["a", "./b"] },
      { search: "x", in: "src" },
      { run: "make", reads: ["b", "db:x"], writes: ["out/**"] },
      { edit: "c", old: "a", new: "b" },
      { fetch: "https://example.com" },
      { run: "true", reads: [] },
    ];
    expect(claimsOf(steps)).toEqual({
      reads: [file("a"), file("b"), file("src"), "db:x"],
      writes: [file("out"), file("c")],
    });
  });

  test.each<[string, readonly object[], object]>([
    [
      "everything for a command that declares nothing",
      [{ run: "make" }],
      { reads: [], writes: ["*"] },
    ],
    [
      "to read everything where a step decides what is read",
      [{ id: "s", search: "x", in: "src" }, { read: { $from: "s", path: "/files" } }],
      { reads: ["SRC", "*"], writes: [] },
    ],
    [
      "no more for a command that is handed what a step finds",
      [
        { id: "s", search: "x", in: "src" },
        { run: ["wc", { $from: "s", path: "/files/0" }], reads: [] },
      ],
      { reads: ["SRC"], writes: [] },
    ],
    ["nothing for what is not in its roots", [{ read: "../x" }], { reads: [], writes: [] }],
    [
      "nothing where it touches nothing",
      [{ fetch: "https://example.com" }],
      { reads: [], writes: [] },
    ],
  ])("%s", (_, steps, claims) => {
    const named = JSON.parse(JSON.stringify(claims).replaceAll("SRC", file("src"))) as object;
    expect(claimsOf(steps)).toEqual(named);
  });
});
