import { describe, expect, test } from "vitest";
import { limit } from "../../src/index.ts";
import {
  sections,
  streamOf,
  warmUp,
  withLimits,
  type Model,
  type ModelRequest,
} from "../../src/models/index.ts";
import { scripted, virtualClock, type ScriptedAnswer } from "../../src/testing/index.ts";

const CONTENT = { content: "c", keyPoints: [] };
const input = "A report of some length. ".repeat(400);

/** A service that keeps what it has begun to answer, and says what it read from there. */
function service(caches: boolean, firstAnswer: ScriptedAnswer = {}) {
  const clock = virtualClock();
  const starts: number[] = [];
  const seen = new Set<string | undefined>();
  let [opened, index] = [Infinity, 0];
  const model = scripted(
    (request): ScriptedAnswer => {
      starts.push(clock.now());
      const isCached = caches && clock.now() >= opened && seen.has(request.instructions);
      seen.add(request.instructions);
      opened = Math.min(opened, clock.now() + 100);
      index += 1;
      return {
        text: Array.from(JSON.stringify(CONTENT)),
        firstMs: 100,
        eachMs: 10,
        usage: { inputTokens: 3000, outputTokens: 10, cachedInputTokens: isCached ? 2048 : 0 },
        ...(index === 1 ? firstAnswer : {}),
      };
    },
    { clock },
  );
  return { model, clock, starts };
}

const names = (count: number) => Array.from({ length: count }, (_none, index) => `s${index}`);

describe("warmUp", () => {
  test("lets the others begin at the first bit of the first, who read its beginning from the cache", async () => {
    const { model, clock, starts } = service(true);
    const options = {
      model,
      topic: "t",
      input,
      sections: names(5),
      synthesize: false,
      clock,
    } as const;
    const result = await sections({ ...options, warmUp: true });
    expect(starts).toEqual([0, 100, 100, 100, 100]);
    expect(result.warmUp).toEqual({
      opened: 1,
      followed: 4,
      cachedTokens: 4 * 2048,
      gaveUp: false,
    });
    expect(result.spent.cachedInputTokens).toBe(4 * 2048);
    expect(result.coverage).toBe(1);
  });

  test("is off by itself, and where what is common is too short to be cached", async () => {
    const { model, clock, starts } = service(true);
    const options = { model, topic: "t", sections: names(3), synthesize: false, clock } as const;
    expect((await sections({ ...options, input })).warmUp).toBeUndefined();
    expect((await sections({ ...options, warmUp: true })).warmUp?.opened).toBe(0);
    const late = starts.slice(3).map((at) => at - (starts[3] ?? 0));
    expect([starts.slice(0, 3), late]).toEqual([
      [0, 0, 0],
      [0, 0, 0],
    ]);
  });

  test("gives up where nothing is read from a cache, also in later runs that share it", async () => {
    const { model, clock, starts } = service(false);
    const caches = warmUp({ clock });
    const options = {
      model,
      topic: "t",
      input,
      sections: names(4),
      synthesize: false,
      clock,
    } as const;
    await sections({ ...options, warmUp: caches });
    expect(caches.stats).toEqual({ opened: 1, followed: 3, cachedTokens: 0, gaveUp: true });
    const before = clock.now();
    await sections({ ...options, input: `Other: ${input}`, warmUp: caches });
    expect(starts.slice(4)).toEqual([before, before, before, before]);
  });

  test("goes on with the next where the first fails before it says anything", async () => {
    const { model, clock, starts } = service(true, {
      text: [],
      failure: new Error("down"),
      firstMs: 30,
    });
    const { sections: all, warmUp: stats } = await sections({
      model,
      topic: "t",
      input,
      sections: names(4),
      synthesize: false,
      clock,
      warmUp: true,
    });
    expect(starts).toEqual([0, 30, 130, 130]);
    expect(all.map(({ status }) => status)).toEqual([
      "failed",
      "completed",
      "completed",
      "completed",
    ]);
    expect(stats?.opened).toBe(2);
  });

  test("knows a beginning for as long as a service keeps it, and each model by itself", async () => {
    const { model, clock, starts } = service(true);
    const caches = warmUp({ clock, keepMs: 60_000 });
    const one = { model, topic: "t", input, sections: names(1), synthesize: false, clock } as const;
    await sections({ ...one, warmUp: caches });
    await sections({ ...one, warmUp: caches });
    expect(caches.stats.opened).toBe(1);
    await new Promise<void>((resolve) => void clock.schedule(100_000, resolve));
    await sections({ ...one, warmUp: caches });
    expect([caches.stats.opened, starts.length]).toEqual([2, 3]);
    const other: Model = { ...model, name: "other/model" };
    await sections({ ...one, model: other, warmUp: caches });
    expect(caches.stats.opened).toBe(3);
  });

  test("holds up nobody who is told to stop, and no model that cannot stream", async () => {
    const { model, clock } = service(true);
    const two = { topic: "t", input, sections: names(2), synthesize: false, warmUp: true } as const;
    const run = sections({ ...two, model, clock, deadlineMs: 50 });
    await expect(run).rejects.toThrow("deadline");
    expect([model.inFlight, clock.now()]).toEqual([0, 50]);
    const silent: Model = {
      name: "no/stream",
      generate: (request: ModelRequest, options) => model.generate(request, options),
    };
    expect((await sections({ ...two, model: silent, clock })).warmUp?.opened).toBe(0);
    const limited = withLimits(silent, limit({ concurrency: 9 }));
    expect((await sections({ ...two, model: limited, clock })).warmUp?.opened).toBe(0);
  });

  test("gives up for the model that reads nothing from a cache, and for no other", async () => {
    const clock = virtualClock();
    const usage = (cachedInputTokens: number) => ({
      inputTokens: 3000,
      outputTokens: 1,
      cachedInputTokens,
    });
    const answer = { object: CONTENT, firstMs: 10 };
    const vain = scripted(() => ({ ...answer, usage: usage(0) }), { clock, name: "vain/model" });
    const fine = scripted(() => ({ ...answer, usage: usage(2048) }), { clock, name: "fine/model" });
    const caches = warmUp({ clock });
    const four = { topic: "t", sections: names(4), synthesize: false, warmUp: caches } as const;
    await sections({ ...four, model: vain, input, clock });
    await sections({ ...four, model: fine, input, clock });
    expect(caches.stats).toEqual({ opened: 2, followed: 6, cachedTokens: 3 * 2048, gaveUp: true });
    await sections({ ...four, model: vain, input: `Other: ${input}`, clock });
    await sections({ ...four, model: fine, input: `Other: ${input}`, clock });
    expect(caches.stats).toMatchObject({ opened: 3, followed: 9 });
  });

  test("streams as it answers: the first goes ahead, also where it is read no more", async () => {
    const { model, clock, starts } = service(true);
    const caches = warmUp({ clock });
    const warm = caches.wrap(model);
    const request = { instructions: input, prompt: "?" };
    const { signal } = new AbortController();
    const whole = async () => {
      for await (const part of streamOf(warm, request, { signal })) {
        if (part.type === "finish") return part.response.text;
      }
      return undefined;
    };
    const first = streamOf(warm, request, { signal });
    await first.next();
    const others = Promise.all([whole(), warm.generate(request, { signal }), whole()]);
    await first.return();
    const [one, two, three] = await others;
    expect([one, two?.text, three]).toEqual(Array(3).fill(JSON.stringify(CONTENT)));
    expect(starts).toEqual([0, 100, 100, 100]);
    expect(caches.stats).toMatchObject({ opened: 1, followed: 3, gaveUp: false });
  });

  test("keeps few beginnings, those that were used last, whatever they begin with", async () => {
    const model = scripted(() => ({ object: CONTENT }));
    const caches = warmUp();
    const warm = caches.wrap(model);
    const ask = async (begins: number) =>
      await warm.generate(
        { prompt: `${begins} ${input}` },
        { signal: new AbortController().signal },
      );
    for (let begins = 0; begins < 1000; begins += 1) await ask(begins);
    await ask(0);
    await ask(1000);
    expect(caches.stats).toMatchObject({ opened: 1001, followed: 1 });
    await ask(0);
    expect(caches.stats).toMatchObject({ opened: 1001, followed: 2 });
    await ask(1);
    expect(caches.stats).toMatchObject({ opened: 1002, followed: 2 });
  });

  test("refuses numbers out of range", () => {
    expect(() => warmUp({ minimumTokens: 0 })).toThrow(RangeError);
    expect(() => warmUp({ keepMs: -1 })).toThrow(RangeError);
  });
});
