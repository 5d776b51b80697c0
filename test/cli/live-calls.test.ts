import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { AskView } from "../../src/cli/ask-view.ts";
import { LiveCalls } from "../../src/cli/live-calls.ts";
import { settle, type TaskContext } from "../../src/index.ts";
import { agent, type AgentEvent } from "../../src/models/index.ts";
import { rig, scripted, virtualClock } from "../../src/testing/index.ts";
import { defineTool, toolbox } from "../../src/tools/index.ts";
import { COMPLETED } from "./completed.ts";
import { Screen } from "./screen.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
});

afterEach(() => {
  vi.useRealTimers();
});

/** A view of calls on a screen, where the model writes too. */
function viewed(nowMs: () => number = () => 0) {
  const screen = new Screen();
  const live: LiveCalls = new LiveCalls({
    terminal: screen,
    writeText: (text) => screen.write(text),
    titleOf: (id) => view.titleOf(id),
    nowMs,
  });
  const view: AskView = new AskView({
    onText: (text) => live.say(text),
    onLine: (line) => live.print(line),
    isLive: true,
  });
  const show = (event: AgentEvent): void => {
    view.show(event);
    live.show(event);
  };
  const lines = (): readonly string[] => {
    live.print("(now)");
    return screen.text.split("\n").slice(screen.text.split("\n").indexOf("(now)") + 1);
  };
  return { screen, live, view, show, lines };
}

const call = (id: string, name: string) => ({ id, name, input: { path: `${name}.txt` } });

describe("the live view of calls", () => {
  test("says what runs for how long, what waits for what, and what has ended; of the rest nothing is left", async () => {
    const held = rig();
    const slow = held.task("slow");
    const quick = held.task("quick");
    const tool = (name: string, claim: string, run: (ctx: TaskContext) => unknown) =>
      defineTool({ name, writes: () => claim, run: (_, ctx) => run(ctx) });
    const tools = toolbox(
      [
        tool("slow", "db:a", (ctx) => slow.run(ctx)),
        tool("behind", "db:a", () => 1),
        tool("quick", "db:b", (ctx) => quick.run(ctx)),
        tool("full", "db:c", () => 1),
      ],
      { limit: 2 },
    );
    const toolCalls = ["slow", "behind", "quick", "full"].map((name) => call(name, name));
    const model = scripted([{ text: "I look.", toolCalls }, "Done."]);
    const { screen, live, show, lines } = viewed(() => 1500);
    const run = settle(
      {
        ask: async (within: TaskContext) => {
          await agent({ model, toolbox: tools }).run("Go.", { within, onEvent: show });
        },
      },
      { observe: (event) => live.see(event), clock: virtualClock() },
    );
    await Promise.all([slow.started, quick.started]);
    expect(lines()).toEqual([
      "● slow slow.txt  1.5 s",
      "○ behind behind.txt  waits for what slow slow.txt uses",
      "● quick quick.txt  1.5 s",
      '○ full full.txt  waits for a slot of "toolbox"',
      "0 of 4 done, 0 ms",
    ]);
    quick.complete();
    await held.idle();
    slow.complete();
    await run;
    live.end();
    expect(screen.text.split("\n").filter((line) => /^[○●]|done/.test(line))).toEqual([]);
    expect(screen.text).toMatch(/^I look\.\n/);
    expect(screen.text).toMatch(/\n✓ quick quick\.txt[^]*\n✓ slow slow\.txt/);
    expect(screen.text).toMatch(/\nDone\.$/);
  });

  test("keeps to the size of the terminal", () => {
    const { screen, show, lines } = viewed();
    screen.rows = 6;
    screen.columns = 20;
    for (let id = 0; id < 9; id += 1) {
      show({ type: "tool-called", step: 1, call: call(`${id}`, "a_tool_with_a_long_name") });
    }
    const shown = lines();
    expect(shown).toHaveLength(4);
    expect(shown.slice(2)).toEqual(["  … and 7 more", "0 of 9 done, 0 ms"]);
    expect(shown.every((line) => line.length <= 20)).toBe(true);
  });

  test("writes nothing at all while there are no calls", () => {
    const { screen, live, show } = viewed();
    show({ type: "text", step: 1, text: "I thi" });
    vi.advanceTimersByTime(1000);
    show({ type: "text", step: 1, text: "nk." });
    live.end();
    expect(screen.lines).toEqual(["I think."]);
  });
});

type Act = { readonly text: string } | { readonly act: "call" | "answer" | "step" | "frame" };

const act: fc.Arbitrary<Act> = fc.oneof(
  fc.record({ text: fc.string({ unit: fc.constantFrom("a", "b", " ", "\n"), maxLength: 6 }) }),
  fc.record({ act: fc.constantFrom("call", "answer", "step", "frame") }),
);

const USAGE = { inputTokens: undefined, outputTokens: undefined };

describe("whatever happens, the live view of calls", () => {
  test("leaves the same as lines that follow each other, and has it on the screen at every moment", () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 40 }), (acts) => {
        const { screen, live, show } = viewed();
        let plain = "";
        const plainView = new AskView({
          onText: (text) => (plain += text),
          onLine: (line) => (plain += `${line}\n`),
          isLive: true,
        });
        const open: string[] = [];
        let calls = 0;
        const happen = (event: AgentEvent): void => {
          plainView.show(event);
          show(event);
        };
        for (const each of acts) {
          if ("text" in each) {
            happen({ type: "text", step: 1, text: each.text });
          } else if (each.act === "call") {
            calls += 1;
            open.push(`${calls}`);
            happen({ type: "tool-called", step: 1, call: { id: `${calls}`, name: `t${calls}` } });
          } else if (each.act === "answer" && open.length > 0) {
            happen({
              type: "tool-answered",
              step: 1,
              result: { ...COMPLETED, id: open.shift() ?? "" },
            });
          } else if (each.act === "step") {
            open.length = 0;
            happen({
              type: "step-completed",
              step: 1,
              messages: [],
              usage: USAGE,
              report: undefined,
            });
          } else {
            vi.advanceTimersByTime(100);
          }
          const seen = screen.lines.map((line) => line.trimEnd()).join("\n");
          const block = open.map((id) => `○ t${id}`);
          const stays = plain
            .trimEnd()
            .split("\n")
            .map((line) => line.trimEnd());
          expect(seen.trim()).toContain(stays.join("\n").trim());
          expect(seen.split("\n").filter((line) => line.startsWith("○"))).toEqual(block);
        }
        live.end();
        expect(screen.lines.join("\n")).toBe(plain);
      }),
      { numRuns: 500 },
    );
  });
});
