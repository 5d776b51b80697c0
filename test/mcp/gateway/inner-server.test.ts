// A server behind a gateway, on a virtual clock: when it is started, and when not.
import { expect, test } from "vitest";
import { virtualClock, type VirtualClock } from "../../../src/testing/index.ts";
import type { Connection, Open, OpenOptions } from "../../../src/mcp/gateway/connection.ts";
import { InnerServer } from "../../../src/mcp/gateway/inner-server.ts";
import { parseServers } from "../../../src/mcp/gateway/read-servers.ts";

/** A server that can be started any number of times, ended, and kept from starting. */
interface Rig {
  readonly server: InnerServer;
  readonly clock: VirtualClock;
  readonly starts: () => number;
  readonly closed: () => number;
  /** What it lists. */
  tools: string[];
  /** Why it does not start. */
  broken: string | undefined;
  /** What a call does. */
  answer: () => Promise<object>;
  /** It ends by itself. */
  end(why: string): void;
  changeTools(): void;
}

function rigged(own: object = {}): Rig {
  const clock = virtualClock({ autojump: false });
  const [settings] = parseServers(
    JSON.stringify({
      mcpServers: { s: { command: "s", env: { KEY_TOKEN: "very-secret" }, ...own } },
    }),
    { file: "servers.json", environment: {} },
  );
  let starts = 0;
  let closed = 0;
  let latest:
    | { connection: Connection; options: OpenOptions; end: (why: string) => void }
    | undefined;
  const open: Open = async (_, options) => {
    starts += 1;
    if (rig.broken !== undefined) {
      throw new Error(rig.broken);
    }
    let whyClosed: string | undefined;
    const connection: Connection = {
      client: {
        listTools: async () => ({
          tools: rig.tools.map((name) => ({ name, inputSchema: { type: "object" } })),
        }),
        callTool: async () => await rig.answer(),
      },
      get whyClosed() {
        return whyClosed;
      },
      close: async () => {
        closed += 1;
      },
    };
    const end = (why: string): void => {
      whyClosed = why;
      options.onClosed(connection);
    };
    latest = { connection, options, end };
    return connection;
  };
  const surroundings = { open, clock, version: "1", cwd: "/", newMark: () => "m" };
  const rig: Rig = {
    server: new InnerServer(settings!, surroundings),
    clock,
    starts: () => starts,
    closed: () => closed,
    tools: ["a", "b"],
    broken: undefined,
    answer: async () => ({ content: [] }),
    end: (why) => latest?.end(why),
    changeTools: () => latest?.options.onToolsChanged(),
  };
  return rig;
}

const names = async ({ server }: Rig): Promise<readonly string[]> =>
  (await server.tools()).map(({ name }) => name);

const call = async ({ server }: Rig): Promise<object> =>
  await server.client.callTool({ name: "a" });

test("it is started once, when it is first needed, however many need it", async () => {
  const rig = rigged();
  expect(rig.starts()).toBe(0);
  await Promise.all([names(rig), names(rig), call(rig)]);
  expect(await names(rig)).toEqual(["a", "b"]);
  expect(rig.starts()).toBe(1);
});

test("its tools are listed again when it says that they have changed, and not before", async () => {
  const rig = rigged();
  await names(rig);
  rig.tools = ["c"];
  expect(await names(rig)).toEqual(["a", "b"]);
  rig.changeTools();
  expect(await names(rig)).toEqual(["c"]);
});

test("tools that are not allowed, or denied, are not offered", async () => {
  const rig = rigged({ fanfold: { allow: ["get_*", "a.b"], deny: ["get_all"] } });
  rig.tools = ["get_one", "get_all", "forget_one", "a.b", "axb"];
  expect(await names(rig)).toEqual(["get_one", "a.b"]);
});

test("one that has ended is started by the next call, whose tools stay known meanwhile", async () => {
  const rig = rigged();
  await names(rig);
  rig.end("it ended with exit code 1");
  expect(await names(rig)).toEqual(["a", "b"]);
  expect(rig.starts()).toBe(1);
  await call(rig);
  expect(rig.starts()).toBe(2);
  rig.tools = ["of the new version"];
  expect(await names(rig)).toEqual(["of the new version"]);
});

test("a call that is under way when it ends says so, and is not repeated", async () => {
  const rig = rigged();
  let calls = 0;
  rig.answer = async () => {
    calls += 1;
    rig.end("it ended with exit code 7. It wrote very-secret");
    throw new Error("Connection closed");
  };
  await expect(call(rig)).rejects.toThrow(
    "the call was under way and may have had its effect; it ended with exit code 7. It wrote [redacted:KEY_TOKEN]",
  );
  expect(calls).toBe(1);
});

test("one that keeps failing is left alone for 1, 2, 4 … seconds, at most a minute, until it has answered a call", async () => {
  const rig = rigged();
  rig.broken = "no license: very-secret";
  /** How long it is left alone before it is started again. */
  const pause = async (): Promise<number> => {
    for (let waitedMs = 0; ; waitedMs += 500) {
      const before = rig.starts();
      const message = await call(rig).then(String, ({ message }: Error) => message);
      if (!message.includes("is not started again before")) {
        return waitedMs;
      }
      expect(message).toContain("The last time: no license: [redacted:KEY_TOKEN]");
      expect(rig.starts()).toBe(before);
      await rig.clock.advance(500);
    }
  };
  const pauses: number[] = [];
  while (pauses.length < 10) {
    pauses.push(await pause());
  }
  expect(pauses).toEqual([0, 0, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
  await rig.clock.advance(60_000);
  rig.broken = undefined;
  await call(rig);
  rig.end("it ended");
  expect(await pause()).toBe(0);
});

test("nothing is left open when it is closed, and nothing is started any more", async () => {
  const rig = rigged();
  await names(rig);
  await rig.server.close("the end");
  expect(rig.closed()).toBe(1);
  await expect(call(rig)).rejects.toThrow("the end");
  expect(rig.starts()).toBe(1);
});
