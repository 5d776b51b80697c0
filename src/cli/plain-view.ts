/** Shows a run as lines that follow each other: for files, pipes, and continuous integration. */
import { isSettled, type TaskProgress } from "./progress.ts";
import { shownName } from "./shown-line.ts";
import { planTaskOf, taskLine, type LineContext } from "./task-line.ts";
import type { Terminal } from "./terminal.ts";
import type { View } from "./view.ts";

/** One line when a task starts, one when it ends. Of the items of an `each` only those that failed. */
export class PlainView implements View {
  readonly #terminal: Terminal;
  readonly #context: LineContext;
  readonly #started = new Set<TaskProgress>();
  readonly #ended = new Set<TaskProgress>();
  /** Whether others have left a line without its end. */
  #hasUnended = false;

  constructor(terminal: Terminal, context: LineContext) {
    this.#terminal = terminal;
    this.#context = context;
  }

  update(task: TaskProgress): void {
    if (planTaskOf(task, this.#context) === undefined) {
      return; // What a task does inside is for the task to tell.
    }
    const isItem = task.parentId !== undefined;
    if (isSettled(task)) {
      if (!this.#ended.has(task) && (!isItem || task.state === "failed")) {
        this.#ended.add(task);
        this.print([taskLine(task, this.#context, 0)]);
      }
    } else if (task.state === "running" && !isItem && !this.#started.has(task)) {
      this.#started.add(task);
      this.print([this.#terminal.colors.dim(`> ${shownName(task.key)}`)]);
    }
  }

  print(lines: readonly string[]): void {
    if (lines.length > 0) {
      this.#endLine();
      this.#terminal.write(`${lines.join("\n")}\n`);
    }
  }

  say(text: string): void {
    if (text !== "") {
      this.#hasUnended = !text.endsWith("\n");
      this.#terminal.write(text);
    }
  }

  end(): void {
    this.#endLine();
  }

  #endLine(): void {
    if (this.#hasUnended) {
      this.#hasUnended = false;
      this.#terminal.write("\n");
    }
  }
}
