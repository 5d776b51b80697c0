/** The gateway in front of real servers: over real pipes, and over HTTP where a test decides when each call ends. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { inFolder } from "../../support/fanfold.ts";
import { isGone } from "../../support/is-gone.ts";
import { brief, gatewayTo, heldServer, on, outputs, program } from "./gateways.ts";
import { serveHttp } from "./http-server.ts";

describe("calls of one server and of several", () => {
  test("that only read run at once, those that write keep their order, across two calls of the gateway", async () => {
    const { server, r, held } = await heldServer(["r1", "r2", "w1", "r3", "w2"]);
    const gateway = gatewayTo({ s: server });
    const first = gateway.call([on("s/look", "r1"), on("s/look", "r2"), on("s/change", "w1")]);
    const second = gateway.call([on("s/look", "r3"), on("s/mystery", "w2")]);
    await Promise.all([held("r1").started, held("r2").started]);
    held("r2").complete("2");
    held("r1").complete("1");
    await held("w1").started;
    held("w1").complete("3");
    await held("r3").started;
    held("r3").complete("4");
    await held("w2").started;
    held("w2").complete("5");
    expect(outputs(await first)).toEqual(["1", "2", "3"]);
    expect(outputs(await second)).toEqual(["4", "5"]);
    expect(r.order.filter((each) => each.endsWith("started")).slice(2)).toEqual([
      "w1 started",
      "r3 started",
      "w2 started",
    ]);
    expect(r.order.indexOf("w1 completed")).toBeLessThan(r.order.indexOf("r3 started"));
  });

  test("wait for calls of their own server alone, also where nothing is said of them", async () => {
    const [one, two] = [await heldServer(["a"]), await heldServer(["b"])];
    const gateway = gatewayTo({ one: one.server, two: two.server });
    const answer = gateway.call([on("one/mystery", "a"), on("two/mystery", "b")]);
    await Promise.all([one.held("a").started, two.held("b").started]);
    two.held("b").complete("b");
    one.held("a").complete("a");
    expect(outputs(await answer)).toEqual(["a", "b"]);
  });

  test("overlap where the configuration says so, and wait where it says so, also for another server", async () => {
    const { server, r, held } = await heldServer(["a", "b", "c", "d"]);
    const knowing = (tools: object) => ({ ...server, fanfold: { tools } });
    const gateway = gatewayTo({
      one: knowing({ change: { parallel: true } }),
      two: knowing({ mystery: { writes: ["db:x"] } }),
      three: knowing({ mystery: { reads: ["db:x"] }, look: { parallel: false } }),
    });
    const together = gateway.call([on("one/change", "a"), on("one/change", "b")]);
    await Promise.all([held("a").started, held("b").started]);
    held("a").complete("a");
    held("b").complete("b");
    await together;
    const ordered = gateway.call([on("two/mystery", "c"), on("three/mystery", "d")]);
    await held("c").started;
    held("c").complete("c");
    await held("d").started;
    held("d").complete("d");
    expect(outputs(await ordered)).toEqual(["c", "d"]);
    expect(r.order.slice(4)).toEqual(["c started", "c completed", "d started", "d completed"]);
  });

  test("are no more at once on a server than its limit", async () => {
    const names = ["a", "b", "c", "d", "e"];
    const { server, r, held } = await heldServer(names);
    const gateway = gatewayTo({ s: { ...server, fanfold: { concurrency: 2 } } });
    const answer = gateway.call(names.map((name) => on("s/look", name)));
    await Promise.all([held("a").started, held("b").started]);
    for (const name of names) {
      await held(name).started;
      held(name).complete("");
    }
    await answer;
    let running = 0;
    const counts = r.order.map((each) => (running += each.endsWith("started") ? 1 : -1));
    expect(Math.max(...counts)).toBe(2);
  });

  test("come after others, use what these found, and are skipped where these failed", async () => {
    const gateway = gatewayTo({ odd: program("odd-server.mjs"), old: program("old-server.mjs") });
    const answer = await gateway.call([
      { id: "last", tool: "old/echo", arguments: { got: { $from: "id" } }, after: ["id"] },
      {
        id: "id",
        tool: "odd/same",
        arguments: { value: { deep: [{ $from: "json", path: "/data/items/0/id" }] } },
      },
      { id: "json", tool: "odd/json" },
      { id: "bad", tool: "odd/refuse", arguments: { name: "HOME" } },
      { id: "skipped", tool: "old/echo", after: ["bad"] },
      { id: "wrong", tool: "old/echo", arguments: { x: { $from: "json", path: "/data/none" } } },
    ]);
    expect(brief(answer)).toEqual([
      "last completed",
      "id completed",
      "json completed",
      "bad failed",
      "skipped skipped",
      "wrong invalid",
    ]);
    expect(JSON.parse(outputs(answer)[0]!)).toMatchObject({
      got: { text: '{"deep":[7]}', data: { deep: [7] } },
    });
    expect(outputs(answer)[5]).toContain('there is no "none" at "/data"');
    expect(answer.data).toMatchObject({
      summary: expect.stringContaining("6 calls in") as unknown,
    });
  });

  test("that wait for what another finds hold up nothing but calls of their own server", async () => {
    const [one, two] = [await heldServer(["a", "b"]), await heldServer(["c"])];
    const gateway = gatewayTo({ one: one.server, two: two.server });
    const answer = gateway.call([
      on("one/look", "a"),
      { tool: "two/mystery", arguments: { task: { $from: 1, path: "/text" } } },
      on("one/look", "b"),
    ]);
    await Promise.all([one.held("a").started, one.held("b").started]);
    one.held("b").complete("b");
    one.held("a").complete("c");
    await two.held("c").started;
    two.held("c").complete("c");
    expect(outputs(await answer)).toEqual(["c", "c", "b"]);
  });

  test("may stop each other by their failure", async () => {
    const { server, held } = await heldServer(["slow"]);
    const gateway = gatewayTo({ s: server, odd: program("odd-server.mjs") });
    const answer = await gateway.call(
      [on("s/look", "slow"), { tool: "odd/refuse", arguments: { name: "HOME" } }],
      { failure: "stop" },
    );
    expect(brief(answer)).toEqual(["1 cancelled", "2 failed"]);
    expect(held("slow")).toBeDefined();
  });

  test("of a tool that only some servers have need no server, of one that several have they do", async () => {
    const gateway = gatewayTo({
      a: program("old-server.mjs"),
      b: program("old-server.mjs"),
      odd: program("odd-server.mjs"),
    });
    expect(outputs(await gateway.call([{ tool: "json" }]))[0]).toContain("seven");
    const refused = await gateway.call([{ tool: "echo" }, { tool: "odd/jsn" }]);
    expect(refused.isError).toBe(true);
    expect(refused.text).toContain(
      "several servers have a tool of that name: say a/echo and b/echo",
    );
    expect(refused.text).toContain('there is no tool "odd/jsn" (did you mean "odd/json"?)');
    const both = await gateway.call([
      { tool: "a/echo", arguments: { x: 1 } },
      { server: "b", tool: "echo", arguments: { x: 2 } },
    ]);
    expect(outputs(both)).toEqual(['{"x":1}', '{"x":2}']);
  });
});

describe("a server that fails", () => {
  test("to start is told of, with its last words, and does not hold up others", async () => {
    const closed = await serveHttp(() => undefined);
    await closed.close();
    const gone = closed.url.href;
    const gateway = gatewayTo(
      {
        fine: program("old-server.mjs"),
        none: { command: "no-such-program" },
        dies: {
          command: "sh",
          args: ["-c", 'echo "bad key $API_KEY" >&2; exit 3'],
          env: { API_KEY: "s3cret-value" },
        },
        hangs: { command: "sleep", args: ["1000"], fanfold: { startTimeoutMs: 300 } },
        far: { url: `${gone}?token=\${MY_TOKEN}` },
      },
      {},
      { MY_TOKEN: "s3cret-value" },
    );
    const { text, data } = await gateway.find();
    expect(text).toContain("fine (2 tools): echo, ask");
    expect(text).toContain("no program of that name is on the PATH: no-such-program");
    expect(text).toContain(
      "it ended with exit code 3 before it answered. The last lines of its standard error:\n  bad key [redacted:API_KEY]",
    );
    expect(text).toContain('"hangs" could not be started: it did not answer within 300 ms');
    expect(text).toContain('"far" could not be started: ');
    expect(text).toContain("ECONNREFUSED");
    const answer = await gateway.call(
      ["fine/echo", "none/x", "dies/x", "hangs/x", "far/x"].map((tool) => ({ tool })),
    );
    expect(brief(answer)).toEqual(["1 completed", "2 failed", "3 failed", "4 failed", "5 failed"]);
    expect(JSON.stringify([text, data, answer])).not.toContain("s3cret-value");
  });

  test("during calls fails these with how it ended, no others, and is there again for the next", async () => {
    const gateway = gatewayTo({
      mortal: program("stdio-server.mjs"),
      other: program("stdio-server.mjs"),
    });
    const answer = await gateway.call([
      { tool: "mortal/die" },
      { tool: "other/meet", arguments: { of: 1 } },
    ]);
    expect(brief(answer)).toEqual(["1 failed", "2 completed"]);
    expect(outputs(answer)[0]).toContain(
      "the call was under way and may have had its effect; it ended with exit code 1",
    );
    const next = await gateway.call([{ tool: "mortal/meet", arguments: { of: 1 } }]);
    expect(outputs(next)).toEqual(["met 1"]);
  });

  test("is asked again only for what only reads, and where that was asked for", async () => {
    await inFolder({}, async (folder) => {
      const odd = { ...program("odd-server.mjs"), env: { API_KEY: "s3cret-value" } };
      const gateway = gatewayTo({ once: odd, again: { ...odd, fanfold: { attempts: 3 } } });
      const answer = await gateway.call([
        { tool: "once/flaky", arguments: { name: join(folder, "once") } },
        { tool: "again/flaky", arguments: { name: join(folder, "again") } },
      ]);
      expect(brief(answer)).toEqual(["1 failed", "2 completed"]);
      expect(outputs(answer)[0]).toContain(
        "it ended with exit code 7. The last lines of its standard error:\n  cannot go on with [redacted:API_KEY]",
      );
      expect(outputs(answer)[1]).toBe("call 2");
      expect(readFileSync(join(folder, "once"), "utf8")).toBe("1");
    });
  });

  test("to answer is given up after its time, the server is told, and the rest goes on", async () => {
    const gateway = gatewayTo({
      slow: { ...program("stdio-server.mjs"), fanfold: { tools: { wait: { timeoutMs: 100 } } } },
    });
    const answer = await gateway.call([
      { id: "wait", tool: "slow/wait" },
      { id: "meet", tool: "slow/meet", arguments: { of: 1 } },
    ]);
    expect(brief(answer)).toEqual(["wait timed-out", "meet completed"]);
    expect(outputs(await gateway.call([{ tool: "slow/cancelled" }]))).toEqual(["1"]);
  });

  test("by garbage and noise fails nothing, and by a message without an end only what is under way", async () => {
    const gateway = gatewayTo({
      odd: program("odd-server.mjs"),
      broken: program("broken-server.mjs"),
    });
    const answer = await gateway.call([
      { tool: "odd/noise" },
      { tool: "broken/noise" },
      { tool: "broken/refused" },
      { tool: "broken/misshapen" },
    ]);
    expect(brief(answer)).toEqual(["1 completed", "2 completed", "3 failed", "4 failed"]);
    expect(outputs(answer).slice(0, 3)).toEqual([
      "quiet again",
      "fine",
      expect.stringContaining("no such repository: fanfolk"),
    ]);
    const flood = await gateway.call([{ tool: "odd/endless" }, { tool: "broken/fine" }]);
    expect(brief(flood)).toEqual(["1 failed", "2 completed"]);
    expect(outputs(flood)[0]).toContain("it was ended, as it sent a message of more than 10 MB");
    expect(outputs(await gateway.call([{ tool: "odd/json" }]))[0]).toContain("seven");
  });

  test("at an address is there again when the address is", async () => {
    const answers = (text: string) =>
      serveHttp((mcp) => {
        mcp.registerTool("get", { annotations: { readOnlyHint: true } }, async () => ({
          content: [{ type: "text", text }],
        }));
      });
    const first = await answers("first");
    const gateway = gatewayTo({ s: { url: first.url.href } });
    expect(outputs(await gateway.call([{ tool: "s/get" }]))).toEqual(["first"]);
    await first.close();
    const gone = await gateway.call([{ tool: "s/get" }]);
    expect(brief(gone)).toEqual(["1 failed"]);
    expect(outputs(gone)[0]).toMatch(
      /MCP server "s".*(?:ECONNREFUSED|ECONNRESET|closed|terminated|socket)/s,
    );
  });
});

describe("what servers get, and what they may do", () => {
  test("their environment is what is safe and what is configured, and nothing else of this process", async () => {
    process.env["FANFOLD_TEST_VALUE"] = "of this process";
    try {
      const odd = { ...program("odd-server.mjs"), env: { GIVEN: "${FROM}" }, cwd: "/" };
      const gateway = gatewayTo({ odd }, {}, { FROM: "from outside" });
      const names = ["GIVEN", "FANFOLD_TEST_VALUE", "PATH"];
      const answer = await gateway.call([
        ...names.map((name) => ({ tool: "odd/env", arguments: { name } })),
        { tool: "odd/where" },
      ]);
      expect(outputs(answer)).toEqual(["from outside", "not set", process.env["PATH"], "/"]);
    } finally {
      delete process.env["FANFOLD_TEST_VALUE"];
    }
  });

  test("they are told that nobody can be asked", async () => {
    const gateway = gatewayTo({ odd: program("odd-server.mjs"), old: program("old-server.mjs") });
    const answer = await gateway.call([{ tool: "odd/ask" }, { tool: "old/ask" }]);
    expect(brief(answer)).toEqual(["1 failed", "2 completed"]);
    expect(outputs(answer)[0]).toMatch(/elicitation|asks for input/);
    expect(outputs(answer)[1]).toBe("Method not found");
  });

  test("with --read-only only tools that say that they only read are there", async () => {
    const gateway = gatewayTo(
      { s: program("stdio-server.mjs"), old: program("old-server.mjs") },
      { readOnly: true },
    );
    const { text } = await gateway.find();
    expect(text).toContain("s (3 tools): meet, wait, cancelled\nold (0 tools): ");
    expect((await gateway.call([{ tool: "s/die" }])).text).toContain('there is no tool "s/die"');
    const tool = gateway.service.tools.find(({ name }) => name === "parallel_call");
    expect(tool?.annotations).toMatchObject({ readOnlyHint: true, destructiveHint: false });
  });

  test("tools that come later are found and called", async () => {
    const gateway = gatewayTo({ s: program("stdio-server.mjs") });
    await gateway.call([{ tool: "s/grow" }]);
    // Whoever asks now asks after the server has said so.
    await gateway.call([{ tool: "s/cancelled" }]);
    expect((await gateway.find()).text).toContain("grown");
    expect(outputs(await gateway.call([{ tool: "s/grown" }]))).toEqual(["grown"]);
  });

  test("nothing is started before it is needed, and all of it ends, with what it has left behind", async () => {
    await inFolder({}, async (folder) => {
      const touched = join(folder, "touched");
      const gateway = gatewayTo({
        odd: program("odd-server.mjs"),
        idle: { command: "touch", args: [touched] },
      });
      const [pids] = outputs(await gateway.call([{ tool: "odd/spawn" }]));
      const all = JSON.parse(pids!) as number[];
      expect(all).toHaveLength(3);
      expect(() => readFileSync(touched)).toThrow("ENOENT");
      await gateway.service.close("the end");
      for (const pid of all) {
        expect(await isGone(pid)).toBe(true);
      }
    });
  });

  test("a call of the gateway that is cancelled cancels its calls, and the server stays", async () => {
    const { server, r, held } = await heldServer(["a", "b"]);
    const gateway = gatewayTo({ s: server });
    const controller = new AbortController();
    const answer = gateway.call([on("s/look", "a"), on("s/change", "b")], {
      signal: controller.signal,
    });
    await held("a").started;
    controller.abort();
    expect(brief(await answer)).toEqual(["1 cancelled", "2 cancelled"]);
    while (r.running.length > 0) {
      await r.idle();
    }
    const next = gateway.call([on("s/change", "b")]);
    await held("b").started;
    held("b").complete("free");
    expect(outputs(await next)).toEqual(["free"]);
  });
});

test("a call of the gateway that waits behind one whose server does not start ends when it is cancelled", async () => {
  const { server, held } = await heldServer(["a"]);
  const mute = { command: process.execPath, args: ["-e", "setInterval(() => {}, 1000)"] };
  const gateway = gatewayTo({ s: server, mute });
  await gateway.find({ server: "s" });
  const [before, behind] = [new AbortController(), new AbortController()];
  const first = gateway.call([on("s/look", "a"), { tool: "mute/any" }], { signal: before.signal });
  const second = gateway.call([on("s/look", "a")], { signal: behind.signal });
  behind.abort();
  expect(await second).toMatchObject({ isError: true, steps: [] });
  expect(held("a").state).toBe("waiting");
  before.abort();
  expect(await first).toMatchObject({ isError: true, steps: [] });
});

test("what a model is told of a gateway is short, however many servers it has", () => {
  const many = Array.from({ length: 100 }, (_, index) => [`server-${index}`, { command: "x" }]);
  const { tools, instructions } = gatewayTo(Object.fromEntries(many) as Record<string, object>, {
    files: false,
  }).service;
  expect(Buffer.byteLength(JSON.stringify(tools) + instructions) / 4).toBeLessThan(800);
});

describe("results", () => {
  test("that are huge are cut, and kept whole", async () => {
    const gateway = gatewayTo({ odd: program("odd-server.mjs") });
    const answer = await gateway.call([{ tool: "odd/huge" }, { tool: "odd/json" }]);
    expect(Buffer.byteLength(answer.text)).toBeLessThan(10_500);
    expect(Buffer.byteLength(JSON.stringify(answer.data))).toBeLessThan(10_500);
    const [huge, json] = answer.steps;
    expect(huge?.output).toMatch(/^line 0\n.*bytes left out.*line 199999$/s);
    expect(readFileSync(huge!.fullOutput!, "utf8").split("\n")).toHaveLength(200_000);
    expect(json?.output).toContain("seven");
  });

  test("that are no text are handed on, or kept and told of", async () => {
    const gateway = gatewayTo({ odd: program("odd-server.mjs") });
    const answer = await gateway.call([
      { id: "small", tool: "odd/media", arguments: { bytes: 30 } },
      { id: "large", tool: "odd/media", arguments: { bytes: 3_000_000 } },
    ]);
    const [small, large] = outputs(answer);
    expect(small).toMatch(
      /^before\n\[image: image\/png, 30 bytes\] \(attached as number 1\)\n\[audio: audio\/wav, 3 bytes\] \(attached as number 2\)\n\[resource: file:\/\/\/a.txt, a.txt\]\n\[resource: file:\/\/\/b.pdf, application\/pdf, 4 bytes\] \(not shown; it is in (\S+)\)\nafter$/,
    );
    const pdf = /it is in (\S+\.pdf)\)/.exec(small!)?.[1];
    expect(readFileSync(pdf!, "utf8")).toBe("pdf!");
    expect(large).toContain(
      "[image: image/png, 3000000 bytes] (not attached: too large; it is in ",
    );
    const png = /it is in (\S+\.png)\)/.exec(large!)?.[1];
    expect(readFileSync(png!)).toHaveLength(3_000_000);
    expect(answer.content.map(({ type }) => type)).toEqual(["text", "image", "audio", "audio"]);
  });

  test("of a search over a thousand tools are small", async () => {
    const gateway = gatewayTo({ odd: program("odd-server.mjs", "1000") });
    const all = await gateway.find();
    expect(all.text).toContain("1,012 tools of 1 server");
    expect(Buffer.byteLength(all.text)).toBeLessThan(10_000);
    const some = await gateway.find({ query: "number 77" });
    expect(some.text.split("\n")[1]).toContain("odd/tool_77 (only reads)");
    expect(Buffer.byteLength(some.text)).toBeLessThan(4000);
    const one = await gateway.find({ tools: ["odd/tool_77"] });
    expect(one.text).toContain('"name":{"type":"string"}');
    expect(outputs(await gateway.call([{ tool: "odd/tool_77", arguments: { name: "" } }]))).toEqual(
      ["77"],
    );
  });
});
