/** What is wrong with a plan: every problem at once, each with its place. */
import { FanfoldError, hasCode } from "../core/errors.ts";
import { hintOf } from "../core/suggest.ts";

/** A place in a plan file, counted from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** One thing that is wrong with a plan. */
export interface PlanProblem extends Place {
  /** What is wrong, what the rule is, and the text that breaks it. */
  readonly message: string;
  /** What was probably meant. */
  readonly suggestion: string | undefined;
  /** Whether a key may stand in its line, which is then not shown. */
  readonly hidesLine?: boolean | undefined;
}

/** A plan cannot be run as it is written. */
export class PlanError extends FanfoldError {
  override readonly name = "PlanError";
  /** Every problem found, in the order of the file. Never empty. */
  readonly problems: readonly PlanProblem[];
  /** The file as it was named. */
  readonly file: string;

  /** @internal */
  constructor(file: string, text: string, problems: readonly PlanProblem[]) {
    const hidden = new Set(problems.filter((each) => each.hidesLine).map(({ line }) => line));
    const described = problems.map((each) =>
      hidden.has(each.line) ? headOf(file, each) : describe(file, text, each),
    );
    super("PLAN_INVALID", described.join("\n\n"));
    this.file = file;
    this.problems = problems;
  }

  /** The line of the first problem, counted from 1. */
  get line(): number {
    return this.problems[0]?.line ?? 1;
  }

  /** The column of the first problem, counted from 1. */
  get column(): number {
    return this.problems[0]?.column ?? 1;
  }

  /** What was probably meant at the first problem. */
  get suggestion(): string | undefined {
    return this.problems[0]?.suggestion;
  }

  /** Whether `error` is one of these, whichever loaded copy of the package made it. */
  static override isInstance(error: unknown): error is PlanError {
    return hasCode(error, "PLAN_INVALID");
  }
}

/** How much of a long line is shown. */
const SHOWN_COLUMNS = 100;

function headOf(file: string, { line, column, message, suggestion }: PlanProblem): string {
  return `${file}:${line}:${column} ${message}${hintOf(suggestion)}`;
}

/** The problem in the manner of compilers: place, message, the line, and a caret below the place. */
function describe(file: string, text: string, problem: PlanProblem): string {
  const { line, column } = problem;
  const head = headOf(file, problem);
  const source = text.split(/\r?\n/)[line - 1]?.replaceAll("\t", " ") ?? "";
  if (source.trim() === "") {
    return head;
  }
  const from = column > SHOWN_COLUMNS - 20 ? column - 20 : 0;
  const gutter = `${String(line).padStart(5)} | `;
  const caret = `${" ".repeat(gutter.length - 2)}| ${" ".repeat(column - 1 - from)}^`;
  return `${head}\n${gutter}${source.slice(from, from + SHOWN_COLUMNS)}\n${caret}`;
}
