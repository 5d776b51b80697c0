/** `consensus`: a vote over what models answer. */
import type { Consensus } from "../../models/consensus.ts";
import { keyOfWritten } from "../../models/answer-kind.ts";
import { samplesOf } from "../../models/defaults.ts";
import { describeError } from "../../core/errors.ts";
import type { ModelRunFacts } from "../../models/model-run.ts";
import type { MissingResult } from "../../models/source-result.ts";
import type { VoteKey } from "../../patterns/rules/rule.ts";
import type { Kind, SettingsProblem } from "../kind.ts";
import { LIKELY_TEXT, TRIES } from "../likely.ts";
import type { ConsensusSettings } from "../model-settings.ts";
import { linesOf } from "../text-fields.ts";
import { asText } from "../values.ts";
import { outOfReach } from "../vote-reach.ts";

/** What they agreed on. */
export type ConsensusValue = Omit<Consensus<unknown> & ModelRunFacts, "failures"> & {
  /** The samples that did not vote as they failed, by their number. */
  readonly failed: readonly MissingResult[];
};

export const consensus: Kind<ConsensusSettings> = {
  defaultLimit: undefined,
  fields: {
    answer: ({ answer }: ConsensusValue) => answer ?? null,
    text: textOf,
    lines: (value: ConsensusValue) => linesOf(textOf(value)),
    verdict: ({ verdict }: ConsensusValue) => verdict,
    agreement: ({ agreement }: ConsensusValue) => agreement,
    confidence: ({ confidence }: ConsensusValue) => confidence,
    support: ({ support }: ConsensusValue) => support,
    dissent: ({ dissent }: ConsensusValue) => dissent,
    failed: ({ failed }: ConsensusValue) => failed,
    asked: ({ asked }: ConsensusValue) => asked,
    spent: ({ spent }: ConsensusValue) => spent,
  },
  asks: ({ using }) =>
    Array.isArray(using)
      ? using.map((name: string, index) => ({ name, path: ["using", index] }))
      : [{ name: using as string | undefined, path: ["using"] }], // A list was seen before.
  rehearsal: ({ answer = "text", ...settings }) => ({
    answer: () => ({ reasoning: LIKELY_TEXT, answer: likelyAnswer(answer), confidence: 1 }),
    most: () => mostVotes(settings) * TRIES,
  }),
  answer: ({ answer }: ConsensusValue) => answer ?? null,
  problems: (settings) => [...thresholdProblems(settings), ...reachProblems(settings)],
  async run(settings, { ctx, values, modelOf }) {
    const { consensus: question, input, answer = "text", of, rule, weighted } = settings;
    const { temperature, perspectives, using } = settings;
    const [{ consensus }, { voteRule }] = await Promise.all([
      import("../../models/consensus.ts"),
      import("../vote-rule.ts"),
    ]);
    const schema = typeof answer === "string" ? answer : await values.texts(answer);
    const keyOf = (text: string): VoteKey => {
      const key = keyOfWritten(schema, text);
      if (key === undefined) {
        throw new TypeError(notAnAnswer(text, schema));
      }
      return key;
    };
    const models = [using].flat().map((name) => modelOf(name));
    const looks = (perspectives ?? []).map(async (each) => ({
      perspective: await values.text(each),
    }));
    const voters = await Promise.all(looks);
    const { failures, ...agreed } = await consensus<
      "text" | "number" | "boolean" | readonly string[]
    >({
      within: ctx,
      models: await Promise.all(models),
      voters: voters.length === 0 ? undefined : voters,
      question: await values.text(question),
      input: input === undefined ? undefined : asText(await values.resolve(input)),
      schema,
      of,
      rule: rule === undefined ? undefined : voteRule(rule, keyOf),
      weighted,
      temperature,
    });
    return {
      ...agreed,
      failed: failures.map(({ key, error }) => ({ key, reason: describeError(error) })),
    } satisfies ConsensusValue;
  },
};

/** An answer that nobody can give would never win, and nobody be told. Of answers that are references the run says so. */
function thresholdProblems({
  rule,
  answer = "text",
}: ConsensusSettings): readonly SettingsProblem[] {
  if (typeof rule !== "object" || !("thresholds" in rule)) {
    return [];
  }
  if (typeof answer !== "string" && answer.some((each) => each.includes("${{"))) {
    return [];
  }
  return Object.keys(rule.thresholds)
    .filter((text) => keyOfWritten(answer, text) === undefined)
    .map((text) => ({
      message: notAnAnswer(text, answer),
      path: ["rule", "thresholds", text],
    }));
}

/** A rule that cannot be reached would be found out when most samples were paid for. */
function reachProblems(settings: ConsensusSettings): readonly SettingsProblem[] {
  const most = mostVotes(settings);
  return outOfReach(settings.rule ?? "majority", most).map(({ needed, path }) => ({
    message: `Cannot ask for ${needed} votes as there are ${most} at the most; raise "of", or ask for fewer`,
    path: ["rule", ...path],
  }));
}

/** How many may vote altogether. */
function mostVotes({
  of,
  using,
  perspectives = [],
}: Pick<ConsensusSettings, "of" | "using" | "perspectives">): number {
  return of ?? samplesOf(Math.max([using].flat().length, perspectives.length));
}

function notAnAnswer(text: string, answer: NonNullable<ConsensusSettings["answer"]>): string {
  const known = typeof answer === "string" ? `a ${answer}` : `one of ${answer.join(", ")}`;
  return `Cannot ask votes for an answer that cannot be given, as it must be ${known}: ${text}`;
}

/** The answer; where there is none, how the vote ended. */
function textOf({ answer, verdict }: ConsensusValue): string {
  return answer === undefined ? verdict : asText(answer);
}

function likelyAnswer(answer: NonNullable<ConsensusSettings["answer"]>): unknown {
  return typeof answer !== "string"
    ? answer[0]
    : { text: "likely", number: 1, boolean: true }[answer];
}
