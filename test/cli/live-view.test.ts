import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { LiveView } from "../../src/cli/live-view.ts";
import { PlainView } from "../../src/cli/plain-view.ts";
import { PlanIndex } from "../../src/cli/plan-index.ts";
import { Progress } from "../../src/cli/progress.ts";
import { nameWidthOf, type LineContext } from "../../src/cli/task-line.ts";
import type { View } from "../../src/cli/view.ts";
import { parsePlan } from "../../src/plan/load-plan.ts";
import { runPlan } from "../../src/plan/run-plan.ts";
import { Screen } from "./screen.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
});

afterEach(() => {
  vi.useRealTimers();
});

/** Shows a run of a plan, and calls `look` after each of its events. */
async function show(
  text: string,
  options: {
    readonly screen: Screen;
    readonly view: (screen: Screen, context: LineContext) => View;
    readonly look?: (view: View) => void;
  },
): Promise<View> {
  const plan = parsePlan(text);
  const progress = new Progress();
  const view = options.view(options.screen, {
    progress,
    colors: options.screen.colors,
    index: new PlanIndex(plan, true),
    nameWidth: nameWidthOf(plan.tasks.map(({ name }) => name)),
  });
  await runPlan(plan, {
    observe: (event) => {
      const task = progress.apply(event);
      if (task !== undefined) {
        view.update(task);
        options.look?.(view);
      }
    },
  });
  view.end();
  return view;
}

const live = (screen: Screen, context: LineContext): View =>
  new LiveView({ terminal: screen, context, nowMs: () => 0, remainingMs: () => undefined });

const PLAN = `
failure: continue
tasks:
  a: { command: echo one }
  b: { command: exit 3 }
  c: { command: "true", after: b }
  d: { command: "true", after: a, writes: out }
  e: { each: [x, y], do: { command: [test, "\${{ item }}", "=", x] } }
`;

describe("the live view", () => {
  test("draws over itself: what is left are the printed lines and one line a task", async () => {
    const screen = new Screen();
    let printed = 0;
    await show(PLAN, {
      screen,
      view: live,
      look: (view) => {
        printed += 1;
        view.print([`line ${printed}`]);
      },
    });
    const lines = screen.text.split("\n");
    expect(lines.slice(0, printed)).toEqual(
      Array.from({ length: printed }, (_, index) => `line ${index + 1}`),
    );
    expect(lines.slice(printed).map((line) => line.replace(/ +-?\d+ ms/, ""))).toEqual([
      "✓ a",
      '✗ b  "exit 3" failed: exit code 3  plan.yaml:5',
      "- c             skipped: b failed",
      "✓ d",
      expect.stringMatching(/^✗ e {2}.*plan\.yaml:8$/) as string,
      expect.stringMatching(/^ {2}✗ e\[y\] {2}.*exit code 1 {2}plan\.yaml:8$/) as string,
    ]);
  });

  test("keeps the line that others are printing below what was printed, until it ends", async () => {
    const screen = new Screen();
    const written = ["o", "n", "e\ntwo\nthr", "ee"];
    const seen: string[] = [];
    await show(`tasks: { a: { command: "true" } }`, {
      screen,
      view: live,
      look: (view) => {
        view.say(written.shift() ?? "");
        view.print(["…"]);
        seen.push(screen.text.replaceAll("…\n", "").split(/\n?[○●✓]/, 1)[0] ?? "");
      },
    });
    expect(seen.slice(0, 4)).toEqual(["o", "on", "one\ntwo\nthr", "one\ntwo\nthree"]);
    expect(screen.text).toMatch(/^three\n✓ a/m);
  });

  test("leaves nothing in the history of tmux, which keeps what is cleared as a whole", async () => {
    const screen = new Screen();
    const written = vi.spyOn(screen, "write");
    await show(PLAN, { screen, view: live, look: () => vi.advanceTimersByTime(100) });
    const all = written.mock.calls.flat().join("");
    expect(all).toContain("\u001b[2K");
    expect(all).not.toContain("\u001b[J");
  });

  test("says what waits for what, and how many items are done", async () => {
    const screen = new Screen();
    const seen = new Set<string>();
    await show(PLAN, {
      screen,
      view: live,
      look: (view) => {
        view.print([]);
        screen.text.split("\n").forEach((line) => seen.add(line.trim().replace(/ +-?\d+ ms/, "")));
      },
    });
    expect(seen).toContain("○ c             after b");
    expect(seen).toContain("○ d             after a");
    expect(seen).toContain("● e  1/2");
    expect(seen).toContain('○ b             waits for a slot of "command"');
    expect(seen).toContain("5 of 5 done,");
  });

  test("cuts long names while it is drawn, so that what a task waits for is seen, and not at the end", async () => {
    const screen = new Screen();
    const name = "a-name-of-fifty-characters-that-says-too-much-of-it";
    const seen = new Set<string>();
    await show(`tasks: { a: { command: "true" }, ${name}: { command: "true", after: a } }`, {
      screen,
      view: live,
      look: (view) => {
        view.print([]);
        screen.text.split("\n").forEach((line) => seen.add(line));
      },
    });
    expect(seen).toContain(`○ ${name.slice(0, 39)}…             after a`);
    expect(screen.text).toMatch(new RegExp(`^✓ ${name} +`, "m"));
  });

  test("cuts names by the columns that they take, so that their time is seen", async () => {
    const screen = new Screen();
    const seen = new Set<string>();
    const item = "語".repeat(40);
    await show(`tasks: { e: { each: [${item}], do: { command: [echo, "\${{ item }}"] } } }`, {
      screen,
      view: live,
      look: (view) => {
        view.print([]);
        screen.text.split("\n").forEach((line) => seen.add(line));
      },
    });
    const running = [...seen].filter((line) => line.startsWith("  ● "));
    expect(running).not.toEqual([]);
    running.forEach((line) =>
      expect(line).toMatch(new RegExp(`^  ● e\\[${"語".repeat(18)}… +-?\\d+ ms$`)),
    );
    expect(nameWidthOf(["日本語", "abcd"])).toBe(6);
  });

  test("keeps to the height of the terminal, what runs first", async () => {
    const screen = new Screen();
    screen.rows = 6;
    const names = Array.from({ length: 20 }, (_, index) => `t${index}`);
    const plan = `limit: 2\ntasks:\n${names.map((name) => `  ${name}: { command: "true" }`).join("\n")}\n`;
    let most = 0;
    await show(plan, {
      screen,
      view: live,
      look: (view) => {
        view.print([]);
        const lines = screen.text.split("\n");
        most = Math.max(most, lines.length);
        const running = lines.filter((line) => line.startsWith("●")).length;
        const waiting = lines.findIndex((line) => line.startsWith("○"));
        expect(running === 0 && waiting === 0 ? lines.join("\n") : "").not.toContain("●");
      },
    });
    expect(most).toBeLessThanOrEqual(6);
    expect(screen.text.split("\n")).toHaveLength(20);
  });
});

describe("the plain view", () => {
  test("prints each task once when it starts and once when it ends, and of items those that failed", async () => {
    const screen = new Screen();
    await show(PLAN, { screen, view: (terminal, context) => new PlainView(terminal, context) });
    const lines = screen.text.split("\n").map((line) => line.replace(/ +\d+ ms.*/, ""));
    expect(lines.toSorted()).toEqual(
      [
        "> a",
        "> b",
        "> d",
        "> e",
        "✓ a",
        "✗ b",
        "- c             skipped: b failed",
        "✓ d",
        "✗ e[y]",
        "✗ e",
      ].toSorted(),
    );
  });

  test("begins its lines behind what others print, which is there at once", async () => {
    const screen = new Screen();
    const written = ["o", "n", "e\n", "", "two"];
    const view = new PlainView(screen, {
      progress: new Progress(),
      colors: screen.colors,
      index: undefined,
      nameWidth: undefined,
    });
    written.forEach((text) => view.say(text));
    expect(screen.text).toBe("one\ntwo");
    view.print(["a line"]);
    view.print(["another"]);
    view.say("three");
    view.end();
    screen.write("the end");
    expect(screen.text).toBe("one\ntwo\na line\nanother\nthree\nthe end");
  });
});
