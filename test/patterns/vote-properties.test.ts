/** Votes ask for as many samples as whoever asks one after the other, whatever the order in which they end. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  beta,
  FanfoldError,
  lead,
  majority,
  threshold,
  unanimous,
  vote,
  window,
  type Ballot,
  type VoteCount,
  type VoteResult,
  type VoteRule,
} from "../../src/index.ts";
import { virtualClock } from "../../src/testing/index.ts";
import * as oracle from "./vote-oracle.ts";
import type { Definition, Reply } from "./vote-oracle.ts";

/** Two answers in a row that are the same, in the order of asking. */
const twice: VoteRule = {
  judge({ ballots, left, of }) {
    const known = Array.from({ length: of - left }, (_, index) => ballots[index]);
    const at = known.findIndex((ballot, index) => isSame(known[index - 1], ballot));
    const ballot = known[at];
    return ballot?.kind === "vote"
      ? { status: "settled", winners: [ballot.key], reason: "decided" }
      : { status: "open", needs: 1 };
  },
};

function isSame(a: Ballot | undefined, b: Ballot | undefined): boolean {
  return a?.kind === "vote" && b?.kind === "vote" && a.key === b.key;
}

const RULES: Readonly<Record<string, readonly [VoteRule, Definition]>> = {
  majority: [majority(), oracle.majority],
  unanimous: [unanimous(), oracle.unanimous],
  "threshold(2)": [threshold(2), oracle.threshold(20)],
  "threshold(4)": [threshold(4), oracle.threshold(40)],
  "threshold(2.3)": [threshold(2.3), oracle.threshold(23)],
  "lead(1)": [lead(1), oracle.lead(10)],
  "lead(3)": [lead(3), oracle.lead(30)],
  "lead(1.7)": [lead(1.7), oracle.lead(17)],
  "window(2)": [window(2), oracle.window(2)],
  "window(3)": [window(3), oracle.window(3)],
  "beta 0.8": [beta({ confidence: 0.8 }), oracle.beta(0.8)],
  "beta 0.95": [beta(), oracle.beta(0.95)],
  "a rule of a user": [twice, oracle.twice],
};

const key = fc.constantFrom("a", "a", "a", "b", "b", "c");
const full: fc.Arbitrary<Reply> = key.map((key) => ({ kind: "vote", key, tenths: 10 }));
const part: fc.Arbitrary<Reply> = fc.record({
  kind: fc.constant("vote"),
  key,
  tenths: fc.nat(10),
});
const noVote: fc.Arbitrary<Reply> = fc.constantFrom({ kind: "abstained" }, { kind: "failed" });

/** Votes alone, with some that are none, and with some that weigh less. */
const replies = fc.oneof(
  ...[
    full,
    fc.oneof({ weight: 5, arbitrary: full }, noVote),
    fc.oneof({ weight: 5, arbitrary: part }, noVote),
  ].map((reply) => fc.array(reply, { minLength: 4, maxLength: 14 })),
);

interface Asked {
  readonly result: VoteResult<Reply & { readonly kind: "vote" }> | undefined;
  /** How many were started. */
  readonly started: number;
  readonly ms: number;
}

/** Votes with samples of these durations. */
async function ask(
  rule: VoteRule,
  replies: readonly Reply[],
  how: { readonly durations: readonly number[]; readonly limit: number },
): Promise<Asked> {
  const clock = virtualClock();
  let started = 0;
  const run = vote(
    async (ctx): Promise<Reply & { readonly kind: "vote" }> => {
      started += 1;
      const index = Number(ctx.key);
      await new Promise<void>((resolve) => {
        clock.schedule(how.durations[index % how.durations.length] ?? 1, resolve);
      });
      const reply = replies[index];
      switch (reply?.kind) {
        case "vote":
          return reply;
        case "abstained":
          return ctx.skip("nothing to say");
        default:
          throw new Error("no answer");
      }
    },
    {
      of: replies.length,
      rule,
      key: (reply) => reply.key,
      weight: (reply) => reply.tenths / 10,
      clock,
      limit: how.limit,
    },
  );
  const result = await run.catch((error: unknown) => {
    if (FanfoldError.isInstance(error) && error.code === "TASKS_FAILED") return undefined;
    throw error;
  });
  return { result, started, ms: clock.now() };
}

function winnersOf(result: NonNullable<Asked["result"]>): readonly string[] {
  switch (result.verdict) {
    case "won":
      return [result.winner.key];
    case "tied":
      return result.tied.map(({ key }) => key);
    case "undecided":
      return [];
  }
}

const how = fc.record({
  durations: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 14 }),
  limit: fc.oneof(fc.constant(Infinity), fc.integer({ min: 1, max: 5 })),
});

describe.each(Object.entries(RULES))("vote by %s", (name, [rule, definition]) => {
  test("asks for the samples of one after the other, and comes to the same verdict", async () => {
    await fc.assert(
      fc.asyncProperty(replies, how, async (replies, how) => {
        const expected = oracle.oneAtATime(definition, replies);
        const heard = replies.slice(0, expected.asked);
        const { result, started } = await ask(rule, replies, how);
        expect(started).toBe(expected.asked);
        if (heard.every(({ kind }) => kind === "failed")) {
          expect(result).toBeUndefined();
          return;
        }
        expect(result).toMatchObject({
          asked: expected.asked,
          saved: replies.length - expected.asked,
          reason: expected.reason,
        });
        expect(winnersOf(result!).toSorted()).toEqual(expected.winners.toSorted());
        if (result!.cancelled > 0) {
          // Only of windows that are broken: what their other samples say no longer matters.
          expect(name).toMatch(/^window/);
          expect(result!.reason).toBe("decided");
          return;
        }
        expect(result).toMatchObject({
          abstained: heard.filter(({ kind }) => kind === "abstained").length,
          failures: heard.flatMap(({ kind }) => (kind === "failed" ? [{ attempt: 1 }] : [])),
        });
        expect(new Map(result!.tally.map(({ key, weight }) => [key, weight]))).toEqual(
          new Map(oracle.weigh(heard).map(([key, tenths]) => [key, tenths / 10])),
        );
      }),
      { numRuns: 150 },
    );
  });

  test("takes as many rounds as time, and as many as samples at a limit of 1", async () => {
    await fc.assert(
      fc.asyncProperty(replies, fc.constantFrom(1, 2, Infinity), async (replies, limit) => {
        const { result, ms, started } = await ask(rule, replies, { durations: [1], limit });
        fc.pre(result !== undefined);
        expect(result?.rounds).toBe(ms);
        expect(result?.rounds).toBeLessThanOrEqual(started);
        if (limit === 1) {
          expect(result?.rounds).toBe(started);
        }
      }),
      { numRuns: 40 },
    );
  });
});

/** What a rule is shown after these replies. */
function countOf(replies: readonly Reply[], of: number): VoteCount {
  const sums = oracle.weigh(replies);
  return {
    of,
    left: of - replies.length,
    maxWeight: 1,
    ballots: replies.map((reply) =>
      reply.kind === "vote" ? { ...reply, weight: reply.tenths / 10 } : reply,
    ),
    tally: sums.map(([key, tenths]) => ({
      key,
      answer: key,
      weight: tenths / 10,
      votes: replies.filter((reply) => reply.kind === "vote" && reply.key === key).length,
    })),
  };
}

const none = (count: number): readonly Reply[] =>
  Array.from({ length: count }, () => ({ kind: "failed" }));

const ALPHABET: readonly Reply[] = [
  ...["a", "b", "c", "d"].map((key): Reply => ({ kind: "vote", key, tenths: 10 })),
  { kind: "failed" },
];

/** After how many more replies it can be settled at the earliest, found by trying all. */
function fewestMore(definition: Definition, replies: readonly Reply[], of: number): number {
  let fringe: readonly (readonly Reply[])[] = [replies];
  for (let more = 0; replies.length + more < of; more += 1) {
    if (fringe.some((each) => definition(each, of) !== undefined)) {
      return more;
    }
    fringe = fringe.flatMap((each) => ALPHABET.map((reply) => [...each, reply]));
  }
  return of - replies.length;
}

describe.each(Object.entries(RULES).filter(([name]) => name !== "a rule of a user"))(
  "%s",
  (_, [rule, definition]) => {
    test("needs exactly as many samples as could settle it at the earliest", () => {
      fc.assert(
        fc.property(
          fc.oneof(
            fc.array(full, { maxLength: 5 }),
            fc.array(fc.oneof(full, noVote), { maxLength: 5 }),
            fc.array(fc.oneof(part, noVote), { maxLength: 5 }),
          ),
          fc.integer({ min: 1, max: 4 }),
          (replies, left) => {
            const of = replies.length + left;
            fc.pre(
              oracle.oneAtATime(definition, [...replies, ...none(left)]).asked >= replies.length,
            );
            const ruling = rule.judge(countOf(replies, of));
            expect(ruling.status === "open" ? Math.min(left, ruling.needs) : 0).toBe(
              fewestMore(definition, replies, of),
            );
          },
        ),
        { numRuns: 150 },
      );
    });
  },
);
