/** What every client of `fanfold mcp` may rely on. */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { inFolder } from "./fanfold.ts";
import { isGone } from "./is-gone.ts";
import type { Answer, Connect, McpSession } from "./mcp-client.ts";

const closing: (() => Promise<void>)[] = [];

/** Connects to a server in a new folder, which is there while `use` runs. */
export async function session(
  connect: Connect,
  files: Readonly<Record<string, string>>,
  use: (client: McpSession, folder: string) => Promise<void>,
  args: readonly string[] = [],
): Promise<void> {
  await inFolder(files, async (folder) => {
    const client = await connect(["mcp", ...args], folder);
    closing.push(async () => await client.close());
    await use(client, folder);
    await client.close();
  });
}

/** The steps of an answer in brief. */
export const brief = ({ data }: Answer): readonly string[] =>
  data.steps.map(({ id, kind, status }) => `${id} ${kind} ${status}`);

export const outputs = ({ data }: Answer): readonly string[] =>
  data.steps.map(({ output }) => output);

/** A pipe: whoever opens one end waits for the other. */
export function pipe(folder: string, name: string): string {
  const path = join(folder, name);
  execFileSync("mkfifo", [path]);
  return path;
}

/** A command that tells its process to a pipe, ends by no SIGTERM, and leaves another in a group of its own; it never ends by itself. */
export const stubborn = (pids: string): string =>
  `trap '' TERM; setsid sh -c 'trap "" TERM; while :; do sleep 1; done' & echo "$$ $!" > ${pids}; while :; do sleep 1; done`;

/** The processes that a command tells of. */
export const pidsFrom = async (path: string): Promise<readonly number[]> =>
  (await readFile(path, "utf8")).trim().split(" ").map(Number);

const range = (count: number): readonly number[] => Array.from({ length: count }, (_, at) => at);

/** The laws, for the clients that `connect` makes. */
export function mcpLaws(name: string, connect: Connect): void {
  afterEach(async () => {
    for (const close of closing.splice(0)) {
      await close();
    }
  });

  describe(name, () => {
    test("is told of the tools, always in the same order, and how to use them", async () => {
      await session(connect, {}, async (client, folder) => {
        const tools = await client.tools();
        expect(tools.map((tool) => tool.name)).toEqual([
          "parallel_read",
          "parallel_run",
          "start_run",
          "run_status",
          "cancel_run",
          "run_plan",
          "check_plan",
        ]);
        expect(tools[0]?.annotations).toMatchObject({ readOnlyHint: true, openWorldHint: false });
        expect(tools[1]?.annotations).toMatchObject({ readOnlyHint: false, destructiveHint: true });
        expect(client.instructions).toContain("into one call");
        expect(client.instructions).toContain(folder);
      });
    });

    test("gets ten files, five searches and three commands that need each other in one call", async () => {
      const files = Object.fromEntries(range(10).map((n) => [`f${n}.txt`, `word${n}\n`]));
      await session(connect, files, async (client, folder) => {
        ["a", "b", "c"].forEach((each) => pipe(folder, each));
        const answer = await client.call("parallel_run", {
          steps: [
            ...range(10).map((n) => ({ read: `f${n}.txt` })),
            ...range(5).map((n) => ({ search: `word${n}`, glob: "*.txt" })),
            // None of them ends unless all three run at the same time.
            { id: "one", run: "echo 1 > a; cat c" },
            { id: "two", run: "cat a; echo 2 > b" },
            { id: "three", run: "cat b; echo 3 > c" },
          ],
        });
        expect(answer.data.steps.every(({ status }) => status === "completed")).toBe(true);
        expect(outputs(answer).slice(0, 10)).toEqual(
          range(10).map((n) => `== f${n}.txt\n1\tword${n}`),
        );
        expect(outputs(answer)[12]).toBe("f2.txt\n1: word2\n1 match.");
        expect(outputs(answer).slice(15)).toEqual(["3", "1", "2"]);
        for (const output of outputs(answer)) {
          expect(answer.text).toContain(output);
        }
        expect(answer.text.startsWith(answer.data.summary)).toBe(true);
      });
    });

    test("gets one result for each step, in order, whatever happens to it", async () => {
      await session(connect, { "a.txt": "one\n" }, async (client, folder) => {
        const answer = await client.call("parallel_run", {
          steps: [
            { id: "out", read: "../outside" },
            { id: "abs", read: "/etc/hostname" },
            { id: "nul", read: "a\0b" },
            { id: "none", read: "none.txt" },
            { id: "bad", search: "(" },
            { id: "exit", run: "echo no; exit 3" },
            { id: "after", run: "echo never", after: ["exit"] },
            { id: "ref", read: { $from: "exit", path: "/stdout" } },
            { id: "path", read: { $from: "fine", path: "/nothing" } },
            { id: "late", run: "sleep 1000", timeoutMs: 1 },
            { id: "signal", run: "kill -9 $$" },
            { id: "program", run: ["no-such-program-here"] },
            { id: "nulls", run: ["echo", "a\0b"] },
            { id: "cwd", run: "pwd", cwd: "nowhere" },
            { id: "fine", run: "echo fine" },
            { id: "edit", edit: "a.txt", old: "two", new: "three" },
            { id: "write", write: "../b.txt", content: "x" },
          ],
        });
        expect(brief(answer)).toEqual([
          "out read failed",
          "abs read failed",
          "nul read failed",
          "none read failed",
          "bad search failed",
          "exit run failed",
          "after run skipped",
          "ref read skipped",
          "path read invalid",
          "late run timed-out",
          "signal run failed",
          "program run failed",
          "nulls run failed",
          "cwd run failed",
          "fine run completed",
          "edit edit failed",
          "write write failed",
        ]);
        expect(outputs(answer)[0]).toContain(`give one relative to ${folder}`);
        expect(answer.data.steps[5]).toMatchObject({ note: "exit code 3", output: "no" });
        expect(outputs(answer)[6]).toBe('It was not run, as step "exit" ended as failed.');
        expect(outputs(answer)[7]).toBe(outputs(answer)[6]);
        expect(outputs(answer)[8]).toContain('there is no "nothing"');
        expect(answer.isError).toBe(false);
        expect(answer.data.summary).toContain("16 did not complete");
      });
    });

    test("uses what one step found in another, also one that stands before it", async () => {
      const files = { "a.txt": "needle\n", "b.txt": "hay\n", "c.txt": "needle\n" };
      await session(connect, files, async (client) => {
        const answer = await client.call("parallel_read", {
          steps: [{ read: { $from: 2, path: "/files" } }, { search: "needle", glob: ["*.txt"] }],
        });
        expect(outputs(answer)[0]).toBe("== a.txt\n1\tneedle\n== c.txt\n1\tneedle");
        const run = await client.call("parallel_run", {
          steps: [
            { id: "who", run: "printf '$(touch hacked); needle'" },
            { run: ["echo", { $from: "who", path: "/stdout" }] },
            { run: "cat", stdin: { $from: "who", path: "/stdout" } },
          ],
        });
        expect(outputs(run).slice(1)).toEqual(Array(2).fill("$(touch hacked); needle"));
      });
    });

    test("sees its own write in each of many calls at once, whatever the others write", async () => {
      await session(connect, {}, async (client) => {
        const answers = await Promise.all(
          range(20).map(
            async (n) =>
              await client.call("parallel_run", {
                steps: [
                  { write: "shared.txt", content: `${n}\n` },
                  { read: "./none/../shared.txt" },
                ],
              }),
          ),
        );
        expect(answers.map((answer) => outputs(answer)[1])).toEqual(
          range(20).map((n) => `== ./none/../shared.txt\n1\t${n}`),
        );
      });
    });

    test("loses no change of a file, made by commands of many calls at once", async () => {
      await session(connect, { n: "0" }, async (client, folder) => {
        const count = "n=$(cat n); sleep 0.02; echo $((n + 1)) > n";
        const silent = { run: count }; // Its call has everything to itself.
        const declared = { run: count, reads: ["n"], writes: ["n"] };
        await Promise.all(
          [silent, declared].flatMap((step) =>
            range(12).map(async () => await client.call("parallel_run", { steps: [step] })),
          ),
        );
        expect(await readFile(join(folder, "n"), "utf8")).toBe("24\n");
      });
    });

    test("keeps a command that declares nothing in order with the edits around it", async () => {
      await session(connect, { "a.txt": "1" }, async (client) => {
        const answer = await client.call("parallel_run", {
          steps: [
            { run: "cat a.txt" },
            { edit: "a.txt", old: "1", new: "2" },
            { run: "cat a.txt" },
            { edit: "a.txt", old: "2", new: "3" },
            { run: "cat a.txt" },
          ],
        });
        expect([0, 2, 4].map((at) => outputs(answer)[at])).toEqual(["1", "2", "3"]);
      });
    });

    test("may let a failure stop the other steps", async () => {
      await session(connect, {}, async (client, folder) => {
        const started = pipe(folder, "started");
        const answer = client.call("parallel_run", {
          failure: "stop",
          steps: [
            { id: "long", run: stubborn("started") },
            { id: "fails", run: "cat go; exit 1" },
          ],
        });
        const go = pipe(folder, "go");
        const pids = await pidsFrom(started);
        await writeFile(go, "");
        expect(brief(await answer)).toEqual(["long run cancelled", "fails run failed"]);
        for (const pid of pids) {
          expect(await isGone(pid)).toBe(true);
        }
      });
    });

    test("hears how far a long call is", async () => {
      await session(connect, {}, async (client, folder) => {
        const go = pipe(folder, "go");
        const heard: number[] = [];
        const messages: string[] = [];
        await new Promise<void>((resolve, reject) => {
          const call = client.call(
            "parallel_run",
            {
              steps: [
                { id: "fast", run: "true" },
                { id: "slow", run: "cat go" },
              ],
            },
            {
              onProgress: ({ progress, message = "" }) => {
                heard.push(progress);
                messages.push(message);
                if (heard.length === 2) {
                  writeFile(go, "").catch(reject);
                }
              },
            },
          );
          call.then(() => resolve(), reject);
        });
        expect(heard).toEqual(heard.toSorted((a, b) => a - b));
        expect(new Set(heard).size).toBe(heard.length);
        expect(messages[0]).toBe("1 of 2 ended; running: slow");
      });
    });

    test("leaves no process behind where it cancels a call", async () => {
      await session(connect, {}, async (client, folder) => {
        const started = pipe(folder, "started");
        const cancel = new AbortController();
        const call = client.call(
          "parallel_run",
          { steps: [{ run: stubborn("started") }] },
          { signal: cancel.signal },
        );
        const pids = await pidsFrom(started);
        cancel.abort();
        await expect(call).rejects.toThrow();
        // What it had to itself is free once it has really ended.
        const next = await client.call("parallel_run", { steps: [{ run: "echo free" }] });
        expect(outputs(next)).toEqual(["free"]);
        expect(pids).toHaveLength(2);
        for (const pid of pids) {
          expect(await isGone(pid)).toBe(true);
        }
      });
    });

    test("starts a run, goes on meanwhile, and asks for it until it has ended", async () => {
      await session(connect, { "a.txt": "a\n" }, async (client, folder) => {
        const go = pipe(folder, "go");
        const steps = [
          { id: "wait", run: "cat go", reads: ["go"], writes: ["out"] },
          { id: "then", run: "echo then", after: ["wait"], reads: [] },
        ];
        const { data } = await client.call("start_run", { steps });
        const run = data["run"] as string;
        expect(run).toBe("r1");
        expect(outputs(await client.call("parallel_read", { steps: [{ read: "a.txt" }] }))).toEqual(
          ["== a.txt\n1\ta"],
        );
        expect((await client.call("run_status", { run })).data["status"]).toBe("running");
        await writeFile(go, "went");
        const ended = await client.call("run_status", { run, waitMs: 50_000 });
        expect(ended.data["status"]).toBe("ended");
        expect(outputs(ended)).toEqual(["went", "then"]);
        expect((await client.call("run_status", { run })).data).toEqual(ended.data);
        const unknown = await client.call("run_status", { run: "r7" });
        expect(unknown.text).toContain('There is no run "r7". Known are: r1');
      });
    });

    test("cancels a run, of which nothing is left", async () => {
      await session(connect, {}, async (client, folder) => {
        const started = pipe(folder, "started");
        const steps = [{ run: stubborn("started"), reads: [] }];
        const { data } = await client.call("start_run", { steps });
        const pids = await pidsFrom(started);
        const answer = await client.call("cancel_run", { run: data["run"] });
        expect(brief(answer)).toEqual(["1 run cancelled"]);
        for (const pid of pids) {
          expect(await isGone(pid)).toBe(true);
        }
      });
    });

    test("may not start a run that would hold up everything", async () => {
      await session(connect, {}, async (client) => {
        const answer = await client.call("start_run", { steps: [{ run: "npm test" }] });
        expect(answer.isError).toBe(true);
        expect(answer.text).toContain('step "1" must say what it touches by "reads" and "writes"');
      });
    });

    test("checks and runs a plan of the project", async () => {
      const plan = [
        "inputs: { who: world }",
        "tasks:",
        "  one: { command: 'echo hello ${{ inputs.who }}', writes: out }",
        "  two: { command: cat, stdin: '${{ tasks.one.stdout }}', reads: in }",
        "  three: { command: exit 4, writes: out }",
      ].join("\n");
      await session(
        connect,
        { "plan.yaml": plan, "bad.yaml": "tasks: { a: { comand: x } }" },
        async (client) => {
          const checked = await client.call("check_plan", { plan: "plan.yaml" });
          expect(checked.data.summary).toContain("one: alone");
          expect(checked.data.summary).toContain("It runs beside calls that touch nothing");
          const wrong = await client.call("check_plan", { plan: "bad.yaml" });
          expect(wrong.isError).toBe(true);
          expect(wrong.text).toContain("did you mean");
          const ran = await client.call("run_plan", {
            plan: "plan.yaml",
            set: { who: "you" },
            only: ["two"],
          });
          expect(brief(ran)).toEqual(["one command completed", "two command completed"]);
          expect(outputs(ran)).toEqual(["hello you", "hello you"]);
          const failed = await client.call("run_plan", { plan: "plan.yaml", only: ["three"] });
          expect(failed.data["status"]).toBe("failed");
          expect(outputs(failed)[0]).toContain("exit code 4");
          const outside = await client.call("run_plan", { plan: "../plan.yaml" });
          expect(outside.text).toContain("lies outside of the root");
        },
      );
    });

    test("is told what to change about a call, and nothing was run", async () => {
      await session(connect, {}, async (client, folder) => {
        const cases: readonly [string, Readonly<Record<string, unknown>>, string][] = [
          ["parallel_run", { step: [] }, '"step" (did you mean "steps"?)'],
          ["parallel_run", {}, '"steps" must be a list'],
          ["parallel_run", { steps: [{ run: "touch x" }, { ran: "y" }] }, '(did you mean "run"?)'],
          ["parallel_run", { steps: [{ run: "touch x", after: ["1"] }] }, "1 -> 1"],
          ["parallel_read", { steps: [{ run: "touch x" }] }, "use parallel_run"],
          ["parallel_read", { steps: [{ fetch: "https://example.com" }] }, "no host may be asked"],
          ["start_run", {}, 'either "steps" or "plan"'],
          ["run_status", { run: "r1", waitMs: -1 }, "There is no run"],
          ["run_plan", { plan: 5 }, '"plan" must be the path'],
        ];
        for (const [tool, given, text] of cases) {
          const answer = await client.call(tool, given);
          expect(answer.isError, tool).toBe(true);
          expect(answer.text).toContain(text);
        }
        expect(existsSync(join(folder, "x"))).toBe(false);
        await expect(client.call("paralel_read", {})).rejects.toThrow(
          'There is no tool "paralel_read" (did you mean "parallel_read"?)',
        );
      });
    });

    test("reads the whole of an output that was cut, and only the rest of a file", async () => {
      const lines = range(5000).map((n) => `line ${n}`);
      await session(connect, { "long.txt": lines.join("\n") }, async (client) => {
        const answer = await client.call("parallel_run", {
          steps: [{ run: "cat long.txt" }, { read: "long.txt" }, { run: "echo short" }],
        });
        const [cat, read, short] = answer.data.steps;
        expect(cat?.output).toContain("line 0\n");
        expect(cat?.output).toContain("bytes left out");
        expect(cat?.output.endsWith("line 4999")).toBe(true);
        expect(read?.output).toContain("go on with from: ");
        expect(read?.fullOutput).toBeUndefined();
        expect(short?.output).toBe("short");
        expect(answer.text).toContain(`full output: ${cat?.fullOutput}`);
        const more = await client.call("parallel_read", {
          steps: [{ read: cat?.fullOutput, from: 2500, to: 2501 }],
        });
        expect(outputs(more)[0]).toContain("2500\tline 2499\n2501\tline 2500");
      });
    });

    test("works in several folders: relative paths are in the first", async () => {
      await inFolder({ "other.txt": "other\n" }, async (other) => {
        await session(
          connect,
          { "first.txt": "first\n" },
          async (client, folder) => {
            await mkdir(join(other, "sub"));
            const answer = await client.call("parallel_run", {
              steps: [
                { read: "first.txt" },
                { read: join(other, "other.txt") },
                { search: "other", in: other },
                { run: "pwd", cwd: join(other, "sub") },
                { read: ["first.txt", join(other, "other.txt")] },
                { write: join(other, "sub/new.txt"), content: "new" },
              ],
            });
            expect(outputs(answer)[1]).toBe(`== ${join(other, "other.txt")}\n1\tother`);
            expect(outputs(answer)[2]).toContain(join(other, "other.txt"));
            expect(outputs(answer)[3]).toBe(join(other, "sub"));
            expect(outputs(answer)[4]).toContain("make it one step for each of");
            expect(await readFile(join(other, "sub/new.txt"), "utf8")).toBe("new");
            expect(client.instructions).toContain(`relative to ${folder}; others`);
          },
          ["--root", ".", "--root", other],
        );
      });
    });
  });
}
