import { describe, expect, test } from "vitest";
import { readPythonCall } from "../../../bench/tools/python-call.ts";

describe("readPythonCall", () => {
  test.each([
    ["ls()", { name: "ls", args: {} }],
    ["sort('a b.txt')", { name: "sort", args: { 0: "a b.txt" } }],
    ["tail('log.txt', lines=20)", { name: "tail", args: { 0: "log.txt", lines: "20" } }],
    [
      String.raw`echo(content='It\'s, "so" (far)\n',file_name = "a.txt")`,
      { name: "echo", args: { content: `It's, "so" (far)\n`, file_name: "a.txt" } },
    ],
    [
      "lockDoors(unlock=True, door=['driver', 'passenger'])",
      { name: "lockDoors", args: { unlock: "True", door: "['driver', 'passenger']" } },
    ],
    [
      "edit_ticket(ticket_id=0, updates={'status':'Urgent', 'priority':5})",
      {
        name: "edit_ticket",
        args: { ticket_id: "0", updates: "{'status':'Urgent', 'priority':5}" },
      },
    ],
  ])("reads %s", (text, call) => {
    expect(readPythonCall(text)).toEqual(call);
  });

  test.each(["ls", "f(a b)", "f('open)"])("refuses %s", (text) => {
    expect(() => readPythonCall(text)).toThrow(SyntaxError);
  });
});
