// The process of `fanfold mcp --http`: what it prints, whom it lets in, how it ends, and what it leaves behind.
import { writeFile } from "node:fs/promises";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { describe, expect, test } from "vitest";
import { fanfold, inFolder } from "../support/fanfold.ts";
import { isGone } from "../support/is-gone.ts";
import { answerOf, type Answer } from "../support/mcp-client.ts";
import { openHttp, TOKEN, type HttpProcess } from "../support/mcp-http.ts";
import { pidsFrom, pipe, stubborn } from "../support/mcp-laws.ts";

/** Runs `use` with a server in a new folder, and ends it. */
async function withServer(
  args: readonly string[],
  use: (server: HttpProcess, folder: string) => Promise<void>,
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  await inFolder({}, async (folder) => {
    const server = await openHttp(args, { cwd: folder, env });
    try {
      await use(server, folder);
    } finally {
      await server.close();
    }
  });
}

async function connect({ url }: HttpProcess, token = TOKEN): Promise<Client> {
  const client = new Client({ name: "test", version: "1" });
  const requestInit = { headers: { authorization: `Bearer ${token}` } };
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit }));
  return client;
}

const call = async (client: Client, name: string, given: object): Promise<Answer> =>
  answerOf(await client.callTool({ name, arguments: { ...given } }));

describe("the server over HTTP", () => {
  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("ends at %s, and leaves no process behind", async (signal, code) => {
    await withServer([], async (server, folder) => {
      const [called, kept] = [pipe(folder, "called"), pipe(folder, "kept")];
      const client = await connect(server);
      const steps = (command: string) => ({ steps: [{ run: command, reads: [] }] });
      const unanswered = call(client, "parallel_run", steps(stubborn("called")));
      const ended = unanswered.catch(() => undefined);
      await call(client, "start_run", steps(stubborn("kept")));
      const pids = [...(await pidsFrom(called)), ...(await pidsFrom(kept))];
      expect(pids).toHaveLength(4);
      server.signal(signal);
      expect(await server.ended).toEqual({ code, signal: null });
      for (const pid of pids) {
        expect(await isGone(pid)).toBe(true);
      }
      await ended;
      await client.close();
    });
  });

  test("is one for all of its clients: they see each other's runs, and wait for each other", async () => {
    await withServer([], async (server, folder) => {
      const [one, other] = [await connect(server), await connect(server)];
      const go = pipe(folder, "go");
      const steps = [{ run: `cat ${go}; echo done > out`, reads: [], writes: ["out"] }];
      const { data } = await call(one, "start_run", { steps });
      const reading = call(other, "parallel_read", { steps: [{ read: "out" }] });
      await call(other, "parallel_run", { steps: [{ run: `echo > ${go}`, reads: [] }] });
      expect((await reading).text).toContain("done");
      expect((await call(other, "run_status", { run: data["run"] })).data["status"]).toBe("ended");
      await Promise.all([one.close(), other.close()]);
    });
  });

  test("has the runs of a client whose session has ended for the next one that it begins", async () => {
    await withServer([], async (server, folder) => {
      const go = pipe(folder, "go");
      const before = await connect(server);
      const { data } = await call(before, "start_run", {
        steps: [{ run: "cat go", reads: ["go"] }],
      });
      const id = before.transport?.sessionId ?? "";
      const headers = { authorization: `Bearer ${TOKEN}`, "mcp-session-id": id };
      expect((await fetch(server.url, { method: "DELETE", headers })).status).toBe(200);
      await expect(before.listTools()).rejects.toThrow("Session not found");
      const after = await connect(server);
      await writeFile(go, "went");
      const ended = await call(after, "run_status", { run: data["run"], waitMs: 50_000 });
      expect(ended.data.steps[0]).toMatchObject({ status: "completed", output: "went" });
      await Promise.all([before.close(), after.close()]);
    });
  });

  test("prints where it is and, where none was given, a new token, which alone lets clients in", async () => {
    const printed: string[] = [];
    for (let round = 0; round < 2; round += 1) {
      await withServer(
        [],
        async (server) => {
          const [, token = ""] = /Authorization: Bearer (\S+)\n/.exec(server.errors()) ?? [];
          expect(token).toMatch(/^[\w-]{32}$/);
          printed.push(token);
          expect(server.errors()).not.toContain("FANFOLD_MCP_TOKEN");
          await (await connect(server, token)).close();
          await expect(connect(server)).rejects.toThrow();
        },
        { FANFOLD_MCP_TOKEN: "" },
      );
    }
    expect(new Set(printed).size).toBe(2);
  });

  test("prints no token that it was given, and shows it to no command", async () => {
    await withServer(["--keep-env", "FANFOLD_MCP_TOKEN"], async (server) => {
      expect(server.errors()).toContain("the token of FANFOLD_MCP_TOKEN");
      expect(server.errors()).not.toContain(TOKEN);
      const client = await connect(server);
      const { text } = await call(client, "parallel_run", { steps: [{ run: "env" }] });
      expect(text).toContain("PATH=");
      expect(text).not.toContain(TOKEN);
      await client.close();
    });
  });

  test("warns where everybody may come in", async () => {
    await withServer(["--no-token"], async (server) => {
      expect(server.errors()).toContain("Without a token: every process of this machine");
      await (await connect(server, "none")).close();
    });
  });

  test("does not begin with a port that is taken, or with what makes no sense", async () => {
    await withServer([], async ({ url }) => {
      const { port } = new URL(url);
      const refused: readonly (readonly [readonly string[], string])[] = [
        [["--http", port], `Cannot serve at port ${port} of 127.0.0.1 as another process has it`],
        [["--http", "65536"], "0 to 65535"],
        [["--http", "x"], "integer"],
        [["--no-token"], "only with --http"],
        [["--http", "0", "--host", "0.0.0.0"], "--host"],
      ];
      for (const [args, why] of refused) {
        const { code, stderr } = await fanfold(["mcp", ...args]);
        expect([args, code]).toEqual([args, 2]);
        expect(stderr).toContain(why);
      }
      const short = await fanfold(["mcp", "--http", "0"], { env: { FANFOLD_MCP_TOKEN: "short" } });
      expect([short.code, short.stderr.includes("at least 16 characters")]).toEqual([2, true]);
    });
  });
});
