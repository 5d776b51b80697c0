import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TasksFailedError, type TaskContext } from "../../src/index.ts";
import { guard, validate, type Complaints, type Validator } from "../../src/models/index.ts";
import { rig, scripted, virtualClock, type VirtualClock } from "../../src/testing/index.ts";

interface Plan {
  readonly ms: number;
  /** What it says; "fails" and "late" are done, not said. */
  readonly says: Complaints;
}
const plan: fc.Arbitrary<Plan> = fc.record({
  ms: fc.integer({ min: 1, max: 20 }),
  says: fc.oneof(
    fc.constantFrom<Plan["says"]>(true, false, undefined, "fails", "late", "wrong"),
    fc.array(fc.constantFrom("x", "y"), { maxLength: 2 }),
  ),
});
const plans = fc.array(plan, { minLength: 1, maxLength: 6 });

const wait = (clock: VirtualClock, ms: number, { signal }: TaskContext): Promise<void> =>
  new Promise((resolve, reject) => {
    clock.schedule(ms, resolve);
    signal.addEventListener("abort", () => reject(signal.reason as Error));
  });

const validatorOf =
  (clock: VirtualClock, { ms, says }: Plan): Validator<string> =>
  async (_input, ctx) => {
    await wait(clock, says === "late" ? 1000 : ms, ctx);
    if (says === "fails") throw new Error("down");
    return says;
  };

const validatorsOf = (clock: VirtualClock, list: readonly Plan[]) =>
  Object.fromEntries(list.map((each, index) => [`v${index}`, validatorOf(clock, each)]));

/** What one says by itself, as texts; undefined where it says nothing. */
function textsOf({ says }: Plan): readonly string[] | undefined {
  if (says === "fails" || says === "late") return undefined;
  if (says === false) return ["it does not pass"];
  return typeof says === "string" ? [says] : Array.isArray(says) ? says : [];
}

describe("validate", () => {
  test("does not count what is no complaint as content, and hears the others", async () => {
    const odd = (value: unknown) => () => value as Complaints;
    const { verdict, complaints, unchecked } = await validate({
      input: "x",
      validators: { null: odd(null), number: odd(0), list: odd(["a", 1]), other: () => "bad" },
    });
    expect([verdict, complaints]).toEqual(["invalid", [{ validator: "other", text: "bad" }]]);
    expect(unchecked.map(({ key }) => key)).toEqual(["null", "number", "list"]);
  });

  test("has every complaint in order, and is only valid where all have spoken", async () => {
    await fc.assert(
      fc.asyncProperty(plans, async (list) => {
        const clock = virtualClock();
        const result = await validate({
          input: "x",
          validators: validatorsOf(clock, list),
          timeoutMs: 100,
          clock,
        });
        const texts = list.map(textsOf);
        expect(result.complaints).toEqual(
          texts.flatMap((each = [], index) =>
            each.map((text) => ({ validator: `v${index}`, text })),
          ),
        );
        expect(result.unchecked.map(({ key }) => key)).toEqual(
          texts.flatMap((each, index) => (each === undefined ? [`v${index}`] : [])),
        );
        const isWrong = texts.some((each) => each !== undefined && each.length > 0);
        const isWhole = !texts.includes(undefined);
        expect(result.verdict).toBe(isWrong ? "invalid" : isWhole ? "valid" : "unknown");
        expect(result.coverage).toBe(
          texts.filter((each) => each !== undefined).length / list.length,
        );
      }),
      { numRuns: 200 },
    );
  });

  test("stops at the first complaint where that is asked for, with the same verdict", async () => {
    await fc.assert(
      fc.asyncProperty(plans, async (list) => {
        const clock = virtualClock();
        const options = { input: "x", timeoutMs: 100, clock };
        const validators = validatorsOf(clock, list);
        const all = await validate({ ...options, validators });
        const startedAt = clock.now();
        const fast = await validate({ ...options, validators, failFast: true });
        expect(fast.verdict).toBe(all.verdict);
        expect(all.complaints).toEqual(expect.arrayContaining([...fast.complaints]));
        const wrong = list.filter((each) => (textsOf(each) ?? []).length > 0);
        if (wrong.length > 0) {
          expect(clock.now() - startedAt).toBe(Math.min(...wrong.map(({ ms }) => ms)));
        }
      }),
      { numRuns: 200 },
    );
  });

  test("shows models the input between fences, and their rule", async () => {
    const model = scripted([{ object: { reasoning: "r", complaints: ["too long"] } }]);
    const { complaints, spent } = await validate({
      input: { text: "~~~~" },
      validators: { model: { model, rule: "Be short." } },
    });
    expect(complaints).toEqual([{ validator: "model", text: "too long" }]);
    expect(spent.calls).toBe(1);
    expect(model.requests[0]?.prompt).toBe(
      'The input:\n~~~~~\n{\n  "text": "~~~~"\n}\n~~~~~\n\nThe rule:\nBe short.',
    );
  });

  test("refuses to say anything without a validator", () => {
    expect(() => validate({ input: 1, validators: {} })).toThrow(RangeError);
    expect(() => guard({ input: 1, validators: {}, answer: () => 1 })).toThrow(RangeError);
  });
});

describe("guard", () => {
  test("gives the answer only where all are content, and cancels it at the first who is not or fails", async () => {
    const ms = fc.integer({ min: 1, max: 30 });
    await fc.assert(
      fc.asyncProperty(plans, ms, async (list, answerMs) => {
        const clock = virtualClock();
        let endedAt: number | undefined;
        const result = await guard({
          input: "x",
          validators: validatorsOf(clock, list),
          timeoutMs: 100,
          clock,
          answer: async (ctx) => {
            await wait(clock, answerMs, ctx).finally(() => (endedAt = clock.now()));
            return "answer";
          },
        });
        const texts = list.map(textsOf);
        const wrong = list.filter((each) => (textsOf(each) ?? []).length > 0);
        const isValid = wrong.length === 0 && !texts.includes(undefined);
        expect(result.answer).toBe(isValid ? "answer" : undefined);
        expect(result.verdict).toBe(wrong.length > 0 ? "invalid" : isValid ? "valid" : "unknown");
        const failed = list.filter(({ says }) => says === "fails");
        expect(endedAt).toBe(Math.min(answerMs, ...[...wrong, ...failed].map(({ ms }) => ms)));
      }),
      { numRuns: 200 },
    );
  });

  test("hears the other validators where one has failed and the answer was cancelled", async () => {
    const r = rig();
    const [answer, other] = [r.task<string>("answer"), r.task<boolean>("other")];
    const run = guard({
      input: "x",
      validators: {
        broken: async () => {
          await Promise.all([answer.started, other.started]);
          throw new Error("down");
        },
        other: (_input, ctx) => other.run(ctx),
      },
      answer: (ctx) => answer.run(ctx),
    });
    await r.idle();
    expect(r.order).toEqual(["other started", "answer started", "answer cancelled"]);
    other.complete(false);
    expect(await run).toMatchObject({
      verdict: "invalid",
      complaints: [{ validator: "other" }],
      unchecked: [{ key: "broken", reason: "down" }],
    });
  });

  test("fails with its answer, and stops the validators", async () => {
    const r = rig();
    const validator = r.task<boolean>("validator");
    const run = guard({
      input: "x",
      validators: { slow: (_input, ctx) => validator.run(ctx) },
      answer: async () => {
        await validator.started;
        throw new Error("no model");
      },
    });
    const error: unknown = await run.catch((error: unknown) => error);
    expect(TasksFailedError.isInstance(error) && error.errors.map(({ key }) => key)).toEqual([
      "answer",
    ]);
    expect(r.order).toEqual(["validator started", "validator cancelled"]);
  });
});
