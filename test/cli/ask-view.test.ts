import { expect, test } from "vitest";
import { AskView, describeProblem } from "../../src/cli/ask-view.ts";
import type { CallWait, ToolCall, ToolResult } from "../../src/tools/result.ts";
import { COMPLETED } from "./completed.ts";

/** A view, and all that it has shown: lines, and what the model says with `> ` in front. */
function viewed() {
  const shown: string[] = [];
  const view = new AskView({
    onText: (text) => shown.push(`> ${text}`),
    onLine: (line) => shown.push(line),
  });
  const called = (call: ToolCall): void => view.show({ type: "tool-called", step: 1, call });
  const answered = (result: Partial<ToolResult>): void =>
    view.show({ type: "tool-answered", step: 1, result: { ...COMPLETED, ...result } });
  return { view, shown, called, answered };
}

const wait = (reason: CallWait["reason"], ms: number, more: Partial<CallWait> = {}): CallWait => ({
  reason,
  ms,
  on: [],
  limit: undefined,
  ...more,
});

test.each([
  [{ files: [{ path: "a.ts" }, { path: "b.ts", from: 3 }] }, "t a.ts, b.ts"],
  [{ pattern: "x+", folders: ["src", "test"] }, "t x+, src, test"],
  [{ commands: [{ command: "npm\ntest", cwd: "sub" }] }, "t npm test"],
  [{ path: "a.ts", content: "secret" }, "t a.ts"],
  [{ path: "x".repeat(100) }, `t ${"x".repeat(59)}…`],
  [{ other: 1 }, "t"],
  [null, "t"],
])("the arguments %j are shown as %j", (input, title) => {
  const { shown, called } = viewed();
  called({ id: "1", name: "t", input });
  called({ id: "2", name: "t", inputText: JSON.stringify(input) });
  expect(shown).toEqual([`○ ${title}`, `○ ${title}`]);
});

test("arguments that are no JSON are left out", () => {
  const { shown, called } = viewed();
  called({ id: "1", name: "t", inputText: "{" });
  expect(shown).toEqual(["○ t"]);
});

test("an answer says how long it ran, and what it waited for", () => {
  const { shown, called, answered } = viewed();
  called({ id: "1", name: "write_file", input: { path: "a.ts" } });
  called({ id: "2", name: "read_files", input: { path: "a.ts" } });
  shown.splice(0);
  answered({});
  answered({
    id: "2",
    waits: [
      wait("commit", 20),
      wait("claim", 1500, { on: ["1"] }),
      wait("limit", 30, { limit: "reads" }),
      wait("retry", 40),
      wait("claim", 0.4, { on: ["1"] }),
    ],
  });
  answered({ id: "2", attempts: 0, sharedWith: "1" });
  answered({ id: "1", isError: true, status: "failed", text: "one\ntwo\u001b[31m" });
  expect(shown).toEqual([
    "✓ write_file a.ts  12 ms",
    '✓ read_files a.ts  12 ms; waited 20 ms for the end of the response, 1.5 s for write_file a.ts, 30 ms for a slot of "reads", 40 ms for retry',
    "✓ read_files a.ts; the same as write_file a.ts",
    "✗ write_file a.ts  12 ms; one two",
  ]);
});

test("a line begins on a line of its own", () => {
  const { view, shown } = viewed();
  const say = (text: string): void => view.show({ type: "text", step: 1, text });
  say("one");
  view.line("line");
  say("two\n");
  view.line("line");
  say("\u0007");
  view.line("line");
  expect(shown).toEqual(["> one", "> \n", "line", "> two\n", "line", "line"]);
});

test("what went wrong fits on a line", () => {
  expect(describeProblem(`a\n\tb${"c".repeat(1000)}`)).toBe(`a b${"c".repeat(296)}…`);
});
