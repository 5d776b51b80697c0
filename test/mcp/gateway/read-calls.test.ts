// The calls of parallel_call as a model wrote them.
import { describe, expect, test } from "vitest";
import { ArrivalLines } from "../../../src/mcp/gateway/arrival-lines.ts";
import { readCalls } from "../../../src/mcp/gateway/read-calls.ts";

const SERVERS = ["wiki", "git"];

const read = (...calls: readonly object[]) => readCalls({ calls }, SERVERS).calls;

describe("a call", () => {
  test("names its tool with its server, in one or in two, or alone", () => {
    const places = read(
      { tool: "wiki/search" },
      { server: "git", tool: "log" },
      { tool: "log" },
      { server: "git", tool: "git/log" },
      { server: "git", tool: "wiki/log" },
      { tool: "other/log" },
    ).map(({ server, tool }) => [server, tool]);
    expect(places).toEqual([
      ["wiki", "search"],
      ["git", "log"],
      [undefined, "log"],
      ["git", "log"],
      ["git", "wiki/log"],
      [undefined, "other/log"],
    ]);
  });

  test("has arguments as an object or as a text, and those that mean nothing left out", () => {
    const calls = read(
      { tool: "a" },
      { tool: "a", arguments: '{"x": 1}', server: null, after: null },
      { tool: "a", arguments: { x: [1, { y: null }] } },
    );
    expect(calls.map(({ fields }) => fields)).toEqual([{}, { x: 1 }, { x: [1, { y: null }] }]);
  });

  test.each([[null], [""], [[]], [false]])("may have %j for what it does not mean", (nothing) => {
    const call = { tool: "a", id: nothing, server: nothing, arguments: nothing, after: nothing };
    const given = { calls: [call], failure: nothing };
    expect(readCalls(given, SERVERS)).toEqual({
      calls: [{ id: "1", server: undefined, tool: "a", after: [], fields: {} }],
      failure: "continue",
    });
  });

  test("refers to others by id or number, however deep, also with all of its arguments", () => {
    const [, second, third] = read(
      { id: "s", tool: "a" },
      { tool: "a", arguments: { x: [{ y: { $from: 1, path: "/data" } }], $from: "no reference" } },
      { tool: "a", arguments: { $from: 1 }, after: "s" },
    );
    expect(second?.fields).toEqual({
      x: [{ y: { $from: "s", path: "/data" } }],
      $from: "no reference",
    });
    expect(third).toMatchObject({ fields: { $from: "s" }, after: ["s"] });
  });

  const deep = JSON.parse(`${'{"x":'.repeat(1000)}1${"}".repeat(1000)}`) as object;

  test.each<[object, string]>([
    [{}, 'call "1": "tool" must be the name of a tool, such as "wiki/search"'],
    [{ tool: "a", args: {} }, 'call "1": there is no field "args"'],
    [{ tool: "a", arguments: "{" }, '"arguments" must be an object'],
    [{ tool: "a", arguments: [1] }, '"arguments" must be an object'],
    [
      { tool: "a", arguments: deep },
      '"arguments" must be an object with the arguments of the tool: what nests too deeply',
    ],
    [{ tool: "a", server: "wikki" }, 'there is no server "wikki" (did you mean "wiki"?)'],
    [{ tool: "a", id: "a b" }, 'call 1: "id" must be 1 to 64 letters'],
    [{ tool: "a", after: [1] }, '"after" must be a list of ids'],
  ])("as %j is refused", (call, text) => {
    expect(() => read(call)).toThrow(text);
  });

  test("that has the id of another is refused, and so is a list that is none", () => {
    expect(() => read({ id: "x", tool: "a" }, { id: "x", tool: "a" })).toThrow(
      "two steps have the id",
    );
    expect(() => readCalls({ calls: "x" }, SERVERS)).toThrow(
      '"calls" must be a list of 1 to 50 calls',
    );
    expect(() => readCalls({ calls: [{ tool: "a" }], failure: "no" }, SERVERS)).toThrow(
      '"failure" must be',
    );
  });
});

test("who comes for the same goes on in order, who comes for something else at once", async () => {
  const lines = new ArrivalLines();
  const order: string[] = [];
  const come = (name: string, wanted: readonly string[]) => {
    const place = lines.enter(wanted);
    const gone = place.turn.then(() => order.push(name));
    return { ...place, gone };
  };
  const both = come("both", ["a", "b"]);
  const a = come("a", ["a"]);
  const c = come("c", ["c"]);
  const b = come("b", ["b", "a"]);
  await Promise.all([both.gone, c.gone]);
  expect(order).toEqual(["both", "c"]);
  both.leave();
  await a.gone;
  expect(order).toEqual(["both", "c", "a"]);
  a.leave();
  await b.gone;
  expect(order).toEqual(["both", "c", "a", "b"]);
});

test("who leaves a line before its turn lets nobody behind pass those before", async () => {
  const lines = new ArrivalLines();
  const order: string[] = [];
  const first = lines.enter(["a"]);
  const second = lines.enter(["a"]);
  const third = lines.enter(["a"]).turn.then(() => order.push("third"));
  second.leave();
  await new Promise((resolve) => void setImmediate(resolve));
  order.push("first leaves");
  first.leave();
  await third;
  expect(order).toEqual(["first leaves", "third"]);
});
