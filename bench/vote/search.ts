/** Asks until an answer is right: how many samples and rounds it takes at several widths. */
import { firstValid } from "../../src/index.ts";
import { virtualClock } from "../../src/testing/index.ts";
import { mean } from "../support/statistics.ts";
import { printTable } from "../support/table.ts";
import type { Answer, Question } from "./question.ts";

interface Searched {
  readonly asked: number;
  readonly rounds: number;
  readonly ms: number;
  readonly isFound: boolean;
}

/** Prints a row for each width, and one for whole batches of the widest. */
export async function printSearches(
  questions: readonly Question[],
  widths: readonly number[],
): Promise<void> {
  const rows: (readonly [string, readonly Searched[]])[] = [];
  for (const width of widths) {
    const searched: Searched[] = [];
    for (const question of questions) {
      searched.push(await search(question, width));
    }
    rows.push([width === 1 ? "one at a time" : `ahead: ${width - 1}`, searched]);
  }
  const widest = Math.max(...widths);
  rows.push([`batches of ${widest}`, questions.map((question) => batches(question, widest))]);
  const base = mean((rows[0]?.[1] ?? []).map(({ ms }) => ms));
  const average = (all: readonly Searched[], field: "asked" | "rounds" | "ms"): number =>
    mean(all.map((each) => each[field]));
  printTable(
    ["first valid", "samples", "rounds", "time", "found"],
    rows.map(([name, all]) => [
      name,
      average(all, "asked").toFixed(1),
      average(all, "rounds").toFixed(2),
      (average(all, "ms") / base).toFixed(2),
      `${all.filter(({ isFound }) => isFound).length}`,
    ]),
  );
}

async function search(question: Question, width: number): Promise<Searched> {
  const clock = virtualClock();
  const { asked, rounds, verdict } = await firstValid(
    ({ key, signal }) => {
      const answer = question[Number(key)] as Answer; // There are `of`.
      return new Promise<Answer>((resolve, reject) => {
        const timer = clock.schedule(answer.length, () => resolve(answer));
        signal.addEventListener("abort", () => {
          timer.cancel();
          reject(signal.reason as Error);
        });
      });
    },
    { of: question.length, ahead: width - 1, verify: ({ isRight }) => isRight, clock },
  );
  return { asked, rounds, ms: clock.now(), isFound: verdict === "won" };
}

/** By hand: the next batch starts when all of the one before have ended. */
function batches(question: Question, size: number): Searched {
  let asked = 0;
  let rounds = 0;
  let ms = 0;
  let isFound = false;
  while (asked < question.length && !isFound) {
    const batch = question.slice(asked, asked + size);
    asked += batch.length;
    rounds += 1;
    ms += Math.max(...batch.map(({ length }) => length));
    isFound = batch.some(({ isRight }) => isRight);
  }
  return { asked, rounds, ms, isFound };
}
