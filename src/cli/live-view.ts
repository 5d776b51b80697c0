/** Shows a run as a tree that is drawn again and again at the end of the terminal. */
import { formatDuration } from "../core/format-duration.ts";
import { LiveBlock } from "./live-block.ts";
import { isSettled, type TaskProgress } from "./progress.ts";
import { longestNameIn } from "./shown-line.ts";
import { planTaskOf, taskLine, type LineContext } from "./task-line.ts";
import { cleanLine, type Terminal } from "./terminal.ts";
import type { View } from "./view.ts";

/** How many items of an `each` are shown while they run. */
const SHOWN_ITEMS = 4;

/** What stands before an item. */
const ITEM_INDENT = "  ";

/** What the tree is drawn from. */
export interface LiveViewOptions {
  readonly terminal: Terminal;
  readonly context: LineContext;
  /** The time since the start of the run, in milliseconds. */
  readonly nowMs: () => number;
  /** How long the rest will take, in milliseconds; undefined when that cannot be said. */
  readonly remainingMs: () => number | undefined;
}

/** A tree of all tasks, cut to the size of the terminal; the lines that are printed scroll away above it. */
export class LiveView implements View {
  readonly #options: LiveViewOptions;
  readonly #block: LiveBlock;
  /** The line that others are printing. */
  #unended = "";

  constructor(options: LiveViewOptions) {
    const { terminal } = options;
    this.#options = options;
    this.#block = new LiveBlock({
      terminal,
      lines: () => {
        const unended = this.#unended === "" ? [] : [cleanLine(this.#unended, terminal)];
        const room = terminal.rows - 2 - unended.length;
        return [...unended, ...this.#fitting(room), this.#status()];
      },
    });
  }

  update(): void {
    // The next frame shows it.
  }

  print(lines: readonly string[]): void {
    this.#block.draw(lines.map((line) => `${line}\n`).join(""));
  }

  say(text: string): void {
    const said = this.#unended + text;
    const end = said.lastIndexOf("\n") + 1;
    this.#unended = said.slice(end);
    this.#block.draw(said.slice(0, end));
  }

  end(): void {
    if (this.#unended !== "") {
      this.say("\n");
    }
    this.#block.end();
    const { terminal, context } = this.#options;
    const lines = this.#top.flatMap((task) => [
      this.#line(task, context),
      ...this.#items(task)
        .filter(({ state }) => state === "failed")
        .map((item) => `${ITEM_INDENT}${this.#line(item, context)}`),
    ]);
    terminal.write(`${lines.join("\n")}\n`);
  }

  get #top(): readonly TaskProgress[] {
    return this.#options.context.progress.top;
  }

  /** As many lines as there is room for: what runs first, then what waits, then what has ended. */
  #fitting(rows: number): readonly string[] {
    const context = this.#narrowContext();
    const lines = this.#top.flatMap((task) => [
      { state: rank(task), line: () => this.#line(task, context) },
      ...this.#items(task)
        .filter(({ state }) => state === "running")
        .slice(0, SHOWN_ITEMS)
        .map((item) => ({ state: 3, line: () => `${ITEM_INDENT}${this.#line(item, context)}` })),
    ]);
    if (lines.length <= rows) {
      return lines.map(({ line }) => line());
    }
    const room = Math.max(1, rows - 1);
    const kept = new Set(lines.toSorted((a, b) => a.state - b.state).slice(0, room));
    const hidden = lines.length - kept.size;
    return [
      ...lines.filter((each) => kept.has(each)).map(({ line }) => line()),
      this.#options.terminal.colors.dim(`  … and ${hidden} more`),
    ];
  }

  /** The items of an `each`; none for what other tasks do inside. */
  #items({ children }: TaskProgress): readonly TaskProgress[] {
    return children.filter((each) => planTaskOf(each, this.#options.context) !== undefined);
  }

  #line(task: TaskProgress, context: LineContext): string {
    return taskLine(task, context, this.#options.nowMs());
  }

  /** Names give way while the tree is drawn again and again: its lines are cut, and what a task waits for stands behind its name. */
  #narrowContext(): LineContext {
    const { terminal, context } = this.#options;
    const longestName = longestNameIn(terminal.columns);
    return { ...context, longestName, nameWidth: Math.min(context.nameWidth ?? 0, longestName) };
  }

  #status(): string {
    const { terminal, nowMs, remainingMs } = this.#options;
    const settled = this.#top.filter(isSettled).length;
    const leftMs = remainingMs();
    const left = leftMs === undefined ? "" : `, about ${formatDuration(leftMs)} left`;
    return terminal.colors.dim(
      `${settled} of ${this.#top.length} done, ${formatDuration(nowMs())}${left}`,
    );
  }
}

/** What is shown first where room is short. */
function rank({ state }: TaskProgress): number {
  return state === "running" ? 0 : state === "failed" ? 1 : state === "waiting" ? 2 : 4;
}
