/** Shows a run as a tree that is drawn again and again at the end of the terminal. */
import { formatDuration } from "../core/format-duration.ts";
import { isSettled, type TaskProgress } from "./progress.ts";
import { taskLine, type LineContext } from "./task-line.ts";
import type { Terminal } from "./terminal.ts";
import type { View } from "./view.ts";

/** How often the tree is drawn, in milliseconds. */
const FRAME_MS = 100;

/** How many items of an `each` are shown while they run. */
const SHOWN_ITEMS = 4;

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
  readonly #timer: NodeJS.Timeout;
  #drawnLines = 0;

  constructor(options: LiveViewOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#draw([]), FRAME_MS);
    this.#timer.unref();
  }

  update(): void {
    // The next frame shows it.
  }

  print(lines: readonly string[]): void {
    this.#draw(lines);
  }

  end(): void {
    clearInterval(this.#timer);
    const { terminal } = this.#options;
    const lines = this.#top.flatMap((task) => [
      this.#line(task),
      ...task.children.filter(({ state }) => state === "failed").map((item) => this.#line(item, 1)),
    ]);
    terminal.write(`${this.#erasure()}${lines.join("\n")}\n`);
    this.#drawnLines = 0;
  }

  get #top(): readonly TaskProgress[] {
    return this.#options.context.progress.top;
  }

  #draw(above: readonly string[]): void {
    const { terminal } = this.#options;
    const tree = [...this.#fitting(terminal.rows - 2), this.#status()];
    const printed = above.map((line) => `${line}\n`).join("");
    // Without wrapping, whatever is too wide for the terminal is cut by the terminal itself.
    terminal.write(
      `${this.#erasure()}${printed}\u001b[?7l${tree.map((line) => `${line}\n`).join("")}\u001b[?7h`,
    );
    this.#drawnLines = tree.length;
  }

  /** Goes back to where the tree begins and takes it away. */
  #erasure(): string {
    return this.#drawnLines === 0 ? "" : `\u001b[${this.#drawnLines}F\u001b[J`;
  }

  /** As many lines as there is room for: what runs first, then what waits, then what has ended. */
  #fitting(rows: number): readonly string[] {
    const lines = this.#top.flatMap((task) => [
      { state: rank(task), line: this.#line(task) },
      ...task.children
        .filter(({ state }) => state === "running")
        .slice(0, SHOWN_ITEMS)
        .map((item) => ({ state: 3, line: this.#line(item, 1) })),
    ]);
    if (lines.length <= rows) {
      return lines.map(({ line }) => line);
    }
    const room = Math.max(1, rows - 1);
    const kept = new Set(lines.toSorted((a, b) => a.state - b.state).slice(0, room));
    const hidden = lines.length - kept.size;
    return [
      ...lines.filter((each) => kept.has(each)).map(({ line }) => line),
      this.#options.terminal.colors.dim(`  … and ${hidden} more`),
    ];
  }

  #line(task: TaskProgress, depth = 0): string {
    const { context, nowMs } = this.#options;
    return `${"  ".repeat(depth)}${taskLine(task, context, nowMs())}`;
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
