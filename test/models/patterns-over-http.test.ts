/** Patterns over real HTTP, at a server that rejects, breaks and loses connections, and counts what it answered. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { limit, type Clock } from "../../src/index.ts";
import {
  agent,
  aspects,
  condense,
  consensus,
  openaiCompatible,
  sections,
  withLimits,
  type Model,
  type ModelSpent,
} from "../../src/models/index.ts";
import { virtualClock } from "../../src/testing/index.ts";
import { defineTool, toolbox } from "../../src/tools/index.ts";
import { obliging } from "../support/obliging-service.ts";
import type { Exchange } from "./exchange.ts";
import { modelServer } from "./model-server.ts";

type Fault = "none" | "busy" | "broken" | "lost";
const faults = fc.array(fc.constantFrom<Fault>("none", "none", "busy", "broken", "lost"), {
  minLength: 4,
  maxLength: 40,
});

const USAGE = { inputTokens: 100, outputTokens: 10, cachedInputTokens: 20 };

/** What to do, and whether nothing of it was lost. */
type Job = (
  model: Model,
  clock: Clock,
) => Promise<{ readonly spent: ModelSpent; readonly isWhole: boolean }>;

const look = defineTool({
  name: "look",
  input: z.object({ at: z.string() }),
  effect: "read",
  run: ({ at }) => `found ${at}`,
});

const JOBS: Readonly<Record<string, Job>> = {
  async sections(model, clock) {
    const names = ["a", "b", "c", "d"];
    const { coverage, spent } = await sections({ model, topic: "t", sections: names, clock });
    return { spent, isWhole: coverage === 1 };
  },
  async "sections, warmed up and with tools"(model, clock) {
    const { coverage, spent } = await sections({
      model,
      input: "A long text. ".repeat(500),
      sections: ["a", { name: "b", toolbox: toolbox([look], { clock }) }, "c"],
      warmUp: true,
      clock,
    });
    return { spent, isWhole: coverage === 1 };
  },
  async aspects(model, clock) {
    const { coverage, spent, findings } = await aspects({ model, input: "one line", clock });
    return { spent, isWhole: coverage === 1 && findings.length === 1 };
  },
  async consensus(model, clock) {
    const { answer, failures, spent } = await consensus({
      model,
      question: "?",
      schema: ["a", "b"],
      clock,
    });
    return { spent, isWhole: answer === "a" && failures.length === 0 };
  },
  async condense(model, clock) {
    const documents = Array.from({ length: 6 }, (_none, index) => `Document ${index}.`);
    const { coverage, spent } = await condense({
      model,
      documents,
      task: "t",
      contextTokens: 9000,
      clock,
    });
    return { spent, isWhole: coverage === 1 };
  },
  async agent(model, clock) {
    const { finish, spent } = await agent({ model, toolbox: toolbox([look], { clock }) }).run(
      "Look.",
    );
    return { spent, isWhole: finish === "answered" };
  },
};

describe("over HTTP, with rejections and broken connections", () => {
  test.each(Object.entries(JOBS))(
    "%s loses nothing, holds its limit, and counts what the server did",
    async (_name, job) => {
      await fc.assert(
        fc.asyncProperty(faults, fc.integer({ min: 1, max: 3 }), async (list, concurrency) => {
          let answered = 0;
          const server = await modelServer((request, index) => {
            const fault = list[index] ?? "none";
            if (fault === "busy") return { status: 429, headers: { "retry-after": "0" } };
            if (fault === "lost") return (response) => response.destroy();
            // Before its first part: after that a stream is not repeated, as somebody has read it.
            const answer: Exchange = { ...(obliging(request) as Exchange), usage: USAGE };
            if (fault === "broken") return { ...answer, breaksAfter: 0 };
            answered += 1;
            return answer;
          });
          try {
            const service = openaiCompatible({ baseUrl: server.url, model: "any", apiKey: "key" });
            const clock = virtualClock(); // The pauses of rejections need not be waited for.
            const model = withLimits(service, limit({ concurrency }), { retry: 50, clock });
            const { spent, isWhole } = await job(model, clock);
            expect(isWhole).toBe(true);
            expect(server.mostInFlight).toBeLessThanOrEqual(concurrency);
            expect(spent).toMatchObject({
              calls: answered,
              unknownCalls: 0,
              inputTokens: 100 * answered,
              outputTokens: 10 * answered,
              cachedInputTokens: 20 * answered,
            });
            await server.idle();
          } finally {
            await server.close();
          }
        }),
        { numRuns: 12 },
      );
    },
  );

  test("an agent hands no id of a call back twice to a service that counts anew in each response", async () => {
    const calls = ["a", "b"].map((at, index) => ({
      id: `call_${index}`,
      name: "look",
      inputText: JSON.stringify({ at }),
    }));
    const server = await modelServer([
      { toolCalls: calls },
      { toolCalls: calls.toReversed() },
      { text: ["Done."] },
    ]);
    try {
      const model = openaiCompatible({ baseUrl: server.url, model: "any" });
      const { text } = await agent({ model, toolbox: toolbox([look]) }).run("Look.");
      expect(text).toBe("Done.");
      const sent = server.received.at(-1)?.body["messages"] as readonly {
        readonly tool_calls?: readonly { id: string; function: { arguments: string } }[];
        readonly tool_call_id?: string;
        readonly content: string;
      }[];
      const asked = sent.flatMap(({ tool_calls = [] }) =>
        tool_calls.map((call) => [call.id, call.function.arguments]),
      );
      const answered = sent.flatMap(({ tool_call_id: id, content }) =>
        id === undefined ? [] : [[id, content]],
      );
      const ids = ["call_0", "call_1", "call-1", "call-2"];
      const places = ["a", "b", "b", "a"];
      expect(asked).toEqual(ids.map((id, index) => [id, JSON.stringify({ at: places[index] })]));
      expect(answered).toEqual(ids.map((id, index) => [id, `found ${places[index]}`]));
    } finally {
      await server.close();
    }
  });

  test("leaves no connection open when it is cancelled, and says what was spent until then", async () => {
    const server = await modelServer((request, index) =>
      index < 2 ? { ...(obliging(request) as Exchange), usage: USAGE } : { hangsAfter: 0 },
    );
    try {
      const model = openaiCompatible({ baseUrl: server.url, model: "any", apiKey: "key" });
      const run = sections({ model, topic: "t", sections: ["a", "b", "c", "d"] });
      const ended: string[] = [];
      for await (const { status } of run.finished) {
        ended.push(status);
        if (ended.length === 2) run.cancel("enough");
      }
      expect(ended).toEqual(["completed", "completed"]);
      await expect(run).rejects.toThrow("cancelled");
      await server.idle();
      expect(server.inFlight).toBe(0);
      expect(run.spent).toMatchObject({ calls: 4, unknownCalls: 2, inputTokens: 200 });
    } finally {
      await server.close();
    }
  });
});
