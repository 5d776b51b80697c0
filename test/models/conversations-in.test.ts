import { join } from "node:path";
import { readFileSync, writeFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { settle, type RunEvent, type TaskContext } from "../../src/index.ts";
import { agent, conversationsIn, type ModelMessage } from "../../src/models/index.ts";
import { createSecretFinder } from "../../src/recording/find-secrets.ts";
import { EVENTS_FILE } from "../../src/recording/format.ts";
import { readRecording } from "../../src/recording/read-recording.ts";
import { Recorder } from "../../src/recording/recorder.ts";
import { createRedact } from "../../src/recording/redact.ts";
import { rig, scripted } from "../../src/testing/index.ts";
import { defineTool, toolbox } from "../../src/tools/index.ts";
import { temporaryFolder } from "../recording/temporary-folder.ts";

const SECRET = "hunter2-hunter2";

const call = (id: string, name: string, input: unknown = {}) => ({ id, name, input });
const echo = defineTool({ name: "echo", parallel: true, run: (input) => JSON.stringify(input) });

/** The events of a run, and the same after a recording. */
async function recorded(work: (ctx: TaskContext) => unknown) {
  const folder = temporaryFolder();
  const recorder = new Recorder({
    folder,
    runId: "r",
    origin: { command: "ask", source: "/", cwd: "/", fanfold: "1.2.3" },
    redact: createRedact(createSecretFinder([{ MY_TOKEN: SECRET }])),
  });
  const events: RunEvent[] = [];
  await settle(
    { work },
    {
      observe: (event) => {
        events.push(event);
        recorder.record(event);
      },
    },
  );
  await recorder.end();
  return { folder, events, read: (await readRecording(folder)).events };
}

/** Data as it comes out of JSON: -0 and keys such as `__proto__` do not. */
const data = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as unknown);

describe("conversations in the events of a run", () => {
  test("come back equal from a recording, whatever text and data is in them", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: "binary" }),
        fc.array(fc.tuple(fc.string({ unit: "binary" }), data), { minLength: 1, maxLength: 3 }),
        data,
        async (prompt, calls, raw) => {
          const toolCalls = calls.map(([text, input], index) =>
            call(`${index}`, "echo", { text, input }),
          );
          const model = scripted([{ text: prompt, toolCalls }, "Done."]);
          const earlier: readonly ModelMessage[] = [
            { role: "user", text: prompt },
            { role: "assistant", text: "a", toolCalls: [], raw },
          ];
          let messages: readonly ModelMessage[] = [];
          const { events, read } = await recorded(async (within) => {
            const helper = agent({ model, toolbox: toolbox([echo]) });
            ({ messages } = await helper.run(prompt, { within, messages: earlier }));
          });
          expect(messages).toHaveLength(6);
          expect(conversationsIn(events)[0]?.messages).toEqual(messages);
          expect(conversationsIn(read)[0]?.messages).toEqual(messages);
        },
      ),
      { numRuns: 50 },
    );
  });

  test("have lost their secrets in a recording, and what JSON does not hold is as JSON has it", async () => {
    const input = { text: SECRET, at: new Date(0), count: 12n, password: "short" };
    const model = scripted([{ toolCalls: [call("1", "nobody", input)] }, "Done."]);
    const { read } = await recorded(
      async (within) => await agent({ model }).run("Go.", { within }),
    );
    expect(conversationsIn(read)[0]?.messages[1]).toMatchObject({
      toolCalls: [
        {
          input: {
            text: "[redacted:MY_TOKEN]",
            at: "1970-01-01T00:00:00.000Z",
            count: "12n",
            password: "[redacted]",
          },
        },
      ],
    });
  });

  test("grow by each message once: a log is as long as its conversation", async () => {
    const model = scripted(({ messages = [] }) =>
      messages.length > 100 ? "Done." : { toolCalls: [call("1", "echo", { text: "again" })] },
    );
    const helper = agent({ model, toolbox: toolbox([echo]), maxSteps: 100 });
    let messages: readonly ModelMessage[] = [];
    const { events } = await recorded(async (within) => {
      ({ messages } = await helper.run("Go.", { within }));
    });
    const said = events.flatMap((event) =>
      event.type === "task-progressed" ? (event.progress as { messages: unknown[] }).messages : [],
    );
    expect(said).toEqual(messages);
  });

  test("are those of all agents, told apart by their tasks, in the order in which they began", async () => {
    const inner = agent({ name: "inner", model: scripted(["deep", "deeper"]) });
    const outer = agent({
      name: "outer",
      model: scripted([
        { toolCalls: [call("1", "ask", { prompt: "one" }), call("2", "ask", { prompt: "two" })] },
        "Done.",
      ]),
      toolbox: toolbox([inner.asTool({ name: "ask", description: "Asks." })]),
    });
    const { read } = await recorded(async (within) => await outer.run("Go.", { within }));
    const found = conversationsIn(read);
    expect(found.map(({ name, steps, messages }) => [name, steps, messages.length])).toEqual([
      ["outer", 2, 4],
      ["inner", 1, 2],
      ["inner", 1, 2],
    ]);
    expect(found[1]?.messages[0]).toEqual({ role: "user", text: "one" });
    expect(new Set(found.map(({ taskId }) => taskId)).size).toBe(3);
  });

  test("end at the last complete step, and say how far the calls of the next had come", async () => {
    const held = rig();
    const slow = held.task("slow");
    const ended = held.task("ended");
    const tools = toolbox([
      echo,
      defineTool({ name: "ended", writes: () => "db:a", run: (_, ctx) => ended.run(ctx) }),
      defineTool({ name: "slow", writes: () => "db:b", run: (_, ctx) => slow.run(ctx) }),
      defineTool({ name: "behind", writes: () => "db:b", run: () => 1 }),
    ]);
    const calls = ["ended", "slow", "behind", "nobody"].map((name) => call(name, name));
    const model = scripted([{ toolCalls: [call("slow", "echo")] }, { toolCalls: calls }, "Done."]);
    const events: RunEvent[] = [];
    const run = settle(
      { work: async (within) => await agent({ model, toolbox: tools }).run("Go.", { within }) },
      { observe: (event) => events.push(event) },
    );
    await Promise.all([slow.started, ended.started]);
    ended.complete();
    await held.idle();
    const [conversation] = conversationsIn(events);
    slow.complete();
    await run;
    expect(conversation).toMatchObject({ steps: 1, isWhole: true });
    expect(conversation?.messages).toHaveLength(3);
    expect(conversation?.unfinished).toEqual([
      { call: calls[0], state: "ended" },
      { call: { ...calls[1], id: "call-1" }, state: "started" }, // An earlier call has its id.
      { call: calls[2], state: "not-started" },
      { call: calls[3], state: "not-started" },
    ]);
    expect(conversationsIn(events)[0]).toMatchObject({ steps: 3, unfinished: [] });
  });

  test("end before what is missing or damaged, and say so", async () => {
    const model = scripted([
      { toolCalls: [call("1", "echo")] },
      { toolCalls: [call("2", "echo")] },
      "Done.",
    ]);
    const helper = agent({ model, toolbox: toolbox([echo]) });
    const { folder } = await recorded(async (within) => await helper.run("Go.", { within }));
    const file = join(folder, EVENTS_FILE);
    const lines = readFileSync(file, "utf8").trimEnd().split("\n");
    const places = lines.flatMap((line, index) =>
      line.includes("task-progressed") ? [index] : [],
    );
    expect(places).toHaveLength(6); // The prompt; a response and its results, twice; the answer.
    // By the line that is lost: how many messages are left, and whether that is known.
    const expected = [
      [0, false],
      [1, false],
      [1, false],
      [3, false],
      [3, false],
      [5, true],
    ] as const;
    for (const [index, [length, isWhole]] of expected.entries()) {
      const place = places[index] ?? 0;
      for (const damaged of [
        [],
        [lines[place]?.replace(/"progress":.*/, '"progress":{"type":"x"}}')],
      ]) {
        writeFileSync(file, `${lines.toSpliced(place, 1, ...(damaged as string[])).join("\n")}\n`);
        const found = conversationsIn((await readRecording(folder)).events)[0];
        expect(found?.messages.length).toBe(length);
        expect(found?.isWhole).toBe(damaged.length > 0 && index > 0 ? false : isWhole);
      }
    }
  });

  test("are not made of what other tasks say of themselves", async () => {
    const progress = { type: "agent-messages", step: 0, from: 0 };
    const { read } = await recorded((ctx) => {
      ctx.progress("half");
      ctx.progress(null);
      ctx.progress({ ...progress, messages: ["Go."] });
      ctx.progress({ ...progress, messages: [{ role: "assistant", text: "a" }] });
      ctx.progress({ ...progress, messages: [{ role: "tool", results: [{ id: "1" }] }] });
    });
    expect(conversationsIn(read)).toEqual([]);
  });
});

describe("an agent without a prompt", () => {
  test("goes on with a conversation as it is", async () => {
    const first = scripted([{ toolCalls: [call("1", "echo")] }]);
    const { messages, finish } = await agent({
      model: first,
      toolbox: toolbox([echo]),
      maxSteps: 1,
    }).run("Go.");
    expect(finish).toBe("max-steps");
    const next = scripted(["Done."]);
    const result = await agent({ model: next }).run(undefined, { messages });
    expect(next.requests[0]?.messages).toEqual(messages);
    expect(result.text).toBe("Done.");
  });

  test.each([[[]], [[{ role: "assistant", text: "Paris.", toolCalls: [] }]]] as const)(
    "is refused where nothing is to be answered: %j",
    (messages) => {
      const helper = agent({ model: scripted(["Done."]) });
      expect(() => helper.run(undefined, { messages })).toThrow(TypeError);
    },
  );
});
