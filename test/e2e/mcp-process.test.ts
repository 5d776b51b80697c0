// The process of `fanfold mcp`: what it prints, what it takes, how it ends, and what it leaves behind.
import { existsSync, readdirSync } from "node:fs";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { fanfold, inFolder } from "../support/fanfold.ts";
import { isGone } from "../support/is-gone.ts";
import { pidsFrom, pipe, stubborn } from "../support/mcp-laws.ts";
import { openPipe, type Pipe } from "../support/mcp-pipe.ts";

/** Runs `use` with a server in a new folder, and ends it. */
async function withPipe(
  args: readonly string[],
  use: (server: Pipe, folder: string) => Promise<void>,
  { files = {}, env = {} }: { files?: Record<string, string>; env?: Record<string, string> } = {},
): Promise<void> {
  await inFolder(files, async (folder) => {
    const server = await openPipe(args, { cwd: folder, env: { TMPDIR: folder, ...env } });
    try {
      await use(server, folder);
    } finally {
      server.endInput();
      await server.ended;
    }
  });
}

const toolNames = async (server: Pipe): Promise<readonly string[]> => {
  const { result } = await server.ask("tools/list", {});
  const { tools } = result as { readonly tools: readonly { readonly name: string }[] };
  return tools.map(({ name }) => name);
};

const steps = (length: number, command: string) => Array.from({ length }, () => ({ run: command }));

const run = (command: unknown, fields: object = {}) => ({ steps: [{ run: command, ...fields }] });

describe("the server ends, and leaves no process behind,", () => {
  const ends: readonly [string, (server: Pipe) => void, number][] = [
    ["when its input ends", (server) => server.endInput(), 0],
    [
      "when nobody reads its answers",
      (server) => {
        server.hangUp();
        server.send("tools/list", {});
      },
      0,
    ],
    ["at SIGINT", (server) => server.signal("SIGINT"), 130],
    ["at SIGTERM", (server) => server.signal("SIGTERM"), 143],
    ["at SIGHUP", (server) => server.signal("SIGHUP"), 129],
    [
      "at a second signal, at once",
      (server) => {
        server.signal("SIGINT");
        server.signal("SIGTERM");
      },
      NaN,
    ],
  ];
  test.each(ends)("%s", async (_, end, code) => {
    await withPipe([], async (server, folder) => {
      const pipes = ["call", "kept", "done", "plan"].map((name) => pipe(folder, name));
      server.send("tools/call", {
        name: "parallel_run",
        arguments: run(stubborn("call"), { reads: [] }),
      });
      await server.call("start_run", run(stubborn("kept"), { reads: [] }));
      // What a command that has ended well has left in a group of its own. It ends once that group is there.
      pipe(folder, "up");
      const away = "echo up > up; echo $$ > done; while :; do sleep 1; done";
      const left = `setsid sh -c '${away}' > left.txt 2>&1 & cat up`;
      server.send("tools/call", { name: "parallel_run", arguments: run(left, { reads: [] }) });
      await writeFile(
        join(folder, "plan.yaml"),
        `tasks: { a: { command: ${JSON.stringify(stubborn("plan"))}, reads: x } }`,
      );
      await server.call("start_run", { plan: "plan.yaml" });
      const pids = (await Promise.all(pipes.map(pidsFrom))).flat();
      expect(pids).toHaveLength(7);
      end(server);
      const ended = await server.ended;
      // Of two signals the order in which they arrive is not known.
      expect(Number.isNaN(code) ? [130, 143] : [code]).toContain(ended.code);
      for (const pid of pids) {
        expect(await isGone(pid)).toBe(true);
      }
      expect(readdirSync(folder).filter((name) => name.startsWith("fanfold-mcp-"))).toEqual([]);
    });
  });

  test("when a message is larger than it takes", async () => {
    await withPipe([], async (server) => {
      server.write(`{"jsonrpc": "2.0", "id": 9, "method": "${"x".repeat(11 * 1024 * 1024)}`);
      expect((await server.ended).code).toBe(0);
    });
  });
});

test("what a module throws later cancels its plan, and the server goes on", async () => {
  const files = {
    "late.mjs":
      'export const late = (ms) => { setTimeout(() => { throw new Error("too late"); }, ms); };',
    "plan.yaml": `
tasks:
  late: { module: ./late.mjs#late, with: 20 }
  slow: { command: sleep 3925, after: [late] }
`,
    "after.yaml": "tasks: { late: { module: ./late.mjs#late, with: 0 } }",
  };
  await withPipe(
    [],
    async (server) => {
      const reason = "an error came from outside of any task: too late (late.mjs:1:";
      expect(await server.call("run_plan", { plan: "plan.yaml" })).toContain(reason);
      expect(server.errors()).toContain(`1 plan with modules is cancelled, as ${reason}`);
      await server.call("run_plan", { plan: "after.yaml" });
      expect(await server.call("parallel_run", run("echo fine"))).toContain("fine");
    },
    { files },
  );
});

describe("standard output has nothing but the protocol", () => {
  test("whatever commands and modules of a plan print", async () => {
    const files = {
      "module.mjs": 'export const say = () => { console.log("from a module"); return "said"; };',
      "plan.yaml":
        "tasks:\n  a: { module: ./module.mjs#say }\n  b: { command: echo from a command; echo too >&2 }\n",
    };
    await withPipe(
      [],
      async (server) => {
        expect(await server.call("parallel_run", run("echo out; echo err >&2"))).toContain(
          "stderr:",
        );
        const text = await server.call("run_plan", { plan: "plan.yaml" });
        expect(text).toContain("said");
        expect(server.errors()).toContain("from a module");
        for (const line of server.lines) {
          expect(JSON.parse(line)).toMatchObject({ jsonrpc: "2.0" });
        }
      },
      { files },
    );
  });

  test("however wrong what comes in is, and the server goes on", async () => {
    await withPipe([], async (server) => {
      const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
      for (const wrong of [
        "no json",
        "[]",
        "5",
        '{"jsonrpc":"2.0"}',
        '{"jsonrpc":"2.0","id":50,"method":"nothing"}',
        '{"jsonrpc":"2.0","id":51,"method":"tools/call"}',
        '{"jsonrpc":"2.0","id":52,"method":"tools/call","params":{"name":"parallel_read","arguments":[]}}',
        `{"jsonrpc":"2.0","id":53,"method":"tools/call","params":{"name":"parallel_read","arguments":{"steps":[{"read":${deep}}]}}}`,
        `{"jsonrpc":"2.0","id":54,"method":"tools/call","params":{"name":"parallel_read","arguments":{"steps":${deep}}}}`,
        `{"jsonrpc":"2.0","id":55,"method":"tools/call","params":{"name":"parallel_read","arguments":${deep}}}`,
        '{"jsonrpc":"2.0","id":56,"method":"tools/call","params":{"name":"__proto__","arguments":{}}}',
        '{"jsonrpc":"2.0","id":57,"method":"tools/call","params":{"name":"run_status","arguments":{"run":"__proto__"}}}',
      ]) {
        server.write(`${wrong}\n`);
      }
      expect(await server.call("parallel_run", run("echo alive"))).toContain("alive");
      for (const line of server.lines) {
        expect(JSON.parse(line)).toMatchObject({ jsonrpc: "2.0" });
      }
      server.endInput();
      await server.ended; // All that it has printed has come.
      const passedOver = "Passed over what is no message of the protocol\n"; // What is no JSON is not even that.
      expect(server.errors()).toBe(passedOver.repeat(3));
    });
  });
});

describe("commands", () => {
  test("see no secrets of the environment, but those that are kept", async () => {
    const env = { MY_TOKEN: "t0ps3cret", OTHER_API_KEY: "k3y", PLAIN: "plain" };
    await withPipe(
      ["--keep-env", "OTHER_API_KEY"],
      async (server) => {
        const text = await server.call(
          "parallel_run",
          run("echo [$MY_TOKEN] [$OTHER_API_KEY] [$PLAIN]"),
        );
        expect(text).toContain("[] [k3y] [plain]");
      },
      { env },
    );
  });

  test("see no variables with a secret in their values, which is said, but those that are kept", async () => {
    const env = { DATABASE_URL: "postgres://u:pass@h/db", TEST_URL: "postgres://u:test@h/db" };
    await withPipe(
      ["--keep-env", "TEST_URL"],
      async (server) => {
        const text = await server.call("parallel_run", run("echo [$DATABASE_URL] [$TEST_URL]"));
        expect(text).toContain("[] [postgres://u:test@h/db]");
        server.endInput();
        await server.ended;
        expect(server.errors()).toBe(
          "Commands do not see DATABASE_URL, as their values hold secrets; --keep-env DATABASE_URL lets them through\n",
        );
      },
      { env },
    );
  });

  test("are held to a policy, which nothing gets around that this server offers", async () => {
    await withPipe(
      ["--allow", "echo *", "--allow", "git log **", "--deny", "echo no"],
      async (server, folder) => {
        expect(await toolNames(server)).toEqual([
          "parallel_read",
          "parallel_run",
          "start_run",
          "run_status",
          "cancel_run",
        ]);
        const text = await server.call("parallel_run", {
          steps: [
            { id: "may", run: ["echo", "yes"] },
            { id: "shell", run: "echo yes; touch shell" },
            { id: "other", run: ["touch", "other"] },
            { id: "denied", run: ["echo", "no"] },
            { id: "named", run: ["echo", { $from: "may", path: "/stdout" }] },
            { id: "filled", run: ["git", { $from: "may", path: "/stdout" }] },
            { id: "after", run: ["echo", "never"], after: ["other"] },
          ],
        });
        expect(text.match(/^=== .*? in /gm)).toEqual([
          "=== may (run) completed in ",
          "=== shell (run) denied in ",
          "=== other (run) denied in ",
          "=== denied (run) denied in ",
          "=== named (run) completed in ",
          "=== filled (run) denied in ",
          "=== after (run) skipped in ",
        ]);
        expect(text).toContain("These may run: echo *; git log **");
        expect(await server.call("run_plan", { plan: "x" })).toContain("There is no tool");
        const plan = await server.call("start_run", { plan: "plan.yaml" });
        expect(plan).toContain('no argument "plan"');
        expect(["shell", "other"].some((name) => existsSync(join(folder, name)))).toBe(false);
      },
    );
  });
});

describe("options", () => {
  test("--read-only offers one tool, which changes nothing", async () => {
    await withPipe(
      ["--read-only"],
      async (server, folder) => {
        expect(await toolNames(server)).toEqual(["parallel_read"]);
        for (const step of [
          { run: "touch x" },
          { write: "x", content: "" },
          { edit: "a", old: "a", new: "b" },
        ]) {
          const text = await server.call("parallel_read", { steps: [step] });
          expect(text).toContain("Nothing was run");
        }
        expect(await server.call("parallel_run", run("touch x"))).toContain("There is no tool");
        expect(await server.call("parallel_read", { steps: [{ read: "a" }] })).toContain("1\ta");
        const own = [".fanfold", "fanfold-mcp-"]; // What it agrees by with other servers, and its results.
        const others = readdirSync(folder).filter(
          (name) => !own.some((each) => name.startsWith(each)),
        );
        expect(others).toEqual(["a"]);
      },
      { files: { a: "a" } },
    );
  });

  test("--allow-host lets a page of the web be fetched from there alone", async () => {
    const page = createServer((_, response) => response.end("page"));
    await new Promise<void>((resolve) => {
      page.listen(0, "127.0.0.1", resolve);
    });
    const { port } = page.address() as AddressInfo;
    await withPipe(["--allow-host", `127.0.0.1:${port}`], async (server) => {
      const steps = [{ fetch: `http://127.0.0.1:${port}/` }, { fetch: "http://example.com/" }];
      const text = await server.call("parallel_read", { steps });
      expect(text).toContain("Only public addresses are");
      expect(text).toContain("Cannot ask example.com as this host is not allowed");
    });
    page.close();
  });

  test("--limit runs no more at once", async () => {
    await withPipe(["--limit", "command=1"], async (server) => {
      const one = "mkdir busy && rmdir busy";
      const text = await server.call("parallel_run", { steps: steps(6, one) });
      expect(text).toContain("for command (limit)");
      expect(text).not.toContain("did not complete");
    });
  });

  test("--max-result bounds a result, as text and as data", async () => {
    await withPipe(["--max-result", "3000"], async (server) => {
      const { result } = await server.ask("tools/call", {
        name: "parallel_run",
        arguments: { steps: steps(5, 'seq 1 5000 | sed "s/^/\\"/"') },
      });
      const { content, structuredContent } = result as Readonly<Record<string, unknown>>;
      expect(Buffer.byteLength(JSON.stringify(structuredContent))).toBeLessThanOrEqual(3000);
      const [{ text }] = content as [{ readonly text: string }];
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(3000);
    });
  });

  test.each<[readonly string[], string]>([
    [["--root", "nowhere"], "nowhere"],
    [["--limit", "comand=1"], '(did you mean "command"?)'],
    [["--allow", "** x"], "must begin with a program"],
    [["--max-result", "10"], "must be an integer from 2000"],
    [["--read"], "unknown option"],
  ])("%j is refused, and nothing is served", async (args, text) => {
    await inFolder({}, async (cwd) => {
      const { code, stdout, stderr } = await fanfold(["mcp", ...args], { cwd });
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      expect(stderr).toContain(text);
    });
  });
});

describe("the root", () => {
  test("is left by no path and no link", async () => {
    await inFolder({ secret: "s3cret" }, async (outside) => {
      await withPipe([], async (server, folder) => {
        await symlink(join(outside, "secret"), join(folder, "link"));
        await symlink(outside, join(folder, "folder"));
        await mkdir(join(folder, "in"));
        const out = join(outside, "secret");
        const text = await server.call("parallel_run", {
          steps: [
            { read: "link" },
            { read: "folder/secret" },
            { read: out },
            { read: `in/../../${outside}/secret` },
            { search: "s3cret" },
            { search: "s3cret", in: ["folder", "link", outside] },
            { list: "folder" },
            { list: outside },
            { write: "link", content: "x" },
            { write: "folder/new", content: "x" },
            { edit: out, old: "s", new: "t" },
            { run: ["pwd"], cwd: "folder" },
            { run: ["pwd"], cwd: outside },
          ],
        });
        expect(text).not.toContain("s3cret\n");
        expect(text).toContain("12 did not complete");
        expect(readdirSync(outside)).toEqual(["secret"]);
        expect(await readFile(out, "utf8")).toBe("s3cret");
      });
    });
  });
});
