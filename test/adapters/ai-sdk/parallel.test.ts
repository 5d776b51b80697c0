/** What needs no AI SDK: misuse, and calls that nobody else decides about. The rest is in test/integrations/ai-sdk. */
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { parallel, taskOf } from "../../../src/adapters/ai-sdk/index.ts";
import { rig, virtualClock } from "../../../src/testing/index.ts";

const read = {
  inputSchema: {},
  execute: async ({ path }: { path: string }) => await Promise.resolve(path),
};

type Approval = boolean | ((input: object, options: object) => Promise<boolean>);
const noApproval: Approval = false;

/** A model as the SDK asks it. */
interface Asked {
  doGenerate(params: object): Promise<object>;
  doStream(params: object): Promise<{ stream: ReadableStream }>;
}

const asked = (model: Asked): Asked => model;

describe("parallel", () => {
  test("refuses the name of a model, and what is none", () => {
    expect(() => parallel({ tools: { read }, model: "openai/gpt" })).toThrow(
      new TypeError(
        'Cannot watch a model as it must be the model itself, such as `gateway("…")` or `openai("…")`, and not its name: "openai/gpt"',
      ),
    );
    expect(() => parallel({ tools: { read }, model: {} })).toThrow("and not its name: object");
  });

  test("refuses declarations of what is not there, and says what was probably meant", () => {
    const declare: object = { raed: { effect: "read" } };
    expect(() => parallel({ tools: { read }, declare })).toThrow(
      new TypeError(
        'Cannot declare what tool "raed" does as there is no such tool (did you mean "read"?)',
      ),
    );
    expect(() => parallel({ tools: { client: {} }, declare: { client: {} } })).toThrow(
      'Cannot declare what tool "client" does as it has no execute',
    );
  });

  test("refuses declarations that contradict themselves", () => {
    const declare = { read: { effect: "read", writes: () => "db:a" } } as const;
    expect(() => parallel({ tools: { read }, declare })).toThrow(
      new TypeError('Cannot define tool "read" as its effect is "read", and it declares "writes"'),
    );
  });

  test("leaves the tools that it was given as they are", () => {
    const given = Object.freeze({ read: Object.freeze({ ...read }) });
    const { tools } = parallel({ tools: given });
    expect(tools).not.toBe(given);
    expect(given.read.execute).toBe(read.execute);
    expect(Object.keys(tools.read)).toEqual(["inputSchema", "execute", "needsApproval"]);
  });

  test("calls that code makes by itself wait for each other too", async () => {
    const held = rig();
    const tasks = {
      a: held.task<string>("a"),
      b: held.task<string>("b"),
      c: held.task<string>("c"),
    };
    const run = {
      execute: async (
        name: keyof typeof tasks,
        { abortSignal }: { abortSignal?: AbortSignal } = {},
      ) => await tasks[name].run({ signal: abortSignal ?? new AbortController().signal }),
    };
    const { tools, idle } = parallel({ tools: { run } });
    const all = Promise.all((["a", "b", "c"] as const).map((name) => tools.run.execute(name)));
    for (const name of ["a", "b", "c"] as const) {
      await held.idle();
      expect(held.running).toEqual([name]);
      tasks[name].complete(name);
    }
    expect(await all).toEqual(["a", "b", "c"]);
    await idle();
  });

  test("a reader who leaves preliminary results stops the call", async () => {
    const stopped: string[] = [];
    const count = {
      async *execute(_: object, { abortSignal }: { abortSignal?: AbortSignal } = {}) {
        abortSignal?.addEventListener("abort", () => stopped.push("count"), { once: true });
        yield 1;
        await new Promise((resolve) => {
          abortSignal?.addEventListener("abort", resolve, { once: true });
        });
      },
    };
    const { tools, idle } = parallel({ tools: { count } });
    for await (const value of tools.count.execute({})) {
      expect(value).toBe(1);
      break;
    }
    await idle();
    expect(stopped).toEqual(["count"]);
  });

  test.each([
    [
      "that throws",
      (): never => {
        throw new Error("no");
      },
    ],
    ["whose promise rejects", async () => await Promise.reject(new Error("no"))],
    ["whose promise of another realm rejects", () => runInNewContext("Promise.reject(1)")],
  ])("is not hurt by an onTurn %s, and calls it no more", async (_, fails) => {
    let told = 0;
    const onTurn = (): unknown => {
      told += 1;
      return fails();
    };
    const { tools, idle } = parallel({ tools: { read }, onTurn });
    for (const path of ["a", "b"]) {
      expect(await tools.read.execute({ path })).toBe(path);
      await idle();
    }
    expect(told).toBe(1);
  });

  test("says why a call did not run whose claims are no resources", async () => {
    const { tools } = parallel({ tools: { read }, declare: { read: { reads: () => "nowhere" } } });
    await expect(tools.read.execute({ path: "a" })).rejects.toThrow("Cannot claim for tool");
  });

  test("taskOf knows only options that a wrapped tool was handed", async () => {
    const { tools } = parallel({
      tools: {
        key: {
          execute: async (_: object, options: object = {}) =>
            await Promise.resolve(taskOf(options)?.key),
        },
      },
    });
    expect(await tools.key.execute({}, { toolCallId: "call_1", messages: [] })).toBe("call_1");
    expect(taskOf({})).toBeUndefined();
  });

  test("writes no file for a result, however long", async () => {
    const root = await mkdtemp(join(tmpdir(), "fanfold-ai-sdk-"));
    const long = "x".repeat(100_000);
    const { tools } = parallel({ tools: { read }, root });
    expect(await tools.read.execute({ path: long })).toBe(long);
    expect(await readdir(root)).toEqual([]);
    await rm(root, { recursive: true });
  });

  test("leaves a model what it was, with fields that are its own", async () => {
    class Model {
      #asked = 0;
      readonly modelId = "m";
      get provider(): string {
        return `asked ${this.#asked} times`;
      }
      ask(): number {
        this.#asked += 1;
        return this.#asked;
      }
      async doGenerate(): Promise<object> {
        this.ask();
        return await Promise.resolve({ content: [], finishReason: "stop" });
      }
      doStream(): never {
        throw new TypeError("It cannot");
      }
    }
    const { model } = parallel({ tools: { read }, model: new Model() });
    expect(model).toBeInstanceOf(Model);
    expect(await asked(model).doGenerate({})).toEqual({ content: [], finishReason: "stop" });
    expect([model.ask(), model.provider, model.modelId]).toEqual([2, "asked 2 times", "m"]);
    await expect(asked(model).doStream({})).rejects.toThrow("It cannot");
  });
});

describe("parallel, up to the moment in which the SDK would execute a call that has started early,", () => {
  /** A response with one call, as far as the SDK has read it when it has decided about that call. */
  async function upToThere() {
    const clock = virtualClock({ autojump: false });
    const held = rig();
    const task = held.task<string>("read a");
    const source = { cancelled: undefined as unknown, finish: (): void => {} };
    const given = new ReadableStream({
      start(controller) {
        controller.enqueue({ type: "tool-call", toolCallId: "1", toolName: "read", input: "{}" });
        source.finish = () => controller.enqueue({ type: "finish", finishReason: "tool-calls" });
      },
      cancel(reason) {
        source.cancelled = reason;
      },
    });
    const { tools, model, idle } = parallel({
      tools: {
        read: {
          needsApproval: noApproval,
          execute: async (_: object, { abortSignal }: { abortSignal?: AbortSignal } = {}) =>
            await task.run({ signal: abortSignal ?? new AbortController().signal }),
        },
      },
      model: {
        doGenerate: async () => await Promise.reject(new Error("It only streams")),
        doStream: async () => await Promise.resolve({ stream: given }),
      },
      declare: { read: { effect: "read" } },
      clock,
    });
    const reader = (await asked(model).doStream({})).stream.getReader();
    await reader.read();
    const messages: object[] = [];
    const { needsApproval } = tools.read;
    if (typeof needsApproval === "function") {
      expect(await needsApproval({}, { toolCallId: "1", messages })).toBe(false);
    }
    await held.idle();
    expect(held.running).toEqual(["read a"]);
    return { clock, held, task, reader, source, messages, execute: tools.read.execute, idle };
  }

  test("stops it when nobody reads on", async () => {
    const { held, reader, source, idle } = await upToThere();
    await reader.cancel("enough");
    await idle();
    expect(held.order).toEqual(["read a started", "read a cancelled"]);
    expect(source.cancelled).toBe("enough");
  });

  test("lets it go on as long as the response may", async () => {
    const { held, clock, task, messages, execute } = await upToThere();
    await clock.advance(3_600_000);
    task.complete("read");
    expect(await execute({}, { toolCallId: "1", messages } as object)).toBe("read");
    expect(held.order).toEqual(["read a started", "read a completed"]);
    expect(clock.pending).toBe(0);
  });

  test("forgets it ten seconds after the response was complete and it has ended", async () => {
    const { held, clock, task, reader, source, messages, execute, idle } = await upToThere();
    source.finish();
    await reader.read();
    await clock.advance(3_600_000);
    expect(held.running).toEqual(["read a"]);
    task.complete("early");
    await held.idle();
    expect(clock.pending).toBe(1);
    await clock.advance(10_000);
    await idle();
    expect(clock.pending).toBe(0);
    // Executed after all, it is another call.
    const late = execute({}, { toolCallId: "1", messages } as object);
    await held.idle();
    task.complete("late");
    expect(await late).toBe("late");
    expect(task.attempts).toBe(2);
    expect(clock.pending).toBe(0);
  });
});
