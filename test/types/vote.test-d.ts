import { expectTypeOf, test } from "vitest";
import {
  bestOf,
  firstValid,
  majority,
  vote,
  type TaskContext,
  type VoteRule,
  type VoteRun,
} from "../../src/index.ts";

test("vote gives answers of the type of its sample", async () => {
  expectTypeOf(vote(async () => "yes" as const)).toEqualTypeOf<VoteRun<"yes">>();
  const { winner } = await vote(async (ctx) => ctx.attempt, { of: 3, rule: majority() });
  expectTypeOf(winner).toEqualTypeOf<number | undefined>();
  const declared = await vote({ retry: 2, run: async (ctx: TaskContext) => ctx.key });
  expectTypeOf(declared.winner).toEqualTypeOf<string | undefined>();
});

test("a verdict tells whether there is a winner", async () => {
  const result = await vote(() => ({ label: "cat" }), { key: ({ label }) => label });
  switch (result.verdict) {
    case "won":
      expectTypeOf(result.winner).toEqualTypeOf<{ label: string }>();
      break;
    case "tied":
      expectTypeOf(result.winner).toEqualTypeOf<undefined>();
      expectTypeOf(result.tied).toEqualTypeOf<readonly { label: string }[]>();
      break;
    case "undecided":
      expectTypeOf(result.winner).toEqualTypeOf<undefined>();
      break;
  }
});

test("key, weight, score and verify are handed the answer", async () => {
  await vote(async () => ({ label: "cat", sure: 1 }), {
    key: (answer) => {
      expectTypeOf(answer).toEqualTypeOf<{ label: string; sure: number }>();
      return answer.label;
    },
    weight: ({ sure }) => sure,
  });
  const best = await bestOf(async () => "text", {
    of: 2,
    score: (answer, { signal }) => (signal.aborted ? 0 : answer.length),
  });
  expectTypeOf(best.winner).toEqualTypeOf<string | undefined>();
  const valid = await firstValid(() => 1, { of: 2, verify: async (answer) => answer > 0 });
  if (valid.verdict === "won") {
    expectTypeOf(valid.winner).toEqualTypeOf<number>();
  }
});

test("a rule is one method", () => {
  const never: VoteRule = { judge: () => ({ status: "open", needs: 1 }) };
  expectTypeOf(vote(() => 1, { rule: never })).toEqualTypeOf<VoteRun<number>>();
  // @ts-expect-error a rule that is open says how many it needs
  expectTypeOf({ judge: () => ({ status: "open" }) } satisfies VoteRule).not.toBeAny();
});

test("a sample comes after nothing", () => {
  // @ts-expect-error samples have no order
  expectTypeOf(vote({ after: ["a"], run: () => 1 })).not.toBeAny();
  // @ts-expect-error a failure never stops the other samples
  expectTypeOf(vote(() => 1, { failure: "stop" })).not.toBeAny();
});
