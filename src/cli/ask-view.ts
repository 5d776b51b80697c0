/** What a run of an agent shows: what the model says, and a line when a call begins and when it ends. */
import pc from "picocolors";
import { formatDuration } from "../core/format-duration.ts";
import type { AgentEvent } from "../models/agent-run.ts";
import type { CallWait, ToolCall, ToolResult } from "../tools/result.ts";
import type { TurnReport } from "../tools/turn-report.ts";
import { shownLine, shownName } from "./shown-line.ts";
import { cleanLine } from "./terminal.ts";

/** Where it is shown. */
export interface AskViewOptions {
  /** Takes what the model says, bit by bit. */
  readonly onText: (text: string) => void;
  /** Takes a line about what happens. */
  readonly onLine: (line: string) => void;
  /** Whether calls are shown elsewhere while they are under way: then there is no line when one begins. @defaultValue false */
  readonly isLive?: boolean | undefined;
}

/** How many characters of what went wrong are shown. */
const LONGEST_PROBLEM = 300;

/** The arguments of the built-in tools that say what a call is about. */
const TELLING = ["path", "command", "pattern", "files", "commands", "folders"] as const;

/** Control characters, but for those of plain text: a terminal obeys them, and a model repeats what it has read. */
const CONTROL = /(?![\n\t])\p{Cc}/gu;

const PLAIN = { colors: pc.createColors(false) };

/** Shows one run. */
export class AskView {
  readonly #options: AskViewOptions;
  readonly #titles = new Map<string, string>();
  #isInLine = false;

  constructor(options: AskViewOptions) {
    this.#options = options;
  }

  show(event: AgentEvent): void {
    switch (event.type) {
      case "text":
        this.#say(event.text.replaceAll(CONTROL, ""));
        break;
      case "tool-called":
        this.#titles.set(event.call.id, callTitle(event.call));
        if (this.#options.isLive === true) {
          this.#endLine();
        } else {
          this.line(`○ ${this.titleOf(event.call.id)}`);
        }
        break;
      case "tool-answered":
        this.line(this.#answered(event.result));
        break;
      case "step-completed":
        this.#endLine();
        describeGain(event.report).forEach((line) => this.line(line));
    }
  }

  /** A call, and what it is for: by its id. */
  titleOf(id: string): string {
    return this.#titles.get(id) ?? shownName(id);
  }

  /** Shows a line, after what the model was saying. */
  line(line: string): void {
    this.#endLine();
    this.#options.onLine(line);
  }

  #say(text: string): void {
    if (text !== "") {
      this.#options.onText(text);
      this.#isInLine = !text.endsWith("\n");
    }
  }

  #endLine(): void {
    if (this.#isInLine) {
      this.#say("\n");
    }
  }

  #answered(result: ToolResult): string {
    const { id, isError, text, runMs, attempts, waits, sharedWith } = result;
    const ran = attempts === 0 ? "" : `  ${formatDuration(runMs)}`;
    const waited = waits
      .filter(({ ms }) => Math.round(ms) > 0)
      .map((wait) => this.#describeWait(wait));
    const notes = [
      ...(sharedWith === undefined ? [] : [`the same as ${this.titleOf(sharedWith)}`]),
      ...(waited.length === 0 ? [] : [`waited ${waited.join(", ")}`]),
      ...(isError ? [describeProblem(text)] : []),
    ];
    return `${isError ? "✗" : "✓"} ${[this.titleOf(id) + ran, ...notes].join("; ")}`;
  }

  #describeWait({ reason, ms, on, limit }: CallWait): string {
    const time = formatDuration(ms);
    switch (reason) {
      case "commit":
        return `${time} for the end of the response`;
      case "limit":
        return `${time} for a slot${limit === undefined ? "" : ` of "${limit}"`}`;
      default: {
        const calls = on.map((id) => this.titleOf(id)).join(", ");
        return `${time} for ${calls === "" ? reason : calls}`;
      }
    }
  }
}

/** What went wrong, as a tool or a service says it, or any other text of somebody else, on one line. */
export function describeProblem(text: string): string {
  return cleanLine(shownLine(text, LONGEST_PROBLEM), PLAIN);
}

/** What running calls at once has gained; nothing to say of one. */
function describeGain(report: TurnReport | undefined): readonly string[] {
  if (report === undefined || report.calls.length < 2) {
    return [];
  }
  const { calls, wallMs, full } = report;
  return [
    `  ${calls.length} calls in ${formatDuration(wallMs)}; one after another ${formatDuration(full.sequentialMs)}`,
  ];
}

/** A tool, and what it is called for. */
export function callTitle({ name, input, inputText }: ToolCall): string {
  const about = tellingTexts(input ?? parsed(inputText)).join(", ");
  return cleanLine(`${shownName(name)} ${shownName(about)}`.trim(), PLAIN);
}

function tellingTexts(value: unknown): readonly string[] {
  if (typeof value === "string") {
    return [value];
  }
  if (Array.isArray(value)) {
    return value.flatMap(tellingTexts);
  }
  if (typeof value !== "object" || value === null) {
    return [];
  }
  const fields = value as Readonly<Record<string, unknown>>;
  return TELLING.flatMap((name) => tellingTexts(fields[name]));
}

/** What is no JSON is answered as such. */
function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch {
    return undefined;
  }
}
