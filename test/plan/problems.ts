/** Plans whose faults are marked: `▸` stands in front of every text that is refused. */
import { expect } from "vitest";
import { parsePlan, PlanError } from "../../src/plan/index.ts";

const FILE = "folder/plan.yaml";

/** The error that a text is refused with. */
export function planErrorOf(text: string, file = FILE): PlanError {
  try {
    parsePlan(text, { file });
  } catch (error) {
    if (error instanceof PlanError) {
      return error;
    }
    throw error;
  }
  throw new Error(`The plan was not refused:\n${text}`);
}

/**
 * Expects a problem at each mark and no other, in the order of the file; `messages` are those of the marks, with the suggestion
 * behind "->". What the error prints has to point a caret at the very character behind each mark.
 */
export function expectProblems(marked: string, messages: readonly string[]): void {
  const places = placesOf(marked);
  const text = marked.replaceAll("▸", "");
  const error = planErrorOf(text);
  const found = error.problems.map(({ line, column, message, suggestion }) => ({
    line,
    column,
    message: suggestion === undefined ? message : `${message} -> ${suggestion}`,
  }));
  expect(found).toEqual(messages.map((message, index) => ({ ...places[index], message })));
  expect(places).toHaveLength(messages.length);
  expect(error).toMatchObject({ code: "PLAN_INVALID", file: FILE, ...places[0] });
  expectCarets(error, text);
}

function placesOf(marked: string): readonly { readonly line: number; readonly column: number }[] {
  return marked.split("\n").flatMap((line, index) =>
    line
      .split("▸")
      .slice(0, -1)
      .map((_, mark, pieces) => ({
        line: index + 1,
        column: pieces.slice(0, mark + 1).join("").length + 1,
      })),
  );
}

function expectCarets(error: PlanError, text: string): void {
  const shown = error.message.split("\n\n");
  expect(shown).toHaveLength(error.problems.length);
  error.problems.forEach(({ line, column, message }, index) => {
    const [head = "", source = "", caret = ""] = shown[index]?.split("\n") ?? [];
    expect(head).toContain(`${FILE}:${line}:${column} ${message}`);
    const written = (text.split("\n")[line - 1] ?? "").replaceAll("\t", " ").slice(column - 1);
    const pointedAt = source.slice(caret.indexOf("^"));
    expect(pointedAt).not.toBe("");
    expect(written.startsWith(pointedAt)).toBe(true); // The end of a long line is not shown.
  });
}
