// Calls find their tools, or are told why not.
import { describe, expect, test } from "vitest";
import { resolveCalls } from "../../../src/mcp/gateway/resolve-calls.ts";
import type { Shelf } from "../../../src/mcp/gateway/find-tools.ts";

const shelf = (server: string, tools: readonly string[], failure?: string): Shelf => ({
  server,
  tools: tools.map((name) => ({ name, inputSchema: { type: "object" } })),
  failure,
  warning: undefined,
  redact: (text) => text,
});

/** What is said of a call of which the tool is not found. */
function missing(shelves: readonly Shelf[], tool: string, server?: string): string {
  const call = { id: "1", server, tool, after: [], fields: {} };
  try {
    const { tools } = resolveCalls(
      { calls: [call], failure: "continue" },
      {
        shelves,
        makeTool: () => {
          throw new Error("It was found");
        },
      },
    );
    tools[0]?.run({}, undefined as never); // A tool that is missing looks at nothing.
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("It was found");
}

describe("a call of a tool that is nowhere", () => {
  test("is told what was probably meant", () => {
    expect(missing([shelf("a", ["echo"])], "a.echo")).toContain(
      'there is no tool "a.echo" (did you mean "a/echo"?)',
    );
  });

  test("is told so as well where a server could not be started", () => {
    const shelves = [shelf("a", ["echo"]), shelf("b", [], "b could not be started")];
    expect(missing(shelves, "a.echo")).toBe(
      'no server that could be asked has a tool "a.echo" (did you mean "a/echo"?)\nb could not be started',
    );
    expect(missing(shelves, "echo", "b")).toBe("b could not be started");
  });
});
