/** The SDK's time limit for the parts of a stream, and tools that take longer than that. */
import { parallel } from "fanfold/ai-sdk";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { FILES, heldTools } from "./held-tools.ts";
import { calling, saying } from "./script.ts";
import { scriptedModel, sdks, silence } from "./sdks.ts";

silence();

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});
afterEach(() => {
  vi.useRealTimers();
});

const streams = sdks.filter(({ isStream }) => isStream);

describe.each(streams)("$name", ({ version, run }) => {
  test.each(["plain", "wrapped"])(
    `${version === 6 ? "counts the time of tools for chunkMs" : "leaves tools all their time"}, %s`,
    async (kind) => {
      const held = heldTools();
      const { read } = held;
      const model = scriptedModel(version, [
        calling([{ id: "1", name: "read", input: { path: "a" } }]),
        saying("done"),
      ]);
      const options =
        kind === "wrapped"
          ? parallel({ tools: { read }, model, declare: { read: FILES.read } })
          : { tools: { read }, model };
      const running = run({ ...options, timeout: { chunkMs: 1000 } });
      await held.idle();
      vi.advanceTimersByTime(60_000);
      await held.idle();
      if (version === 6) {
        expect(held.call("read a").state).toBe("cancelled");
        await running.catch(() => undefined); // What it says of that is the SDK's affair.
      } else {
        held.call("read a").complete("slow");
        expect((await running).text).toBe("done");
      }
    },
  );
});
