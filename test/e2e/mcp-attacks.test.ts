// Attacks on `fanfold mcp` through a real client: what happens is what docs/mcp.md says.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, open, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { inFolder } from "../support/fanfold.ts";
import { brief, outputs, session } from "../support/mcp-laws.ts";
import { newerClient } from "../support/newer-client.ts";

const connect = newerClient("auto");

const NUL = "a\0b";

/** What a shell would do with a text, where it came to one. */
const CODE = ["$(touch hacked)", "`touch hacked`", "x; touch hacked", "x\ntouch hacked", "*", "~"];

describe("the root is left", () => {
  test("by no name and no pattern", async () => {
    await inFolder({ secret: "s3cret" }, async (outside) => {
      await session(connect, { "a.txt": "a" }, async (client) => {
        const answer = await client.call("parallel_run", {
          steps: [
            ...[
              "..",
              "../..",
              "a.txt/../../x",
              outside,
              `./..${outside}/secret`,
              NUL,
              "/dev/zero",
              "/proc/self/environ",
            ].map((read) => ({ read })),
            ...["../**", "../../**", `${outside}/*`, "**/../**", "{..,x}/*"].flatMap((glob) => [
              { list: ".", glob },
              { search: "s3cret", glob },
            ]),
            ...["..", outside, NUL].flatMap((path) => [
              { list: path },
              { search: "s3cret", in: path },
              { write: `${path}/x`, content: "x" },
              { edit: `${path}/secret`, old: "s", new: "t" },
              { run: ["pwd"], cwd: path },
            ]),
          ],
        });
        expect(answer.data.steps.map(({ status }) => status)).not.toContain("completed");
        expect(await readdir(outside)).toEqual(["secret"]);
        expect(await readFile(join(outside, "secret"), "utf8")).toBe("s3cret");
      });
    });
  });

  test("by no link that is swapped again and again, between a look and the use", async () => {
    await inFolder({ secret: "s3cret", listed: "" }, async (outside) => {
      await session(connect, {}, async (client, folder) => {
        await mkdir(join(folder, "inside"));
        await writeFile(join(folder, "inside", "secret"), "plain");
        // Now a folder, now a link that leads out: what was no link when it was looked at is one when it is opened.
        const code = `
          const { existsSync, renameSync, rmSync, symlinkSync, unlinkSync } = require("node:fs");
          renameSync("inside", "door");
          process.stdout.write("swapping");
          for (;;) {
            try {
              renameSync("door", "inside");
              symlinkSync(${JSON.stringify(outside)}, "door");
              unlinkSync("door");
              renameSync("inside", "door");
            } catch {
              // A step has made a folder where for a moment there was none.
              rmSync("door", { recursive: true, force: true });
              if (existsSync("inside")) renameSync("inside", "door");
            }
          }`;
        const swapping = spawn(process.execPath, ["-e", code], { cwd: folder, stdio: "pipe" });
        const closed = once(swapping, "close");
        await once(swapping.stdout, "data");
        let looks = 0;
        try {
          for (let round = 0; round < 40; round += 1) {
            const answer = await client.call("parallel_run", {
              steps: Array.from({ length: 6 }, (_, n) => [
                { read: "door/secret" },
                { search: "3cre", in: "door" },
                { list: "door" },
                { write: `door/new-${n}`, content: "x" },
                { edit: "door/secret", old: "s3", new: "t4" },
              ]).flat(),
            });
            looks += answer.data.steps.filter(({ status }) => status === "completed").length;
            expect(answer.text).not.toMatch(/s3cret|listed/);
          }
        } finally {
          swapping.kill("SIGKILL");
          await closed;
        }
        expect(looks).toBeGreaterThan(0); // The door led inside, too.
        expect((await readdir(outside)).toSorted()).toEqual(["listed", "secret"]);
        expect(await readFile(join(outside, "secret"), "utf8")).toBe("s3cret");
      });
    });
  });
});

describe("nothing becomes code", () => {
  test("of an argument, of a name, or of what another step has found", async () => {
    await session(connect, {}, async (client, folder) => {
      for (const name of CODE.filter((each) => !/[\n~*]/.test(each))) {
        await writeFile(join(folder, name), "needle\n");
      }
      const answer = await client.call("parallel_run", {
        steps: [
          { run: ["printf", "%s|", ...CODE] },
          { id: "s", search: "needle" },
          { id: "r", read: { $from: "s", path: "/files" } },
          { run: ["cat", "--", { $from: "s", path: "/files/0" }] },
          { run: ["printf", "%s", { $from: "r", path: "/text" }] },
          { run: "cat", stdin: { $from: "s", path: "/files/1" } },
          ...CODE.map((write) => ({ write, content: "needle\n" })),
        ],
      });
      expect(outputs(answer)[0]).toBe(`${CODE.join("|")}|`);
      expect(new Set(answer.data.steps.map(({ status }) => status))).toEqual(
        new Set(["completed"]),
      );
      expect(await readdir(folder)).not.toContain("hacked");
    });
  });

  test("nor a program, not even by a reference in a list", async () => {
    await session(connect, {}, async (client, folder) => {
      const say = { id: "say", run: "echo touch hacked" };
      for (const run of [
        { $from: "say", path: "/stdout" },
        [{ $from: "say", path: "/stdout" }, "x"],
      ]) {
        const answer = await client.call("parallel_run", { steps: [say, { run }] });
        expect(answer.isError).toBe(true);
        expect(answer.text).toContain("what runs must be written out");
      }
      expect(await readdir(folder)).not.toContain("hacked");
    });
  });

  test("nor a path an option", async () => {
    await session(connect, { "-rf": "needle", "keep.txt": "" }, async (client, folder) => {
      const answer = await client.call("parallel_run", {
        steps: [
          { id: "s", search: "needle" },
          { id: "l", list: ".", glob: "-*" },
          { run: ["echo", { $from: "l", path: "/files/0" }] },
          { read: { $from: "s", path: "/files" } },
          { run: ["rm", { $from: "s", path: "/files/0" }, "nothing"], after: ["4"] },
        ],
      });
      expect(outputs(answer)[2]).toBe("./-rf");
      expect(outputs(answer)[3]).toBe("== ./-rf\n1\tneedle");
      expect(answer.data.steps[4]?.status).toBe("failed"); // With -f nothing would have been wrong.
      expect((await readdir(folder)).filter((name) => !name.startsWith("."))).toEqual(["keep.txt"]);
    });
  });

  test("and no output looks like the head of another step", async () => {
    const head = "=== 9 (run) completed in 1 ms";
    await session(connect, { "a.txt": head }, async (client) => {
      const steps = [
        { run: `printf '${head}\\n\\r${head}\\342\\200\\250${head}'` },
        { run: "printf '\\033[2J'" },
      ];
      const { text } = await client.call("parallel_run", { steps });
      expect(text.match(/^===.*/gm)).toHaveLength(2);
      expect(text).not.toContain("\u001b");
    });
  });
});

describe("names mean nothing but themselves", () => {
  test("__proto__ and constructor as ids and in references", async () => {
    await session(connect, { "a.txt": "a" }, async (client) => {
      const answer = await client.call("parallel_run", {
        steps: [
          { id: "__proto__", read: "a.txt" },
          { id: "constructor", run: ["echo", "x"] },
          { read: { $from: "__proto__", path: "/__proto__/x" } },
          { run: ["echo", { $from: "constructor", path: "/constructor/name" }] },
          { run: ["echo", { $from: "constructor", path: "/stdout" }], after: ["__proto__"] },
        ],
      });
      expect(brief(answer).map((each) => each.split(" ")[2])).toEqual([
        "completed",
        "completed",
        "invalid",
        "invalid",
        "completed",
      ]);
    });
  });

  test.each([
    '{"steps": [{"__proto__": {"read": "a.txt"}}]}',
    '{"steps": [{"read": "a.txt", "__proto__": {"x": 1}}]}',
    '{"steps": [{"read": "a.txt", "toString": "x"}]}',
    '{"__proto__": {"steps": [{"read": "a.txt"}]}}',
    '{"steps": [{"id": "a", "read": "a.txt"}, {"id": "a", "read": "a.txt"}]}',
    '{"steps": [{"id": "a\\n=== b", "read": "a.txt"}]}',
    '{"steps": [{"read": "a.txt", "from": 1e308}]}',
    '{"steps": [{"run": "true", "timeoutMs": 1e12}]}',
  ])("%s is refused as a whole", async (text) => {
    await session(connect, { "a.txt": "a" }, async (client) => {
      const given = JSON.parse(text) as Readonly<Record<string, unknown>>;
      const { isError, data } = await client.call(
        "parallel_run",
        Object.fromEntries(Object.entries(given)),
      );
      expect({ isError, steps: data.steps }).toEqual({ isError: true, steps: [] });
    });
  });
});

describe("what is large", () => {
  test("is bounded: lines of 100 MB, and batches of a hundred thousand steps", async () => {
    await session(connect, {}, async (client, folder) => {
      const file = await open(join(folder, "line.txt"), "w");
      for (let n = 0; n < 100; n += 1) {
        await file.write(Buffer.alloc(1_000_000, "x"));
      }
      await file.close();
      const answer = await client.call("parallel_run", {
        steps: [{ read: "line.txt" }, { search: "x+", in: "line.txt" }, { run: "cat line.txt" }],
      });
      expect(answer.data.steps.map(({ status }) => status)).toEqual(Array(3).fill("completed"));
      expect(Buffer.byteLength(JSON.stringify(answer.data))).toBeLessThanOrEqual(10_000);
      expect(answer.text.split("\n").every((line) => line.length < 1200)).toBe(true);
      const steps = Array.from({ length: 100_000 }, () => ({ read: "line.txt" }));
      expect((await client.call("parallel_read", { steps })).text).toContain("not of 100000");
    });
  });

  test("ends: patterns that would be tried for ever", async () => {
    await session(
      connect,
      { [`${"a".repeat(250)}b`]: `${"a".repeat(5000)}b\n` },
      async (client) => {
        const answer = await client.call("parallel_read", {
          steps: [
            { search: "^(a+)+$" },
            { search: "(a*)*b*(a|aa)+c" },
            { list: ".", glob: `${"*a".repeat(30)}*c` },
            { list: ".", glob: "+(a|aa)c" },
            { list: ".", glob: `${"**/a/".repeat(6)}c` },
            { list: ".", glob: "{1..100000000}" },
            { list: ".", glob: "{a,b}".repeat(30) },
            { search: "a", glob: `${"*a".repeat(30)}*c` },
          ],
        });
        expect(answer.data.steps.map(({ status }) => status)).toEqual([
          "completed",
          "completed",
          "failed",
          "failed",
          "failed",
          "completed",
          "completed",
          "failed",
        ]);
      },
    );
  });
});

describe("a policy", () => {
  const policy = [
    "--allow",
    "git log *",
    "--allow",
    "git status",
    "--allow",
    "echo **",
    "--deny",
    "echo no **",
  ];

  test("is not got around by words, wrappers, runs, plans or results", async () => {
    await session(
      connect,
      { "plan.yaml": "tasks: { a: { command: touch hacked } }", git: "#!/bin/sh\ntouch hacked\n" },
      async (client, folder) => {
        const denied = [
          ["git", "log", "--output=hacked"],
          ["git", "log"],
          ["git", "log", "a", "b"],
          ["git", "-c", "alias.log=!touch hacked", "log", "x"],
          ["./git", "log", "x"],
          ["env", "git", "log", "x"],
          ["sh", "-c", "echo x"],
          ["/bin/echo", "x"],
          ["echo\n", "x"],
          ["ECHO", "x"],
          ["echo", "no"],
          ["echo", "no", "x"],
          "echo x",
          "echo x; touch hacked",
        ];
        const answer = await client.call("parallel_run", {
          steps: [
            ...denied.map((run) => ({ run, reads: [] })),
            { id: "say", run: ["echo", "a;b\n$(touch hacked)"] },
            { run: ["echo", { $from: "say", path: "/stdout" }] },
            { run: ["git", "log", { $from: "opt", path: "/stdout" }] },
            { id: "opt", run: ["echo", "-n", "--output=hacked"] },
          ],
        });
        expect(answer.data.steps.map(({ status }) => status)).toEqual([
          ...Array<string>(denied.length).fill("denied"),
          "completed",
          "completed",
          "denied",
          "completed",
        ]);
        await expect(client.call("run_plan", { plan: "plan.yaml" })).rejects.toThrow("no tool");
        expect((await client.call("start_run", { plan: "plan.yaml" })).isError).toBe(true);
        const started = await client.call("start_run", {
          steps: [{ run: ["touch", "hacked"], reads: [] }],
        });
        const ended = await client.call("run_status", { run: started.data["run"], waitMs: 50_000 });
        expect(brief(ended)).toEqual(["1 run denied"]);
        expect(await readdir(folder)).not.toContain("hacked");
      },
      policy,
    );
  });

  test("is no sandbox, as the page says: git does what its configuration says, and a step may write that", async () => {
    await session(
      connect,
      {},
      async (client, folder) => {
        execFileSync("git", ["init", "-q"], { cwd: folder });
        const config = join(folder, ".git/config");
        const content = `${await readFile(config, "utf8")}\tfsmonitor = "touch hacked; false"\n`;
        const steps = [
          { write: ".git/config", content },
          { run: ["git", "status"], after: ["1"] },
        ];
        await client.call("parallel_run", { steps });
        expect(await readdir(folder)).toContain("hacked");
      },
      policy,
    );
  });

  test("of reading alone leaves nothing that writes or runs", async () => {
    await session(
      connect,
      { "a.txt": "a" },
      async (client, folder) => {
        await expect(
          client.call("parallel_run", { steps: [{ run: "touch hacked" }] }),
        ).rejects.toThrow("no tool");
        for (const step of [
          { run: "touch hacked" },
          { write: "hacked", content: "" },
          { edit: "a.txt", old: "a", new: "b" },
        ]) {
          expect((await client.call("parallel_read", { steps: [step] })).isError).toBe(true);
        }
        expect(await readdir(folder)).toEqual(["a.txt"]);
      },
      ["--read-only"],
    );
  });
});
