// What is let go of the answers of a batch as they come, what is held of them, and for how long.
import { readdirSync, readFileSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterAll, describe, expect, test } from "vitest";
import type { McpOutput } from "../../../src/adapters/mcp/mcp-client.ts";
import { limit } from "../../../src/core/limits/limit.ts";
import { promiseAndHands } from "../../../src/core/promise-and-hands.ts";
import { HeldAnswers } from "../../../src/mcp/gateway/held-answers.ts";
import { InnerServer } from "../../../src/mcp/gateway/inner-server.ts";
import { innerTool } from "../../../src/mcp/gateway/inner-tools.ts";
import { readCalls } from "../../../src/mcp/gateway/read-calls.ts";
import { parseServers } from "../../../src/mcp/gateway/read-servers.ts";
import { ResultFiles } from "../../../src/mcp/result-files.ts";
import { rootFolder } from "../../../src/system/root-folder.ts";
import { virtualClock } from "../../../src/testing/index.ts";
import { toolbox, type Turn } from "../../../src/tools/index.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

const files = new ResultFiles();
afterAll(() => files.close());

const LONG = "line\n".repeat(20_000);

/** Calls of a tool that answers when it is told to, and what is left of all that went to and fro. */
class Batch {
  readonly answers: HeldAnswers;
  readonly turn: Turn;
  /** What gives each call that is under way its answer, by the task that its arguments name. */
  readonly #hands = new Map<string, (answer: McpOutput) => void>();
  readonly #started = new Map<string, () => void>();
  readonly #seen = new Map<string, WeakRef<object>>();

  constructor(given: readonly object[]) {
    const calls = given.map((call) => ({ tool: "s/get", ...call }));
    const read = readCalls({ calls }, ["s"]);
    const redact = (text: string): string => text.replaceAll("secret", "***");
    this.answers = new HeldAnswers(read.calls, { files, maxBytes: 5000, redact });
    const tool = innerTool(
      this.#server(),
      { name: "get", inputSchema: { type: "object" }, annotations: { readOnlyHint: true } },
      "get",
      {
        limit: limit({ name: "s", concurrency: 10 }),
        root: rootFolder("."),
        answers: this.answers,
      },
    );
    const onResult = ({ id }: { readonly id: string }): void => this.answers.end(id);
    this.turn = toolbox([tool], { maxResultBytes: Infinity }).turn({ onResult });
    for (const { id, fields, after } of read.calls) {
      this.turn.call({ id, name: "get", input: fields, after });
    }
    this.turn.commit();
  }

  /** Answers the call of the task that its arguments name. */
  async answer(task: string, answer: McpOutput): Promise<void> {
    this.#seen.set(`answer of ${task}`, new WeakRef(answer.content));
    if (!this.#hands.has(task)) {
      await new Promise<void>((resolve) => this.#started.set(task, resolve));
    }
    this.#hands.get(task)!(answer);
    this.#hands.delete(task);
  }

  /** Of what there is still something in memory. */
  async left(): Promise<readonly string[]> {
    for (let round = 0; round < 5; round += 1) {
      collect();
      await new Promise((resolve) => setImmediate(resolve)); // What was left to the event loop is done.
    }
    return [...this.#seen].flatMap(([name, seen]) => (seen.deref() === undefined ? [] : name));
  }

  #server(): InnerServer {
    const file = JSON.stringify({ mcpServers: { s: { command: "s" } } });
    const [settings] = parseServers(file, { file: "servers.json", environment: {} });
    const callTool = async ({ arguments: given = {} }: { arguments?: object }) => {
      const { task, x } = given as { readonly task: string; readonly x?: unknown };
      if (x !== undefined) {
        this.#seen.set(`arguments of ${task}`, new WeakRef(given));
      }
      const { promise, resolve } = promiseAndHands<McpOutput>();
      this.#hands.set(task, resolve);
      this.#started.get(task)?.();
      return await promise;
    };
    const client = { listTools: async () => ({ tools: [] }), callTool };
    return new InnerServer(settings!, {
      open: async () => ({ client, whyClosed: undefined, close: async () => undefined }),
      clock: virtualClock(),
      version: "1",
      cwd: "/",
      newMark: () => "m",
    });
  }
}

const on = (task: string, more: object = {}): object => ({
  id: task,
  arguments: { task, ...more },
});
const text = (words: string): McpOutput => ({ content: [{ type: "text", text: words }] });
const whole = (from: string): object => ({ x: { $from: from, path: "/content" } });

describe("of an answer", () => {
  test("nothing is left in memory but its ends while other calls of its batch still run", async () => {
    const batch = new Batch([on("a"), on("b")]);
    await batch.answer("a", text(LONG));
    const { output } = await batch.turn.result("a");
    expect(output).toEqual({});
    expect(await batch.left()).toEqual([]);
    const { pieces, whole: kept } = batch.answers.get(output)!;
    expect(JSON.stringify(pieces).length).toBeLessThan(25_000);
    expect(readFileSync(kept!.file!, "utf8")).toBe(LONG);
    await batch.answer("b", text("short"));
    const short = (await batch.turn.result("b")).output;
    expect(batch.answers.get(short)).toEqual({ pieces: ["short"] });
  });

  test("all is there for the calls that refer to it, until these have ended", async () => {
    const batch = new Batch([on("a"), on("b", whole("a")), on("c", whole("b")), on("d")]);
    await batch.answer("a", text(LONG));
    await batch.answer("d", text("d"));
    await batch.turn.result("d");
    expect(await batch.left()).toEqual(["answer of a", "arguments of b"]);
    await batch.answer("b", text(LONG));
    await batch.turn.result("b");
    expect(await batch.left()).toEqual(["answer of b", "arguments of c"]);
    await batch.answer("c", text("end"));
    expect((await batch.turn.result("c")).output).toEqual({});
    expect(await batch.left()).toEqual([]);
  });

  test("all is there for who refers to a call that it was shared with", async () => {
    const same = { arguments: { task: "1" } };
    const batch = new Batch([same, same, { id: "3", arguments: { task: "3", ...whole("2") } }]);
    await batch.answer("1", text("found"));
    await batch.answer("3", text("end"));
    const results = await batch.turn.results();
    expect(results.map(({ status }) => status)).toEqual(["completed", "completed", "completed"]);
    expect(results[1]?.sharedWith).toBe("1");
  });

  test("that says that it failed the ends are left as well, without secrets", async () => {
    const batch = new Batch([on("a"), on("b")]);
    const said = `secret\n${LONG}`;
    await batch.answer("a", { ...text(said), isError: true } as McpOutput);
    const { status, error } = await batch.turn.result("a");
    expect(status).toBe("failed");
    expect(await batch.left()).toEqual([]);
    expect((error as Error).message.length).toBeLessThan(25_000);
    const { whole: kept } = batch.answers.get(error)!;
    expect(readFileSync(kept!.file!, "utf8")).toBe(said.replace("secret", "***"));
    await batch.answer("b", text(""));
    await batch.turn.results();
  });

  test("images that may be attached are held, no more than all answers may have together", async () => {
    const image = (bytes: number): McpOutput["content"][number] => ({
      type: "image",
      mimeType: "image/png",
      data: "A".repeat(bytes),
    });
    const batch = new Batch([on("a")]);
    const images = [image(400_000), image(400_000), image(300_000)];
    await batch.answer("a", { content: [...images, { type: "text", text: LONG }] });
    const [result] = await batch.turn.results();
    const { pieces, whole: kept } = batch.answers.get(result!.output)!;
    const held = pieces.flatMap((piece) =>
      typeof piece === "object" && "block" in piece ? piece.block.data.length : [],
    );
    expect(held).toEqual([400_000, 300_000]);
    const places = readFileSync(kept!.file!, "utf8").match(/(?<=it is in )\S+\.png/g);
    expect(places?.map((place) => readFileSync(place).length)).toEqual([300_000, 300_000, 225_000]);
    expect(readdirSync(files.folder).length).toBeGreaterThanOrEqual(4);
  });
});
