/** Asks every question by each rule, on the virtual clock. */
import { vote, type VoteRule } from "../../src/index.ts";
import { virtualClock } from "../../src/testing/index.ts";
import { mean } from "../support/statistics.ts";
import { printTable } from "../support/table.ts";
import type { Answer, Question } from "./question.ts";

/** What one way of asking comes to. */
interface Asked {
  readonly asked: number;
  readonly rounds: number;
  readonly ms: number;
  /** Whether the winner is right; undefined without one. */
  readonly isRight: boolean | undefined;
}

/** Prints a row for asking everybody, and one for each rule. */
export async function printVotes(
  questions: readonly Question[],
  of: number,
  rules: Readonly<Record<string, VoteRule>>,
): Promise<void> {
  const rows = [rowOfAll(questions, of)];
  for (const [name, rule] of Object.entries(rules)) {
    rows.push(await rowOf(name, rule, questions, of));
  }
  printTable(
    [
      "rule",
      "samples",
      "rounds one by one",
      "rounds",
      "at a limit of 8",
      "time",
      "right",
      "no winner",
    ],
    rows,
  );
}

/** All `of` at once, then the answer that most gave. */
function rowOfAll(questions: readonly Question[], of: number): readonly string[] {
  const verdicts = questions.map((question) => plurality(question.slice(0, of)));
  return [
    `all ${of}, then majority`,
    `${of}.0`,
    `${of}.0`,
    "1.0",
    `${Math.ceil(of / 8)}.0`,
    "",
    ...shares(verdicts),
  ];
}

/** Whether the most frequent answer is right; undefined where there are several or none. */
function plurality(question: Question): boolean | undefined {
  const votes = new Map<string, readonly Answer[]>();
  for (const answer of question) {
    if (answer.key !== undefined) {
      votes.set(answer.key, [...(votes.get(answer.key) ?? []), answer]);
    }
  }
  const [first, second] = [...votes.values()].toSorted((a, b) => b.length - a.length);
  return first?.length === second?.length ? undefined : first?.[0]?.isRight;
}

async function rowOf(
  name: string,
  rule: VoteRule,
  questions: readonly Question[],
  of: number,
): Promise<readonly string[]> {
  const byLimit = async (limit: number, equal: boolean): Promise<readonly Asked[]> => {
    const asked: Asked[] = [];
    for (const question of questions) {
      asked.push(await ask(question, { rule, of, limit, equal }));
    }
    return asked;
  };
  const oneByOne = await byLimit(1, false);
  const together = await byLimit(Infinity, false);
  const equal = await byLimit(Infinity, true);
  const atEight = await byLimit(8, true);
  for (const other of [together, equal, atEight]) {
    checkSame(name, oneByOne, other);
  }
  const average = (all: readonly Asked[], field: "asked" | "rounds" | "ms"): number =>
    mean(all.map((each) => each[field]));
  return [
    name,
    average(equal, "asked").toFixed(1),
    average(oneByOne, "rounds").toFixed(1),
    average(equal, "rounds").toFixed(1),
    average(atEight, "rounds").toFixed(1),
    (average(together, "ms") / average(oneByOne, "ms")).toFixed(2),
    ...shares(equal.map(({ isRight }) => isRight)),
  ];
}

/** One vote. An answer takes as long as it is, or all take the same. */
async function ask(
  question: Question,
  how: {
    readonly rule: VoteRule;
    readonly of: number;
    readonly limit: number;
    readonly equal: boolean;
  },
): Promise<Asked> {
  const { rule, of, limit, equal } = how;
  const clock = virtualClock();
  const result = await vote(
    ({ key }) => {
      const answer = question[Number(key)] as Answer; // There are at least `of`.
      return new Promise<Answer>((resolve) => {
        clock.schedule(equal ? 1 : answer.length, () => resolve(answer));
      });
    },
    { of, rule, limit, clock, key: (answer) => answer.key },
  );
  const { asked, rounds, winner } = result;
  return { asked, rounds, ms: clock.now(), isRight: winner?.isRight };
}

/** What the table claims: however many run at once, the samples and the verdict are those of one by one. */
function checkSame(name: string, oneByOne: readonly Asked[], other: readonly Asked[]): void {
  const differs = other.findIndex(
    ({ asked, isRight }, index) =>
      asked !== oneByOne[index]?.asked || isRight !== oneByOne[index]?.isRight,
  );
  if (differs >= 0) {
    throw new Error(
      `Cannot compare ${name} as it must ask as many samples as one by one: question ${differs}`,
    );
  }
}

function shares(verdicts: readonly (boolean | undefined)[]): readonly string[] {
  const share = (wanted: boolean | undefined): string =>
    `${Math.round((100 * verdicts.filter((each) => each === wanted).length) / verdicts.length)} %`;
  return [share(true), share(undefined)];
}
