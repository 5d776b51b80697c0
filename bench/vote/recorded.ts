/** Answers that a model really gave, read where they lie: nothing of them is copied. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Question } from "./question.ts";

const FILE = "voting/tot_gpt4_game24_cot_100.jsonl";
const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Where the answers are expected: below `FANFOLD_DATA`, or beside the project. */
export const answersPath = join(process.env["FANFOLD_DATA"] ?? join(ROOT, "../shared/data"), FILE);

/** One line of the file. */
interface Line {
  readonly answers: readonly string[];
  /** What a verifier said of each: 1 or 0. */
  readonly correct: readonly number[];
  /** How long each was, with its reasoning. */
  readonly chars: readonly number[];
}

/** One hundred questions with one hundred answers each; undefined where they are absent. */
export function recordedQuestions(): readonly Question[] | undefined {
  if (!existsSync(answersPath)) {
    return undefined;
  }
  return readFileSync(answersPath, "utf8")
    .trim()
    .split("\n")
    .map((text) => JSON.parse(text) as Line)
    .map(({ answers, correct, chars }) =>
      answers.map((answer, index) => ({
        key: formulaOf(answer),
        isRight: correct[index] === 1,
        length: chars[index] ?? 0,
      })),
    );
}

/** The formula without its spaces. Who finds none ("Not possible") abstains. */
function formulaOf(answer: string): string | undefined {
  return /^[-+*/().=\d\s]+$/.test(answer) ? answer.replaceAll(/\s/g, "") : undefined;
}
