/** Shows the calls of an agent that are under way, at the end of the terminal; what is said and printed scrolls away above them. */
import type { RunEvent, TaskAddedEvent } from "../core/event.ts";
import { formatDuration } from "../core/format-duration.ts";
import { isAgentProgress } from "../models/agent-progress.ts";
import type { AgentEvent } from "../models/agent-run.ts";
import { LiveBlock } from "./live-block.ts";
import { isSettled, newTask, Progress, type TaskProgress } from "./progress.ts";
import { longestNameIn, shownLine } from "./shown-line.ts";
import { taskLine, type LineContext } from "./task-line.ts";
import type { Terminal } from "./terminal.ts";
import { endOf } from "./text-width.ts";

/** Where calls are shown. */
export interface LiveCallsOptions {
  readonly terminal: Terminal;
  /** Writes text of the model that was said here, to the same terminal. */
  readonly writeText: (text: string) => void;
  /** What a call is shown as, by its id. */
  readonly titleOf: (id: string) => string;
  /** The time of the events, in milliseconds since the start of the run. */
  readonly nowMs: () => number;
}

/** The calls of one run of an agent. */
export class LiveCalls {
  readonly #options: LiveCallsOptions;
  readonly #block: LiveBlock;
  readonly #progress = new Progress();
  /** The task of the agent. */
  #agentId: number | undefined;
  /** The calls of this response that were not answered, by id, with their tasks, once they have some. */
  readonly #calls = new Map<string, TaskProgress | undefined>();
  #answered = 0;
  #beganAtMs = 0;
  /** The line that the model is writing while calls are under way. */
  #unended = "";

  constructor(options: LiveCallsOptions) {
    this.#options = options;
    this.#block = new LiveBlock({ terminal: options.terminal, lines: () => this.#lines() });
  }

  /** Takes what happens to the agent. */
  show(event: AgentEvent): void {
    switch (event.type) {
      case "tool-called":
        if (this.#calls.size === 0 && this.#answered === 0) {
          this.#beganAtMs = this.#options.nowMs();
        }
        this.#calls.set(event.call.id, undefined);
        break;
      case "tool-answered":
        this.#calls.delete(event.result.id);
        this.#answered += 1;
        break;
      case "step-completed":
        this.#calls.clear();
        this.#answered = 0;
        break;
      case "text":
        return;
    }
    this.#endUnlessBusy();
  }

  /** Takes what happens in the run that the agent is part of. */
  see(event: RunEvent): void {
    switch (event.type) {
      case "task-progressed":
        this.#agentId ??= isAgentProgress(event.progress) ? event.taskId : undefined;
        return;
      case "task-added":
        this.#add(event);
        return;
      case "task-settled":
        this.#progress.apply({ ...event, value: undefined }); // Not shown, so not kept.
        return;
      default:
        this.#progress.apply(event);
    }
  }

  /** Takes what the model says, bit by bit. While calls are under way, the line that it is writing is drawn with them. */
  say(text: string): void {
    const { writeText } = this.#options;
    if (this.#calls.size === 0) {
      writeText(text);
      return;
    }
    const said = this.#unended + text;
    const end = said.lastIndexOf("\n") + 1;
    this.#unended = said.slice(end);
    this.#block.draw(end === 0 ? "" : () => writeText(said.slice(0, end)));
  }

  /** Prints a line that stays. */
  print(line: string): void {
    this.#block.draw(`${line}\n`);
  }

  /** Takes everything away that does not stay. */
  end(): void {
    this.#calls.clear();
    this.#endUnlessBusy();
    this.#block.end();
  }

  /** A task of a call goes by the title of that. */
  #add(event: TaskAddedEvent): void {
    const { parentTaskId, key } = event;
    if (parentTaskId === this.#agentId && this.#calls.has(key)) {
      const task = this.#progress.apply({ ...event, key: this.#options.titleOf(key) });
      this.#calls.set(key, task);
    } else {
      this.#progress.apply(event);
    }
  }

  /** Without calls nothing is drawn, and the model writes where it likes. */
  #endUnlessBusy(): void {
    const unended = this.#unended;
    if (this.#calls.size > 0 || unended === "") {
      this.#block.draw();
      return;
    }
    this.#unended = "";
    this.#block.draw(() => this.#options.writeText(unended));
  }

  #lines(): readonly string[] {
    const { terminal, nowMs } = this.#options;
    if (this.#calls.size === 0) {
      return [];
    }
    const tasks = this.#tasks();
    const context: LineContext = {
      progress: this.#progress,
      colors: terminal.colors,
      index: undefined,
      nameWidth: undefined,
    };
    const room = Math.max(1, terminal.rows - 4);
    const shown = tasks.length <= room + 1 ? tasks : tasks.toSorted(byRank).slice(0, room);
    const hidden = tasks.length - shown.length;
    const done = this.#answered + tasks.filter(isSettled).length;
    const time = formatDuration(nowMs() - this.#beganAtMs);
    return [
      ...(this.#unended === "" ? [] : [lastOf(this.#unended, terminal.columns)]),
      ...shown.map((task) => taskLine(task, context, nowMs())),
      ...(hidden === 0 ? [] : [terminal.colors.dim(`  … and ${hidden} more`)]),
      terminal.colors.dim(`${done} of ${this.#answered + tasks.length} done, ${time}`),
    ];
  }

  /** The calls as they are shown. */
  #tasks(): readonly TaskProgress[] {
    const { terminal, titleOf } = this.#options;
    const longest = longestNameIn(terminal.columns);
    return [...this.#calls].map(([id, task = NO_TASK]) => ({
      ...task,
      key: shownLine(titleOf(id), longest),
      children: partsOf(task),
    }));
  }
}

/** What a call runs at once, such as its commands; nothing where that is only one. */
function partsOf({ children }: TaskProgress): TaskProgress[] {
  const parts = children.flatMap((child) => (child.children.length > 0 ? child.children : [child]));
  return parts.length > 1 ? parts : [];
}

/** What runs first, then what waits, then what has ended. */
function byRank(one: TaskProgress, other: TaskProgress): number {
  const rank = ({ state }: TaskProgress): number =>
    state === "running" ? 0 : state === "waiting" ? 1 : 2;
  return rank(one) - rank(other);
}

/** Of a call that has none: it has not come into its place, or shares the work of another. */
const NO_TASK = newTask({ id: 0, key: "", parentId: undefined, after: [] });

/** The end of a line that is still being written. */
function lastOf(text: string, columns: number): string {
  return endOf(text, columns - 1) === text ? text : `…${endOf(text, columns - 2)}`;
}
