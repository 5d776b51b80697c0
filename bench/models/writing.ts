/** Sections and aspects: calls at once, and for sections one that makes them one. */
import { aspects, sections } from "../../src/models/index.ts";
import { durations, made, replyAt, textOf } from "./made.ts";
import { sequenceMs, stagedMs } from "./stages.ts";
import type { Contest } from "./taken.ts";

const SECTIONS = 8;
const ASPECTS = 4;

/** A long input, in tokens, where there is a beginning to keep. */
const INPUT = 8000;

/** Eight sections and their synthesis. */
export const sectionsContest: Contest = async ({ replies }) => {
  const taken = await written({ replies, input: undefined });
  const stages = [durations(replies, 0, SECTIONS), durations(replies, SECTIONS, SECTIONS + 1)];
  return {
    "`sections`": taken,
    "`Promise.all`, then the synthesis": { ...taken, ms: stagedMs(stages) },
    "one after another": { ...taken, ms: sequenceMs(stages) },
  };
};

/** Four aspects of one input. */
export const aspectsContest: Contest = async ({ replies }) => {
  const taken = await reviewed({ replies, input: textOf(500) });
  const stages = [durations(replies, 0, ASPECTS)];
  return {
    "`aspects`": taken,
    "`Promise.all`": { ...taken, ms: stagedMs(stages) },
    "one after another": { ...taken, ms: sequenceMs(stages) },
  };
};

/** Sections of a long input, with and without warming up. */
export const warmSectionsContest: Contest = async ({ replies }) => {
  const options = { replies, input: textOf(INPUT) };
  return {
    "`sections`": await written(options),
    "`warmUp: true`": await written({ ...options, warmUp: true }),
    "`warmUp: true`, a service without a cache": await written({
      ...options,
      warmUp: true,
      hasCache: false,
    }),
  };
};

/** Aspects of a long input, with and without warming up. */
export const warmAspectsContest: Contest = async ({ replies }) => {
  const options = { replies, input: textOf(INPUT) };
  return {
    "`aspects`": await reviewed(options),
    "`warmUp: true`": await reviewed({ ...options, warmUp: true }),
    "`warmUp: true`, a service without a cache": await reviewed({
      ...options,
      warmUp: true,
      hasCache: false,
    }),
  };
};

interface Writing {
  readonly replies: Parameters<Contest>[0]["replies"];
  readonly input: string | undefined;
  readonly warmUp?: boolean;
  readonly hasCache?: boolean;
}

async function written({ replies, input, warmUp = false, hasCache = true }: Writing) {
  const names = Array.from({ length: SECTIONS }, (_, index) => `Section ${index + 1}`);
  return await made(
    (_request, index) => {
      const reply = replyAt(replies, index);
      const text = textOf(reply.outputTokens);
      const isSection = index < SECTIONS;
      return {
        reply,
        says: isSection
          ? { content: text, keyPoints: [] }
          : { answer: text, conflicts: [], gaps: [], confidence: 1 },
      };
    },
    ({ model, clock }) =>
      sections({ model, clock, topic: "Parallel agents", input, sections: names, warmUp }),
    { hasCache },
  );
}

async function reviewed({ replies, input = "", warmUp = false, hasCache = true }: Writing) {
  return await made(
    (_request, index) => ({ reply: replyAt(replies, index), says: { findings: [] } }),
    ({ model, clock }) => aspects({ model, clock, input, warmUp }),
    { hasCache },
  );
}
