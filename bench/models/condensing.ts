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
  const atOnce = await condensedAt(draw, DOCUMENTS);
  const widths = treeWidths(DOCUMENTS, answersThatFit());
  const { replies } = draw;
  let from = 0;
  const stages = widths.map((width) => durations(replies, from, (from += width)));
  const tree = {
    calls: from,
    inputTokens: atOnce.inputTokens,
    outputTokens: sum(replies.slice(0, from).map(({ outputTokens }) => outputTokens)),
  };
  return {
    "`condense`, its limit of 16": await condensedAt(draw, undefined),
    "`condense`, `limit: 40`": atOnce,
    "`Promise.all`, level by level": { ...tree, ms: stagedMs(stages) },
    "one after another": { ...tree, ms: sequenceMs(stages) },
  };
};

async function condensedAt({ replies }: Draw, limit: number | undefined): Promise<Taken> {
  const documents = Array.from({ length: DOCUMENTS }, (_, index) => ({
    id: String(index),
    text: `Document ${index}. ${textOf(DOCUMENT_TOKENS)}`,
  }));
  let reduced = 0;
  return await made(
    ({ prompt = "" }) => {
      const number = /Document (\d+)\./.exec(prompt)?.[1];
      if (number !== undefined) {
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
        estimate: ({ instructions = "", prompt = "" }) =>
          Math.ceil((instructions.length + prompt.length) / LETTERS),
      }),
    { hasCache: false }, // The statements are more alike than real ones.
  );
}

/** How many answers fit into one request that condenses them. */
function answersThatFit(): number {
  for (let answers = 1; ; answers += 1) {
    const texts = Array.from({ length: answers }, () => STATEMENTS).flat();
    const statements = texts.map((text, index) => `${index + 1}: "${text}"`).join("\n");
    const { instructions, prompt } = fillPrompt(CONDENSE_PROMPT, {
      task: TASK,
      statements,
    });
    if (Math.ceil((instructions.length + prompt.length) / LETTERS) > ROOM) {
      return answers - 1;
    }
  }
}
