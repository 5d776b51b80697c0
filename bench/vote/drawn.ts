/** Answers drawn at random, where a model is right with a known chance. */
import { integer, type Random } from "../support/random.ts";
import type { Question } from "./question.ts";

/** How many wrong answers there are, each as likely as the other. */
const WRONG = 4;

/** So many questions, with so many answers each. */
export function drawnQuestions(
  random: Random,
  size: { readonly questions: number; readonly answers: number; readonly chance: number },
): readonly Question[] {
  const draw = <T>(count: number, make: () => T): readonly T[] =>
    Array.from({ length: count }, make);
  return draw(size.questions, () =>
    draw(size.answers, () => {
      const isRight = random() < size.chance;
      const key = isRight ? "right" : `wrong ${integer(random, 1, WRONG)}`;
      return { key, isRight, length: integer(random, 100, 900) };
    }),
  );
}
