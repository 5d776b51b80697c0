/** Consensus and the best answer: what stopping early saves, and how long waiting for rounds takes. */
import { bestAnswer, consensus } from "../../src/models/index.ts";
import { integer } from "../support/random.ts";
import { sum } from "../support/statistics.ts";
import { durations, made, replyAt, textOf } from "./made.ts";
import { chainedMs, sequenceMs, stagedMs } from "./stages.ts";
import type { Contest, Draw, Taken } from "./taken.ts";

/** How many may vote. */
const VOTERS = 9;
const WRONG = 4;

/** How many answers are judged. */
const ANSWERS = 5;

/** How many more are asked than needed, by the name of the row. */
const AHEAD = {
  "`consensus`": 0,
  "`consensus`, `ahead: 1`": 1,
  "`consensus`, `ahead: 8`": 8,
} as const;

/** A long input, in tokens, where there is a beginning to keep. */
const INPUT = 8000;

/** A vote of 9, each right with a chance: by majority. */
export function consensusContest(chance: number): Contest {
  return async (draw) => {
    const { replies } = draw;
    const votes = drawVotes(draw, chance);
    const rows: Record<string, Taken> = {};
    for (const [name, ahead] of Object.entries(AHEAD)) {
      rows[name] = await voted(draw, votes, { ahead });
    }
    const one = await voted(draw, votes, { limit: 1 });
    const stages = [durations(replies, 0, VOTERS)];
    const all = { calls: VOTERS, ...tokensOf(draw, one) };
    return {
      ...rows,
      "`Promise.all`": { ...all, ms: stagedMs(stages), rounds: 1 },
      "one after another, until decided": { ...one, rounds: one.calls },
      "one after another": { ...all, ms: sequenceMs(stages), rounds: VOTERS },
    };
  };
}

/** A vote of 9 on a long input, each right with a chance of 0.9. */
export const warmConsensusContest: Contest = async (draw) => {
  const votes = drawVotes(draw, 0.9);
  const input = textOf(INPUT);
  return {
    "`consensus`": await voted(draw, votes, { input }),
    "`warmUp: true`": await voted(draw, votes, { input, warmUp: true }),
    "`ahead: 8`": await voted(draw, votes, { input, ahead: 8 }),
    "`ahead: 8`, `warmUp: true`": await voted(draw, votes, { input, ahead: 8, warmUp: true }),
  };
};

function drawVotes({ random }: Draw, chance: number): readonly string[] {
  return Array.from({ length: VOTERS }, () =>
    random() < chance ? "right" : `wrong ${integer(random, 1, WRONG)}`,
  );
}

interface Voting {
  readonly ahead?: number;
  readonly limit?: number;
  readonly input?: string;
  readonly warmUp?: boolean;
}

async function voted({ replies }: Draw, votes: readonly string[], options: Voting): Promise<Taken> {
  let rounds = 0;
  const taken = await made(
    (_request, index) => ({
      reply: replyAt(replies, index),
      says: { reasoning: "…", answer: votes[index], confidence: 1 },
    }),
    async ({ model, clock }) => {
      const question = textOf(200);
      const asked = { ...options, model, clock, question, of: VOTERS };
      ({ rounds } = await consensus({ ...asked, schema: "text" }));
    },
  );
  return { ...taken, rounds };
}

/** Of all votes: their prompts are the same. */
function tokensOf({ replies }: Draw, { calls, inputTokens }: Taken) {
  const asked = replies.slice(0, VOTERS);
  return {
    inputTokens: (inputTokens / calls) * VOTERS,
    outputTokens: sum(asked.map(({ outputTokens }) => outputTokens)),
  };
}

/** Five answers, each judged. */
export const bestAnswerContest: Contest = async (draw) => {
  const { replies, random } = draw;
  const scores = Array.from({ length: ANSWERS }, () => integer(random, 0, 10));
  const all = await judged(draw, scores, {});
  const stages = [durations(replies, 0, ANSWERS), durations(replies, ANSWERS, 2 * ANSWERS)];
  return {
    "`bestAnswer`": all,
    "`bestAnswer`, `enough: 8`": await judged(draw, scores, { enough: 8 }),
    "`enough: 8`, `ahead: 1`": await judged(draw, scores, { enough: 8, ahead: 1 }),
    "`enough: 8`, `ahead: 4`": await judged(draw, scores, { enough: 8, ahead: 4 }),
    "`Promise.all` of answer and judge": { ...all, ms: chainedMs(stages) },
    "`Promise.all` of answers, then of judges": { ...all, ms: stagedMs(stages) },
    "one after another": { ...all, ms: sequenceMs(stages) },
  };
};

async function judged(
  { replies }: Draw,
  scores: readonly number[],
  options: { readonly enough?: number; readonly ahead?: number },
): Promise<Taken> {
  let answers = 0;
  return await made(
    (request) => {
      // Every answer begins with its number, by which its judge finds it again.
      const number = /answer number (\d+)/.exec(request.prompt ?? "")?.[1];
      if (number === undefined) {
        const reply = replyAt(replies, answers);
        answers += 1;
        return { reply, says: `answer number ${answers - 1} ${textOf(reply.outputTokens)}` };
      }
      const score = scores[Number(number)];
      const reply = replyAt(replies, ANSWERS + Number(number));
      return { reply, says: { reasoning: "…", score } };
    },
    ({ model, clock }) =>
      bestAnswer({
        ...options,
        model,
        clock,
        of: ANSWERS,
        question: textOf(200),
        judge: { model },
      }),
  );
}
