// A service without a transport: what it offers, what it tells, what it keeps.
import { existsSync, readdirSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { virtualClock } from "../../src/testing/index.ts";
import { KeptRuns } from "../../src/mcp/kept-runs.ts";
import { tellProgress, type Progress } from "../../src/mcp/progress.ts";
import { scrubEnvironment } from "../../src/mcp/scrub-environment.ts";
import { mcpService, type McpService } from "../../src/mcp/service.ts";
import type { McpServerOptions } from "../../src/mcp/server-options.ts";
import { FIELDS, FIELDS_OF, OTHER_NAMES } from "../../src/mcp/step-fields.ts";
import { KINDS } from "../../src/mcp/step.ts";
import { inFolder } from "../support/fanfold.ts";
import { answerOf, type Answer } from "../support/mcp-client.ts";
import { pipe } from "../support/mcp-laws.ts";

afterEach(() => void vi.unstubAllEnvs());

/** Runs `use` with a service of a new folder, and closes it. */
async function withService(
  options: Partial<McpServerOptions>,
  use: (service: McpService, folder: string) => Promise<void>,
): Promise<void> {
  await inFolder({}, async (folder) => {
    const service = mcpService({ roots: [folder], version: "1", ...options });
    try {
      await use(service, folder);
    } finally {
      await service.close("the test is over");
    }
  });
}

async function call(service: McpService, name: string, given: object): Promise<Answer> {
  const tool = service.tools.find((each) => each.name === name)!;
  const { signal } = new AbortController();
  return answerOf(await service.call(tool, given as Record<string, unknown>, { signal }));
}

describe("what a model is told", () => {
  test.each<[string, Partial<McpServerOptions>]>([
    ["of everything", { allowHosts: ["example.com"] }],
    ["with a policy", { allow: ["npm test"] }],
    ["where nothing may change", { readOnly: true }],
  ])("%s is short: every conversation pays for it", async (_, options) => {
    await withService(options, async ({ tools, instructions }) => {
      const tokens = Buffer.byteLength(JSON.stringify(tools) + instructions) / 4;
      expect(tokens).toBeLessThan(options.readOnly === true ? 900 : 2500);
    });
  });

  test("has no example that a policy refuses", async () => {
    const described = async (options: Partial<McpServerOptions>): Promise<string> => {
      let text = "";
      await withService(options, async ({ tools }) => {
        text = tools.find(({ name }) => name === "parallel_run")?.description ?? "";
      });
      return text;
    };
    expect(await described({})).toContain('"run": "npm test"');
    expect(await described({ allow: ["npm test"] })).not.toContain('"run": "');
    expect(await described({ allow: ["npm test"] })).toContain('"run": ["npm", "test"]');
  });

  test("names tools that there are where a step is of no use", async () => {
    const steps = [{ write: "a", content: "" }];
    for (const [readOnly, text] of [
      [true, "parallel_read has no steps of kind write: nothing may be changed here"],
      [false, "parallel_read has no steps of kind write: use parallel_run for it"],
    ] as const) {
      await withService({ readOnly }, async (service) => {
        expect((await call(service, "parallel_read", { steps })).text).toContain(text);
      });
    }
  });

  test("names every field of a step, each in the words of its kinds", () => {
    expect(Object.keys(FIELDS).toSorted()).toEqual(
      [...new Set(KINDS.flatMap((kind) => FIELDS_OF[kind]))].toSorted(),
    );
    const known = [...Object.keys(FIELDS), "id", "after"];
    expect(Object.values(OTHER_NAMES).filter((name) => !known.includes(name))).toEqual([]);
    expect(Object.keys(OTHER_NAMES).filter((name) => known.includes(name))).toEqual([]);
  });
});

describe("progress", () => {
  test("is told each second, with a number that grows, until it is ended", async () => {
    const clock = virtualClock({ autojump: false });
    const told: Progress[] = [];
    let standing = { ended: 0, total: 3, running: [] as string[] };
    const stop = tellProgress(
      clock,
      () => standing,
      (each) => told.push(each),
    );
    await clock.advance(999);
    expect(told).toEqual([]);
    await clock.advance(1001);
    standing = { ended: 1, total: 3, running: ["a", "b"] };
    await clock.advance(2000);
    standing = { ended: 3, total: 3, running: [] };
    await clock.advance(1000);
    stop();
    await clock.advance(10_000);
    expect(told).toEqual([
      { progress: 0, total: 3, message: "0 of 3 ended; waiting for other calls" },
      { progress: 0.5, total: 3, message: "0 of 3 ended; waiting for other calls" },
      { progress: 1, total: 3, message: "1 of 3 ended; running: a, b" },
      { progress: 1.5, total: 3, message: "1 of 3 ended; running: a, b" },
      { progress: 3, total: 3, message: "3 of 3 ended" },
    ]);
  });
});

describe("a call", () => {
  test("whose commands declare nothing waits for all others, and says so", async () => {
    await withService({}, async (service, folder) => {
      const [one, two] = [pipe(folder, "one"), pipe(folder, "two")];
      const first = call(service, "parallel_run", { steps: [{ run: "cat one", reads: ["one"] }] });
      const second = call(service, "parallel_run", {
        steps: [{ run: "echo second" }, { run: "cat two" }],
      });
      await writeFile(one, "first");
      await first;
      // Its own steps run side by side: the second of them waits for this.
      await writeFile(two, "two");
      const { data } = await second;
      expect(data.steps.map(({ output }) => output)).toEqual(["second", "two"]);
    });
  });

  test("tells of its progress no more once it is cancelled", async () => {
    const clock = virtualClock({ autojump: false });
    await withService({ clock }, async (service, folder) => {
      const ready = pipe(folder, "ready");
      const tool = service.tools.find(({ name }) => name === "parallel_run")!;
      const controller = new AbortController();
      const told: string[] = [];
      const run = "echo > ready; exec sleep 1000";
      const answer = service.call(
        tool,
        { steps: [{ id: "a", run }] },
        { signal: controller.signal, onProgress: ({ message }) => told.push(message) },
      );
      await readFile(ready);
      await clock.advance(1000);
      controller.abort("the client cancels");
      await clock.advance(1000);
      await answer;
      expect(told).toEqual(["0 of 1 ended; running: a"]);
    });
  });

  test("that comes after the end is cancelled, each step of it", async () => {
    await withService({}, async (service, folder) => {
      await service.close("the server ends");
      await writeFile(join(folder, "a"), "");
      const { data } = await call(service, "parallel_read", { steps: [{ read: "a" }] });
      expect(data.steps.map(({ status }) => status)).toEqual(["cancelled"]);
    });
  });

  test("that is cancelled while it runs tells of each step what became of it", async () => {
    await withService({}, async (service, folder) => {
      const begun = pipe(folder, "begun");
      const steps = [
        { run: "echo whole", reads: [] },
        { run: "echo > begun; cat never", reads: [], after: ["1"] },
      ];
      pipe(folder, "never");
      const { data: started } = await call(service, "start_run", { steps });
      await readFile(begun); // The second step has begun.
      const { data } = await call(service, "cancel_run", { run: started["run"] });
      expect(data.steps).toMatchObject([
        { status: "completed", output: "whole" },
        { status: "cancelled", output: expect.stringContaining("told to stop") },
      ]);
    });
  });

  test.each(["seq 1 100000", "seq 1 100000 >&2", "echo x; seq 1 100000; seq 1 9 >&2"])(
    "says of %s how much of all of it is missing, and that its file does not have all",
    async (run) => {
      await withService({}, async (service) => {
        const { data, text } = await call(service, "parallel_run", { steps: [{ run }] });
        const [step] = data.steps;
        const [head = "", left = "", tail = ""] = (step?.output ?? "").split(
          /… (.*) bytes left out …\n/,
        );
        const out = Array.from({ length: 100_000 }, (_, index) => `${index + 1}\n`).join("");
        const around = { "seq 1 100000": -1, "seq 1 100000 >&2": "stderr:".length }[run];
        const all = out.length + (around ?? "x\nstderr:\n1\n2\n3\n4\n5\n6\n7\n8\n9".length);
        expect(head.length + tail.length + Number(left.replaceAll(",", ""))).toBe(all);
        expect(step?.fullOutput).toBeUndefined();
        expect(text).toContain(`beginning and end of the output: ${step?.outputEnds}`);
        expect(await readFile(step?.outputEnds ?? "", "utf8")).toMatch(
          /\n\d+\n… 32\d,\d{3} bytes left out …\n\d+\n[^]*\n100000(?:\n|$)/,
        );
      });
    },
  );

  test("that is cancelled while it runs tells of a command what it has printed until then", async () => {
    await withService({}, async (service, folder) => {
      const begun = pipe(folder, "begun");
      pipe(folder, "never");
      const run = "echo so far; echo careful >&2; echo > begun; exec cat never";
      const steps = [{ id: "a", run, reads: [] }];
      const { data: started } = await call(service, "start_run", { steps });
      await readFile(begun);
      const { data } = await call(service, "cancel_run", { run: started["run"] });
      expect(data.steps[0]).toMatchObject({
        status: "cancelled",
        output: expect.stringMatching(/ It had printed:\nso far\nstderr:\ncareful$/),
      });
    });
  });

  test("of which a step stops the others tells what their commands have printed until then", async () => {
    await withService({}, async (service, folder) => {
      pipe(folder, "begun");
      pipe(folder, "never");
      const steps = [
        { id: "a", run: "seq 1 3000; echo > begun; exec cat never", reads: [] },
        { id: "b", run: "read line < begun; exit 3", reads: [] },
      ];
      const { data } = await call(service, "parallel_run", { steps, failure: "stop" });
      const [stopped] = data.steps;
      expect(stopped).toMatchObject({
        status: "cancelled",
        output: expect.stringMatching(/ It had printed:\n1\n2\n[^]* bytes left out …\n[^]*\n3000$/),
      });
      expect(await readFile(stopped?.fullOutput ?? "", "utf8")).toContain("\n1500\n");
    });
  });

  test("keeps of files as much as one step may, however many steps read some", async () => {
    await withService({}, async (service, folder) => {
      await writeFile(join(folder, "long"), "x\n".repeat(200_000));
      const kept = async (readers: number): Promise<number> => {
        const reads = Array.from({ length: readers }, (_, index) => ({
          read: "long",
          to: 200_000 + index,
        }));
        const stdin = { $from: "1", path: "/files/0/text" };
        const count = { id: "count", run: ["wc", "-c"], stdin };
        const { data } = await call(service, "parallel_run", { steps: [...reads, count] });
        return Number(data.steps.at(-1)?.output);
      };
      expect(await kept(1)).toBe(256 * 1024); // As much as is kept of a file.
      expect(await kept(49)).toBe(171_196); // 8 MiB by 49, in whole lines.
    });
  });

  test("that refers to the text of what it reads gets all of it, or is told that there is no such text", async () => {
    await withService({}, async (service, folder) => {
      await writeFile(join(folder, "long"), "x\n".repeat(200_000));
      const copy = { write: "copy", content: { $from: "1", path: "/text" } };
      const whole = [{ read: ["long", "long"], to: 3 }, copy];
      await call(service, "parallel_run", { steps: whole });
      expect(await readFile(join(folder, "copy"), "utf8")).toBe("x\n".repeat(6));
      const { data } = await call(service, "parallel_run", { steps: [{ read: "long" }, copy] });
      expect(data.steps[1]).toMatchObject({
        status: "invalid",
        output: expect.stringContaining(
          'there is no "text" in its output, which has files, tooLongForText',
        ),
      });
      expect(await readFile(join(folder, "copy"), "utf8")).toBe("x\n".repeat(6));
    });
  });

  test("whose patterns lead out of a folder is told the field that names folders", async () => {
    await withService({}, async (service) => {
      const steps = [
        { search: "x", glob: "../*" },
        { list: ".", glob: "/tmp/*" },
      ];
      const { data } = await call(service, "parallel_read", { steps });
      expect(data.steps.map(({ output }) => output.split("; ")[1])).toEqual([
        'name the folder in "in"',
        'name the folder in "list"',
      ]);
    });
  });

  test("that refers to a list of files of which there are none is told so", async () => {
    await withService({}, async (service) => {
      const steps = [{ id: "s", search: "nowhere" }, { read: { $from: "s", path: "/files" } }];
      const { data } = await call(service, "parallel_read", { steps });
      expect(data.steps[1]).toMatchObject({
        status: "invalid",
        output: expect.stringContaining("read: must be a text or a list of 1 to 1000 texts"),
      });
    });
  });

  test("that refers to what a command printed gets all of it, or is told that it was not kept", async () => {
    await withService({}, async (service, folder) => {
      const copied = async (run: string): Promise<Answer> => {
        const copy = { write: "copy", content: { $from: "1", path: "/stdout" } };
        return await call(service, "parallel_run", { steps: [{ run }, copy] });
      };
      const bytes = 256 * 1024;
      await copied(`head -c ${bytes} /dev/zero | tr '\\0' x`);
      expect((await readFile(join(folder, "copy"), "utf8")) === "x".repeat(bytes)).toBe(true);
      const { data } = await copied(`head -c ${bytes + 1} /dev/zero | tr '\\0' y`);
      expect(data.steps[0]?.output).toMatch(/^y[^]*left out[^]*y/);
      expect(data.steps[1]).toMatchObject({
        status: "invalid",
        output: expect.stringContaining('there is no "stdout" in its output'),
      });
      expect(await readFile(join(folder, "copy"), "utf8")).toMatch(/^x+$/);
    });
  });

  test.each([[null], [""], [[]]])(
    "may have %j for every argument that it does not mean",
    async (none) => {
      await withService({}, async (service, folder) => {
        await writeFile(
          join(folder, "p.yaml"),
          "tasks: { a: { command: echo hi, reads: p.yaml } }",
        );
        const [read, batch] = [
          { read: "p.yaml" },
          { failure: none, plan: none, set: none, only: none },
        ];
        const ask = async (name: string, given: object): Promise<string> =>
          (await call(service, name, given)).text;
        expect(await ask("parallel_read", { steps: [read], failure: none })).toContain("completed");
        expect(await ask("start_run", { steps: [read], ...batch })).toContain("r1 has started");
        expect(await ask("start_run", { plan: "p.yaml", steps: none })).toContain("r2 has started");
        expect(await ask("run_status", { run: "r1", waitMs: none })).toContain("Run r1");
        const plan = { plan: "p.yaml", set: none, only: none };
        expect(await ask("check_plan", plan)).toContain("1 task, nothing wrong");
        expect(await ask("run_plan", plan)).toContain("=== a (command) completed");
      });
    },
  );

  test("that asks for nothing there is leaves the service as it was", async () => {
    await withService({}, async (service) => {
      const cyclic: Record<string, unknown> = {};
      cyclic["read"] = cyclic;
      const answer = await call(service, "parallel_read", { steps: [cyclic] });
      expect(answer.isError).toBe(true);
      const fine = await call(service, "parallel_run", { steps: [{ run: "echo fine" }] });
      expect(fine.data.steps[0]?.output).toBe("fine");
    });
  });
});

describe("plans", () => {
  const plan = async (folder: string, tasks: readonly string[]): Promise<void> =>
    await writeFile(
      join(folder, "p.yaml"),
      `tasks:\n${tasks.map((each) => `  ${each}\n`).join("")}`,
    );

  test("whose tasks all declare what they touch run beside calls that touch something else", async () => {
    await withService({}, async (service, folder) => {
      const go = pipe(folder, "go");
      await plan(folder, ["a: { command: cat go, reads: go }", "b: { read: p.yaml }"]);
      const running = call(service, "run_plan", { plan: "p.yaml" });
      const beside = await call(service, "parallel_read", { steps: [{ read: "p.yaml" }] });
      expect(beside.data.steps[0]?.status).toBe("completed");
      await writeFile(go, "went");
      expect((await running).data.steps.map(({ output }) => output)[0]).toBe("went");
    });
  });

  test("tell what a command said on standard error as such, also where it said nothing else", async () => {
    await withService({}, async (service, folder) => {
      await plan(folder, [
        "a: { command: 'echo careful >&2' }",
        "b: { command: 'echo x; echo y >&2' }",
      ]);
      const { data } = await call(service, "run_plan", { plan: "p.yaml" });
      expect(data.steps.map(({ output }) => output)).toEqual(["stderr:\ncareful", "x\nstderr:\ny"]);
    });
  });

  test("tell of what a command printed the beginning and the end, and keep all of it in a file", async () => {
    await withService({}, async (service, folder) => {
      await plan(folder, [
        "a: { command: 'seq 1 20000; seq 1 20000 >&2' }",
        "b: { command: 'seq 1 20000; exit 3' }",
        "c: { command: [seq, '200000'] }",
      ]);
      await writeFile(join(folder, "p.yaml"), "failure: continue\n", { flag: "a" });
      const { data } = await call(service, "run_plan", { plan: "p.yaml" });
      expect(data.steps.map(({ outputEnds }) => outputEnds !== undefined)).toEqual([
        false,
        false,
        true,
      ]);
      const files = data.steps.map(({ fullOutput, outputEnds = "" }) =>
        readFile(fullOutput ?? outputEnds, "utf8"),
      );
      const [both = "", failed = "", longest = ""] = await Promise.all(files);
      const numbers = Array.from({ length: 20_000 }, (_, index) => index + 1).join("\n");
      expect(both === `${numbers}\nstderr:\n${numbers}`).toBe(true);
      expect(failed === `"seq 1 20000; exit 3" failed: exit code 3\n${numbers}`).toBe(true);
      expect(longest).toMatch(/^1\n[^]*\n… 1,0\d\d,\d{3} bytes left out …\n[^]*\n200000$/);
      for (const { output } of data.steps) {
        expect(output).toMatch(/^1$[^]* bytes left out …[^]*^20+$/m);
      }
    });
  });

  test("tell of each item what it printed, and how it failed", async () => {
    await withService({}, async (service, folder) => {
      const command = "'echo ${{ item }}; echo e >&2; test ${{ item }} != z'";
      await plan(folder, [
        `a: { each: [x, y], do: { command: ${command} } }`,
        `b: { each: [x, z], do: { command: ${command} } }`,
      ]);
      await writeFile(join(folder, "p.yaml"), "failure: continue\n", { flag: "a" });
      const { data } = await call(service, "run_plan", { plan: "p.yaml" });
      const [fine, failed] = data.steps.map(({ output }) => output);
      expect(JSON.parse(fine ?? "")).toEqual({
        kind: "command",
        items: [
          { item: "x", status: "completed", value: "x\nstderr:\ne" },
          { item: "y", status: "completed", value: "y\nstderr:\ne" },
        ],
      });
      expect(failed).toContain("1 of 2 items failed: b[z]\nb[z]: ");
      expect(failed).toMatch(/ failed: exit code 1\nz\nstderr:\ne$/);
    });
  });

  test("say of what a module returned that it is not JSON, and tell all else", async () => {
    await withService({}, async (service, folder) => {
      const module = "export const big = (n) => (n === 2 ? { n: 2n } : n);";
      await writeFile(join(folder, "m.mjs"), module);
      await plan(folder, [
        "a: { module: './m.mjs#big', with: 2 }",
        "b: { each: [1, 2], do: { module: './m.mjs#big', with: '${{ item }}' } }",
        "c: { command: echo fine }",
      ]);
      const { data } = await call(service, "run_plan", { plan: "p.yaml" });
      const [one = "", items = "", fine] = data.steps.map(({ output }) => output);
      expect(one).toMatch(/^"\[not JSON: .*BigInt.*\]"$/);
      expect(JSON.parse(items).items).toEqual([
        { item: 1, status: "completed", value: 1 },
        { item: 2, status: "completed", value: expect.stringMatching(/^\[not JSON: .*BigInt/) },
      ]);
      expect(fine).toBe("fine");
    });
  });

  test("say of the items of a task how much is missing of what each printed", async () => {
    await withService({}, async (service, folder) => {
      await plan(folder, ["a: { each: [200000, 1], do: { command: 'seq ${{ item }}' } }"]);
      const { data } = await call(service, "run_plan", { plan: "p.yaml" });
      const [step] = data.steps;
      const all = JSON.parse(await readFile(step?.outputEnds ?? "", "utf8"));
      const [head = "", left = "", tail = ""] = all.items[0].value.split(/… (.*) bytes left out …/);
      const out = Array.from({ length: 200_000 }, (_, index) => index + 1).join("\n");
      expect(head.length + tail.length + Number(left.replaceAll(",", ""))).toBe(out.length);
      expect(out.startsWith(head) && out.endsWith(tail)).toBe(true);
    });
  });

  test("get lists and objects as their inputs, and nothing where null is set", async () => {
    await withService({}, async (service, folder) => {
      const inputs = "inputs: { names: [x], of: { a: 1 }, text: t, none: n }";
      const value = "${{ inputs.names }} ${{ inputs.of }} ${{ inputs.text }} ${{ inputs.none }}";
      const tasks = `tasks: { a: { command: [echo, "${value}"], reads: p.yaml } }`;
      await writeFile(join(folder, "p.yaml"), `${inputs}\n${tasks}`);
      const set = { names: ["y", "z"], of: { b: 2 }, text: "u", none: null };
      const { data } = await call(service, "run_plan", { plan: "p.yaml", set });
      expect(data.steps[0]?.output).toBe('["y","z"] {"b":2} u n');
    });
  });

  test.each<[string, readonly string[]]>([
    ["a command that declares nothing", ["a: { command: cat go }"]],
    ["an exclusive task", ["a: { command: cat go, reads: go, exclusive: true }"]],
    ["items that declare nothing", ["a: { each: [go], do: { command: 'cat ${{ item }}' } }"]],
  ])("with %s run alone", async (_, tasks) => {
    await withService({}, async (service, folder) => {
      const go = pipe(folder, "go");
      await plan(folder, tasks);
      const started = await call(service, "start_run", { plan: "p.yaml" });
      expect(started.text).toContain("All other calls wait until it has ended");
      const order: string[] = [];
      const note = async (name: string, what: Promise<unknown>): Promise<void> => {
        await what;
        order.push(name);
      };
      const write = { steps: [{ write: "x", content: "" }] };
      const both = [
        note("plan", call(service, "run_status", { run: "r1", waitMs: 50_000 })),
        note("write", call(service, "parallel_run", write)),
      ];
      await writeFile(go, "");
      await Promise.all(both);
      expect(order).toEqual(["plan", "write"]);
    });
  });
});

describe("runs that outlive calls", () => {
  test("are not started by a call that was cancelled meanwhile, as by the end of the server", async () => {
    await withService({}, async (service, folder) => {
      await writeFile(join(folder, "p.yaml"), "tasks: { a: { command: touch ran } }");
      const started = call(service, "start_run", { plan: "p.yaml" });
      await service.close("the server ends");
      expect((await started).text).toBe("Nothing was started, as the call was cancelled.");
      expect(existsSync(join(folder, "ran"))).toBe(false);
    });
  });

  test("leave nothing behind where they are refused", async () => {
    await inFolder({}, async (folder) => {
      vi.stubEnv("TMPDIR", folder);
      await withService({}, async (service, root) => {
        await writeFile(join(root, "p.yaml"), "tasks: { a: { command: touch ran } }");
        pipe(root, "never");
        for (let count = 0; count < 20; count += 1) {
          await call(service, "start_run", { steps: [{ run: "cat never", reads: [] }] });
        }
        const { text } = await call(service, "start_run", { plan: "p.yaml" });
        expect(text).toContain("20 runs are under way");
        const [own = ""] = readdirSync(folder).filter((name) => name.startsWith("fanfold-mcp-"));
        expect(readdirSync(join(folder, own))).toEqual([".owner.json"]);
      });
    });
  });

  const idle = { ended: 0, total: 1, running: [] };
  const shown = { text: "done", data: {} };

  test("are kept, the last 20 that have ended", async () => {
    const runs = new KeptRuns();
    for (let count = 0; count < 25; count += 1) {
      const run = runs.start({ startedAtMs: 0, standing: () => idle, run: async () => shown });
      await run.ended;
    }
    expect(() => runs.get("r5")).toThrow('There is no run "r5". Known are: r6, r7');
    expect(runs.get("r6").shown).toBe(shown);
  });

  test("are no more than 20 at once, and all end when the server does", async () => {
    const runs = new KeptRuns();
    const untilCancelled = async (_: string, signal: AbortSignal) => {
      await new Promise((resolve) => {
        signal.addEventListener("abort", resolve);
      });
      return shown;
    };
    for (let count = 0; count < 20; count += 1) {
      runs.start({ startedAtMs: 0, standing: () => idle, run: untilCancelled });
    }
    expect(() => runs.start({ startedAtMs: 0, standing: () => idle, run: untilCancelled })).toThrow(
      "20 runs are under way, which is the most there may be",
    );
    await runs.close("the end");
    expect(runs.get("r20").shown).toBe(shown);
  });

  test("that throw are told of as failed", async () => {
    const runs = new KeptRuns();
    const run = async () => await Promise.reject(new Error("no"));
    const kept = runs.start({ startedAtMs: 0, standing: () => idle, run });
    await kept.ended;
    expect(kept.shown?.text).toBe("no");
  });
});

test("what has a secret in its value is taken out of an environment, but what is kept", () => {
  const stripe = `sk_live_${"a1".repeat(12)}`;
  const environment: Record<string, string | undefined> = {
    REGISTRY: "https://registry.example.com/",
    DATABASE_URL: "postgres://user:password@host/db",
    TEST_DATABASE_URL: "postgres://user:password@localhost/test",
    BILLING: stripe,
    LOCAL_URL: "postgres://user@localhost/db",
    NOTHING: undefined,
  };
  expect(scrubEnvironment(environment, ["TEST_DATABASE_URL"])).toEqual(["DATABASE_URL", "BILLING"]);
  expect(Object.keys(environment)).toEqual([
    "REGISTRY",
    "TEST_DATABASE_URL",
    "LOCAL_URL",
    "NOTHING",
  ]);
});

test("what looks like a secret by its name is taken out of an environment, but what is kept", () => {
  const environment: Record<string, string | undefined> = {
    PATH: "/bin",
    PWD: "/",
    GITHUB_TOKEN: "a",
    OPENAI_API_KEY: "b",
    DB_PASSWORD: "c",
    SSH_AUTH_SOCK: "/tmp/s",
    NPM_TOKEN: "d",
  };
  expect(scrubEnvironment(environment, ["NPM_TOKEN"])).toEqual([
    "GITHUB_TOKEN",
    "OPENAI_API_KEY",
    "DB_PASSWORD",
  ]);
  expect(Object.keys(environment)).toEqual(["PATH", "PWD", "SSH_AUTH_SOCK", "NPM_TOKEN"]);
});
