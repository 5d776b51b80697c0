// Two servers of one folder, as two assistants start them: each is a process of its own.
import { readdirSync, rmSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { describe, expect, test } from "vitest";
import { inFolder } from "../support/fanfold.ts";
import { answerOf, type Answer, type Progress } from "../support/mcp-client.ts";
import { openHttp, TOKEN } from "../support/mcp-http.ts";
import { pipe } from "../support/mcp-laws.ts";
import { openPipe } from "../support/mcp-pipe.ts";

/** A server, and a client of it. */
interface Assistant {
  readonly pid: number;
  call(name: string, given: object, onProgress?: (progress: Progress) => void): Promise<Answer>;
  kill(): void;
  close(): Promise<unknown>;
}

async function overPipes(cwd: string): Promise<Assistant> {
  const server = await openPipe([], { cwd });
  return {
    pid: server.pid,
    call: async (name, given) => {
      const { result, error } = await server.ask("tools/call", { name, arguments: given });
      expect(error).toBeUndefined();
      return answerOf(result);
    },
    kill: () => server.signal("SIGKILL"),
    async close() {
      server.endInput();
      await server.ended;
    },
  };
}

async function overHttp(cwd: string): Promise<Assistant> {
  const server = await openHttp([], { cwd });
  const client = new Client({ name: "test", version: "1" });
  const requestInit = { headers: { authorization: `Bearer ${TOKEN}` } };
  await client.connect(new StreamableHTTPClientTransport(new URL(server.url), { requestInit }));
  return {
    pid: server.pid,
    call: async (name, given, onprogress) =>
      answerOf(
        await client.callTool(
          { name, arguments: { ...given } },
          { ...(onprogress && { onprogress }) },
        ),
      ),
    kill: () => server.signal("SIGKILL"),
    async close() {
      await client.close();
      await server.close();
    },
  };
}

/** Runs `use` with a new folder and two servers of it, and ends them. */
async function withTwo(
  files: Readonly<Record<string, string>>,
  use: (one: Assistant, other: Assistant, folder: string) => Promise<void>,
): Promise<void> {
  await inFolder(files, async (folder) => {
    const [one, other] = await Promise.all([overPipes(folder), overHttp(folder)]);
    try {
      await use(one, other, folder);
    } finally {
      await Promise.all([one.close(), other.close()]);
    }
  });
}

const run = (command: string, fields: object = {}) => ({ steps: [{ run: command, ...fields }] });

/** The claims on the board of a folder. */
const claimFiles = (folder: string): readonly string[] =>
  readdirSync(join(folder, ".fanfold/claims")).filter((name) => name.endsWith(".json"));

describe("two servers of one folder", () => {
  test("lose no change of a file that both edit, and say of each that was refused why", async () => {
    await withTwo({ "lines.txt": "END\n", n: "n=0\n" }, async (one, other, folder) => {
      const add = async (server: Assistant, line: string): Promise<void> => {
        // Whether it can be applied depends on what is there.
        const edit = { edit: "lines.txt", old: "END", new: `${line}\nEND` };
        const { data } = await server.call("parallel_run", { steps: [edit] });
        expect(data.steps.map(({ status }) => status)).toEqual(["completed"]);
      };
      let counted = 0;
      const count = async (server: Assistant): Promise<void> => {
        const seen = Number((await readFile(join(folder, "n"), "utf8")).slice(2));
        const edit = { edit: "n", old: `n=${seen}\n`, new: `n=${seen + 1}\n` };
        const { data } = await server.call("parallel_run", { steps: [edit] });
        const [{ status, output } = { status: "", output: "" }] = data.steps;
        counted += Number(status === "completed");
        expect(status === "completed" || output.includes("is not in the file")).toBe(true);
      };
      const work = async (server: Assistant, name: string): Promise<void> => {
        for (let at = 0; at < 50; at += 1) {
          await Promise.all([add(server, `${name}${at}`), count(server)]);
        }
      };
      await Promise.all([work(one, "a"), work(other, "b")]);
      const lines = (await readFile(join(folder, "lines.txt"), "utf8")).trim().split("\n");
      const range = Array.from({ length: 50 }, (_, at) => at);
      expect(lines.toSorted()).toEqual(
        [...range.map((at) => `a${at}`), ...range.map((at) => `b${at}`), "END"].toSorted(),
      );
      for (const name of ["a", "b"]) {
        expect(lines.filter((line) => line.startsWith(name))).toEqual(
          range.map((at) => `${name}${at}`),
        );
      }
      expect(await readFile(join(folder, "n"), "utf8")).toBe(`n=${counted}\n`);
      expect(claimFiles(folder)).toEqual([]);
    });
  }, 120_000);

  test("wait for each other, also those that write for those that read, and say so meanwhile and after", async () => {
    await withTwo({ "a.txt": "old\n" }, async (one, other, folder) => {
      const [go, read] = [pipe(folder, "go"), pipe(folder, "read")];
      const reading = one.call(
        "parallel_run",
        run(`echo reads > ${read}; cat ${go}; cat a.txt`, { reads: ["a.txt"] }),
      );
      expect(await readFile(read, "utf8")).toBe("reads\n");
      const messages: (string | undefined)[] = [];
      let opened: Promise<void> | undefined;
      const steps = [
        { edit: "a.txt", old: "old", new: "new" },
        { run: `cat a.txt`, reads: ["a.txt"] },
      ];
      const written = await other.call("parallel_run", { steps }, ({ message }) => {
        messages.push(message);
        opened ??= writeFile(go, "\n");
      });
      await opened;
      messages.push(written.text);
      expect((await reading).data.steps[0]?.output).toContain("old");
      expect(messages[0]).toBe(`0 of 2 ended; waiting for another server (process ${one.pid})`);
      expect(messages.at(-1)).toMatch(
        new RegExp(`It waited [0-9.]+ m?s for another server \\(process ${one.pid}\\) before`),
      );
      expect(messages.at(-1)).toContain("new");
    });
  });

  test("do not wait for one that was killed, whatever it had begun", async () => {
    await inFolder({ n: "0\n" }, async (folder) => {
      const other = await overHttp(folder);
      try {
        let sum = 0;
        for (let round = 0; round < 4; round += 1) {
          const killed = await overPipes(folder);
          const begun = pipe(folder, `begun${round}`);
          const unanswered = [
            run(`echo > ${begun}; exec sleep 1000`),
            { steps: [{ write: "other.txt", content: "" }] },
          ].map(async (given) => await killed.call("parallel_run", given));
          Promise.all(unanswered).catch(() => undefined);
          await readFile(begun, "utf8");
          const answers = [1, 2, 3].map((_, at) => {
            const counts = "n=$(cat n); echo $((n+1)) > n";
            const call = other.call("parallel_run", run(counts, { reads: ["n"], writes: ["n"] }));
            if (at === round % 3) {
              killed.kill();
            }
            return call;
          });
          for (const { data } of await Promise.all(answers)) {
            sum += Number(data.steps[0]?.status === "completed");
          }
          await killed.close();
        }
        expect([sum, await readFile(join(folder, "n"), "utf8")]).toEqual([12, "12\n"]);
        await other.call("parallel_run", run("echo")); // It would wait for every claim that was left behind.
        expect(claimFiles(folder)).toEqual([]);
      } finally {
        await other.close();
      }
    });
  });

  test("agree about plans, too, and after somebody has removed the folder that they agree by", async () => {
    const tasks = { a: { command: "n=$(cat n); echo $((n+1)) > n", reads: "n", writes: "n" } };
    const files = { n: "0\n", "plan.yaml": JSON.stringify({ tasks }) };
    await withTwo(files, async (one, other, folder) => {
      const ten = async (): Promise<void> => {
        await Promise.all(
          [one, other].flatMap((server) =>
            Array.from(
              { length: 5 },
              async () => await server.call("run_plan", { plan: "plan.yaml" }),
            ),
          ),
        );
      };
      await ten();
      expect(await readFile(join(folder, "n"), "utf8")).toBe("10\n");
      rmSync(join(folder, ".fanfold"), { recursive: true });
      await ten();
      expect(await readFile(join(folder, "n"), "utf8")).toBe("20\n");
    });
  });

  test("one of which a step of the other has started works within that step", async () => {
    await inFolder({ "a.txt": "old\n" }, async (folder) => {
      const outer = await overPipes(folder);
      try {
        const main = new URL("../../dist/cli/main.js", import.meta.url).pathname;
        const lines = [
          {
            id: 1,
            method: "initialize",
            params: {
              protocolVersion: "2025-06-18",
              capabilities: {},
              clientInfo: { name: "inner", version: "1" },
            },
          },
          {
            id: 2,
            method: "tools/call",
            params: {
              name: "parallel_run",
              arguments: { steps: [{ edit: "a.txt", old: "old", new: "new" }] },
            },
          },
        ].map((line) => JSON.stringify({ jsonrpc: "2.0", ...line }));
        // The input of the inner server ends with the answer to its call.
        const inner = `import { spawn } from "node:child_process";
          const child = spawn(process.execPath, [${JSON.stringify(main)}, "mcp"], { stdio: ["pipe", "pipe", "inherit"] });
          let text = "";
          child.stdout.on("data", (chunk) => { text += chunk; if (text.includes('"id":2')) child.stdin.end(); });
          child.stdin.write(${JSON.stringify(`${lines.join("\n")}\n`)});
          child.on("close", () => console.log(text));`;
        // It declares nothing: it has everything to itself.
        const { data } = await outer.call("parallel_run", {
          steps: [{ run: [process.execPath, "--input-type=module", "-e", inner] }],
        });
        expect(data.steps[0]?.output).toContain("Edited a.txt");
      } finally {
        await outer.close();
      }
    });
  });
});
