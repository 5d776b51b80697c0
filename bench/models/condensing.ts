/** Many documents, condensed in a tree: beside trees made level by level. */
import { condense, CONDENSE_PROMPT, fillPrompt } from "../../src/models/index.ts";
import { sum } from "../support/statistics.ts";
import { durations, made, replyAt, textOf } from "./made.ts";
import { LETTERS } from "./prefix-cache.ts";
import { sequenceMs, stagedMs, treeWidths } from "./stages.ts";
import type { Contest, Draw, Taken } from "./taken.ts";

const DOCUMENTS = 40;
const DOCUMENT_TOKENS = 400;
const TASK = "What happened?";

/** What each answer says, whoever gives it. */
const STATEMENTS = [1, 2, 3].map((number) => `${number} ${textOf(45).trim()}`);
const CONTEXT = 4000;
const LONGEST = 500;

/** What a window has for a request without repairs: the same for all ways. */
const ROOM = CONTEXT - LONGEST;

/** Forty documents in a window that a tenth to a quarter of their answers fit into. */
export const condenseContest: Contest = async (draw) => {
  const { readTokens, ...atOnce } = await condensedAt(draw, DOCUMENTS);
  const { readTokens: _same, ...limited } = await condensedAt(draw, undefined);
  const widths = treeWidths(DOCUMENTS, answersThatFit());
  const { replies } = draw;
  let from = 0;
  const stages = widths.map((width) => durations(replies, from, (from += width)));
  const tree = {
    calls: from,
    inputTokens: readTokens + sum(requestsOf(widths).map(condensingTokens)),
    outputTokens: sum(replies.slice(0, from).map(({ outputTokens }) => outputTokens)),
  };
  return {
    "`condense`, its limit of 16": limited,
    "`condense`, `limit: 40`": atOnce,
    "`Promise.all`, level by level": { ...tree, ms: stagedMs(stages) },
    "one after another": { ...tree, ms: sequenceMs(stages) },
  };
};

/** What it took, and what of that went into reading the documents. */
async function condensedAt(
  { replies }: Draw,
  limit: number | undefined,
): Promise<Taken & { readonly readTokens: number }> {
  const documents = Array.from({ length: DOCUMENTS }, (_, index) => ({
    id: String(index),
    text: `Document ${index}. ${textOf(DOCUMENT_TOKENS)}`,
  }));
  let [reduced, readTokens] = [0, 0];
  const taken = await made(
    ({ instructions = "", prompt = "" }) => {
      const number = /Document (\d+)\./.exec(prompt)?.[1];
      if (number !== undefined) {
        readTokens += tokensOf(instructions, prompt);
        return { reply: replyAt(replies, Number(number)), says: { statements: STATEMENTS } };
      }
      const reply = replyAt(replies, DOCUMENTS + reduced);
      reduced += 1;
      return { reply, says: { statements: STATEMENTS.map((text) => ({ text, from: [1] })) } };
    },
    ({ model, clock }) =>
      condense({
        ...{ model, clock, documents, task: TASK, limit, repairs: 0 },
        contextTokens: CONTEXT,
        maxOutputTokens: LONGEST,
        estimate: ({ instructions = "", prompt = "" }) => tokensOf(instructions, prompt),
      }),
    { hasCache: false }, // The statements are more alike than real ones.
  );
  return { ...taken, readTokens };
}

/** How many answers go into each request that condenses in a tree of these widths, the documents first. */
function requestsOf(widths: readonly number[]): readonly number[] {
  const most = answersThatFit();
  return widths
    .slice(1)
    .flatMap((requests, level) =>
      Array.from({ length: requests }, (_, index) =>
        Math.min(most, (widths[level] ?? 0) - index * most),
      ),
    );
}

/** How many answers fit into one request that condenses them. */
function answersThatFit(): number {
  for (let answers = 1; ; answers += 1) {
    if (condensingTokens(answers) > ROOM) {
      return answers - 1;
    }
  }
}

/** What a request takes that condenses so many answers. */
function condensingTokens(answers: number): number {
  const texts = Array.from({ length: answers }, () => STATEMENTS).flat();
  const statements = texts.map((text, index) => `${index + 1}: "${text}"`).join("\n");
  const { instructions, prompt } = fillPrompt(CONDENSE_PROMPT, { task: TASK, statements });
  return tokensOf(instructions, prompt);
}

/** As the service counts them. */
function tokensOf(instructions: string, prompt: string): number {
  return Math.ceil((instructions.length + 1 + prompt.length) / LETTERS);
}
