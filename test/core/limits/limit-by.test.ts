import { setImmediate as turn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { limitBy, settle } from "../../../src/index.ts";
import { virtualClock } from "../../../src/testing/index.ts";
import { sleep, timed } from "./work.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void; // What the flag has made.

const byHost = (options: Parameters<typeof limitBy>[1]) =>
  limitBy((url: string) => new URL(url).host, options);

describe("limitBy", () => {
  test("has a limit for each key, named after it", async () => {
    const clock = virtualClock();
    const of = byHost({ requestsPerSecond: 1 });
    const { starts, task } = timed(clock);
    const urls = ["https://a.example/1", "https://b.example/", "https://a.example/2"];
    await settle(
      urls.map((url) => ({ limit: of(url), run: task })),
      { clock },
    );
    expect(starts).toEqual([0, 0, 1000]);
    expect(of("https://a.example/3")).toBe(of("https://a.example/4"));
    expect(of("https://a.example/3").name).toBe("a.example");
    expect(of.get("c.example")).toBeUndefined();
  });

  test("takes a number as its concurrency, and refuses what limit refuses, at once", () => {
    expect(byHost(3)("https://a.example/").concurrency).toBe(3);
    expect(() => byHost(0)).toThrow(RangeError);
  });

  test("remembers a key that is in use, waited for, or within its windows", async () => {
    const clock = virtualClock();
    const of = byHost({ concurrency: 1, requestsPerMinute: 2, burst: 2 });
    const first = of("https://a.example/");
    await settle([{ limit: first, run: () => sleep(clock, 100) }], { clock });
    for (let number = 0; number < 100; number += 1) {
      of(`https://${number}.example/`);
    }
    expect(of.get("a.example")).toBe(first);
    expect(first.stats().requestsLeft).toBe(1);
  });

  test("forgets idle keys that nobody holds", async () => {
    const clock = virtualClock();
    const of = byHost({ concurrency: 1, requestsPerSecond: 5 });
    for (let number = 0; number < 1000; number += 1) {
      await settle([{ limit: of(`https://${number}.example/`), run: () => 1 }], { clock });
      await sleep(clock, 100);
      if (number % 100 === 99) {
        collectGarbage();
        await turn();
      }
    }
    expect(of.size).toBeLessThan(400);
  });

  test("gives the same limit to those who hold it, idle or not, and remembers what they used it for", async () => {
    const clock = virtualClock();
    const of = byHost({ concurrency: 1, requestsPerMinute: 1 });
    const useLate = async (): Promise<void> => {
      const held = of("https://a.example/");
      for (let number = 0; number < 100; number += 1) {
        of(`https://${number}.example/`);
      }
      collectGarbage();
      await turn();
      await settle([{ limit: held, run: () => 1 }], { clock });
      expect(of.get("a.example")).toBe(held);
    };
    await useLate();
    collectGarbage();
    await turn();
    collectGarbage();
    expect(of("https://a.example/").stats().requestsLeft).toBe(0);
  });
});
