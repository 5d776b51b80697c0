/** What the commands of a run print, on its way to the user. */
import { relative } from "node:path";
import { counted } from "../core/counted.ts";
import type { PlanIndex } from "./plan-index.ts";
import { isSettled, type TaskProgress } from "./progress.ts";
import { shownName } from "./shown-line.ts";
import { cleanLine, type Terminal } from "./terminal.ts";

/** How it is shown: all of a command when it has ended, each line as it comes, or not at all. */
export type OutputMode = "grouped" | "stream" | "quiet";

/** How many lines of a command are shown in a group: the last ones. */
const SHOWN_LINES = 200;

/** How much of a command is shown in a group, in characters. */
const SHOWN_CHARACTERS = 65_536;

/** What output is shown with. */
export interface CommandOutputOptions {
  readonly mode: OutputMode;
  /** Whether groups are shown in the order of the plan, each when those before it have ended. */
  readonly inOrder: boolean;
  readonly index: PlanIndex;
  readonly terminal: Terminal;
  /** Where lines go. */
  readonly print: (lines: readonly string[]) => void;
}

/** The last lines of one command. */
class LastLines {
  #lines: string[] = [];
  /** The first of them that is kept. */
  #first = 0;
  #characters = 0;
  #dropped = 0;

  /** How many lines came before those that are kept. */
  get dropped(): number {
    return this.#dropped;
  }

  get kept(): readonly string[] {
    return this.#lines.slice(this.#first);
  }

  add(line: string): void {
    this.#lines.push(line);
    this.#characters += line.length;
    while (
      this.#lines.length - this.#first > SHOWN_LINES ||
      (this.#characters > SHOWN_CHARACTERS && this.#lines.length - this.#first > 1)
    ) {
      this.#characters -= this.#lines[this.#first]?.length ?? 0;
      this.#first += 1;
      this.#dropped += 1;
    }
    if (this.#first >= SHOWN_LINES) {
      this.#lines = this.#lines.slice(this.#first);
      this.#first = 0;
    }
  }
}

/** Collects the lines of commands. The standard output of a command that other tasks refer to is theirs, and is not shown. */
export class CommandOutput {
  readonly #options: CommandOutputOptions;
  readonly #groups = new Map<string, LastLines>();
  /** The groups that have ended and wait for those before them, by key. */
  readonly #ended = new Map<string, readonly string[]>();
  #next = 0;

  constructor(options: CommandOutputOptions) {
    this.#options = options;
  }

  /** Takes a line of a command. */
  readonly add = (key: string, text: string, stream: "stdout" | "stderr"): void => {
    const { mode, index, terminal, print } = this.#options;
    if (mode === "quiet" || (stream === "stdout" && index.isReferred(key))) {
      return;
    }
    if (mode === "stream") {
      print([`${terminal.colors.dim(`${shownName(key)} |`)} ${cleanLine(text, terminal)}`]);
      return;
    }
    const group = this.#groups.get(key) ?? new LastLines();
    this.#groups.set(key, group);
    group.add(text);
  };

  /** A task has ended: its group is shown, or waits for those before it. */
  settle(task: TaskProgress): void {
    if (this.#options.mode !== "grouped" || !isSettled(task)) {
      return;
    }
    const lines = this.#take(task);
    if (!this.#options.inOrder) {
      this.#options.print(lines);
      return;
    }
    this.#ended.set(task.key, lines);
    for (let next = this.#nextEnded(); next !== undefined; next = this.#nextEnded()) {
      this.#options.print(next);
      this.#next += 1;
    }
  }

  /** The group of the next task in order, once that has ended. */
  #nextEnded(): readonly string[] | undefined {
    const task = this.#options.index.plan.tasks[this.#next];
    return task === undefined ? undefined : this.#ended.get(task.name);
  }

  #take({ key, value }: TaskProgress): readonly string[] {
    const { terminal } = this.#options;
    const group = this.#groups.get(key);
    this.#groups.delete(key);
    if (group === undefined) {
      return [];
    }
    const hidden = group.dropped;
    const notice = `… ${counted(hidden, "line")} before these${fileNotice(value)}`;
    return [
      terminal.colors.bold(`── ${shownName(key)} ──`),
      ...(hidden > 0 ? [terminal.colors.dim(notice)] : []),
      // What is not shown need not be cleaned.
      ...group.kept.map((line) => cleanLine(line, terminal)),
    ];
  }
}

/** Where all of it stands, for a value of a command. */
function fileNotice(value: unknown): string {
  const file =
    typeof value === "object" && value !== null && "stdoutFile" in value
      ? value.stdoutFile
      : undefined;
  return typeof file === "string" ? `; all of it: ${relative(process.cwd(), file)}` : "";
}
