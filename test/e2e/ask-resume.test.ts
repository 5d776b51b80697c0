// What `fanfold ask` leaves on disk, and how it goes on from there.
import { execFileSync } from "node:child_process";
import { appendFileSync, existsSync } from "node:fs";
import { mkdir, readdir, readFile, realpath, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { conversationsIn, type ModelMessage } from "../../src/models/index.ts";
import { readRecording, type Recording } from "../../src/recording/read-recording.ts";
import { modelServer, type Answer, type ServerRequest } from "../models/model-server.ts";
import { fanfold, inFolder, whenPrinted } from "../support/fanfold.ts";
import {
  asking,
  call,
  command,
  ENV,
  FILES,
  KEY,
  read,
  resultsIn,
  TELL_AT_WORK,
  TWO_READS,
  type Script,
} from "./asking.ts";

const runsIn = (cwd: string): string => join(cwd, ".fanfold/runs");

/** The folders of the runs in a folder, the oldest first. */
async function runs(cwd: string): Promise<readonly string[]> {
  return (await readdir(runsIn(cwd))).toSorted().map((name) => join(runsIn(cwd), name));
}

async function lastRecording(cwd: string): Promise<Recording> {
  return await readRecording((await runs(cwd)).at(-1) ?? "");
}

/** All that stands in the files of a folder. */
async function allTextIn(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const texts = files.map(
    async ({ parentPath, name }) => await readFile(join(parentPath, name), "utf8"),
  );
  return (await Promise.all(texts)).join("\n");
}

/** What a request says after the system prompt: the role of each message, and its text. */
function saidIn(request: ServerRequest | undefined): readonly string[] {
  const messages = (request?.body["messages"] ?? []) as readonly {
    readonly role: string;
    readonly content: string | null;
  }[];
  return messages.slice(1).map(({ role, content }) => `${role}: ${content ?? ""}`);
}

const ANSWER: Answer = { text: ["Apples."] };

describe("the recording of fanfold ask", () => {
  test("is a run like any other: its events, and in them the conversation", async () => {
    await asking(TWO_READS, ["What is there?", "--json"], async ({ stdout, stderr, cwd }) => {
      const { run, messages } = JSON.parse(stdout) as {
        readonly run: { readonly id: string; readonly folder: string };
        readonly messages: readonly ModelMessage[];
      };
      expect(stderr).toContain(`Recorded in .fanfold/runs/${run.id}\n`);
      const { start, events, isWhole } = await readRecording(run.folder);
      const root = await realpath(cwd);
      expect(start.origin).toMatchObject({ command: "ask", source: root, cwd: root });
      expect(isWhole).toBe(true);
      expect(events.at(-1)).toMatchObject({ type: "run-settled", status: "completed" });
      const [conversation] = conversationsIn(events);
      expect(conversation).toMatchObject({ steps: 2, isWhole: true, unfinished: [] });
      expect(conversation?.messages).toEqual(messages);
      expect(existsSync(join(run.folder, "pid"))).toBe(false);
    });
  });

  test("has no key in it, also where the service and the tools say it", async () => {
    const script: readonly Answer[] = [
      {
        text: [`Your key is ${KEY.slice(0, 9)}`, `${KEY.slice(9)}.`],
        toolCalls: [read(`id-${KEY}`, KEY), command("2", `echo ${KEY}; echo ${KEY} > key.txt`)],
        headers: { "x-key": KEY, "set-cookie": `a=${KEY}` },
      },
      { toolCalls: [read("3", "key.txt"), call("4", "search", { pattern: "key-that" })] },
      (response) => response.writeHead(400).end(`{"error": {"message": "No: ${KEY}"}}`),
    ];
    const service = await modelServer(script);
    await inFolder({}, async (cwd) => {
      const env = { ...ENV, OPENAI_BASE_URL: service.url };
      const { code } = await fanfold(["ask", `Is it ${KEY}?`, "--write"], { cwd, env });
      expect(code).toBe(1);
      expect(service.received).toHaveLength(3);
      expect(await readFile(join(cwd, "key.txt"), "utf8")).toContain(KEY); // Nobody can keep a command from that.
      const text = await allTextIn(runsIn(cwd));
      expect(text).not.toContain(KEY);
      expect(text).toContain("Is it [redacted:OPENAI_API_KEY]?");
      expect(text).toContain("echo [redacted:OPENAI_API_KEY]");
    });
    await service.close();
  });

  test.each([false, true])(
    "is not found by the searches of its own run, in a repository: %s",
    async (isRepository) => {
      const search = call("1", "search", { pattern: "quinces" });
      const list = call("2", "list_files", {});
      const script: readonly Answer[] = [
        { toolCalls: [search, list] },
        { toolCalls: [search, list] },
        { text: ["No."] },
      ];
      await inFolder(FILES, async (cwd) => {
        if (isRepository) {
          execFileSync("git", ["init", "--quiet"], { cwd });
        }
        await asking(
          script,
          ["Are there quinces?"],
          ({ received }) => {
            const [found, files] = resultsIn(received[2]).slice(2);
            expect(found).toBe("No match.");
            expect(files).toBe("a.txt\nb.txt\n2 entries.");
          },
          { cwd },
        );
      });
    },
  );

  test("is kept below the folder in which the command is given, whatever the model reads", async () => {
    await inFolder({ "c.txt": "cherries\n" }, async (root) => {
      await asking([ANSWER], ["What is there?", "--root", root], async ({ cwd }) => {
        expect((await lastRecording(cwd)).start.origin).toMatchObject({ source: root });
        expect(await readdir(root)).toEqual(["c.txt"]);
      });
    });
  });

  test("is kept elsewhere with --out, but not among the files that the model reads", async () => {
    await inFolder({}, async (folder) => {
      const out = join(folder, "run");
      await asking(
        [ANSWER],
        ["What is there?", "--out", out],
        async ({ code, stderr, cwd, again }) => {
          expect([code, existsSync(runsIn(cwd))]).toEqual([0, false]);
          expect(stderr).toContain(`run\n`);
          expect((await readRecording(out)).isWhole).toBe(true);
          const twice = await again("What is there?", "--out", out);
          expect([twice.code, twice.stderr]).toEqual([2, expect.stringContaining(out)]);
          const inside = await again("What is there?", "--out", "run");
          expect([inside.code, inside.stderr]).toEqual([
            2,
            expect.stringMatching(/searches.*: run/),
          ]);
        },
      );
    });
  });

  test("goes with --keep 0, and is lost where it cannot be written: the question is answered all the same", async () => {
    await asking([ANSWER], ["What is there?", "--keep", "0"], async ({ code, stderr, cwd }) => {
      expect([code, stderr.includes("Recorded")]).toEqual([0, false]);
      expect(await readdir(runsIn(cwd))).toEqual([]);
    });
    await inFolder({ ".fanfold": "in the way" }, async (cwd) => {
      await asking(
        [ANSWER],
        ["What is there?", "--json"],
        ({ code, stdout, stderr }) => {
          expect([code, JSON.parse(stdout)]).toMatchObject([0, { answer: "Apples.", run: {} }]);
          expect(stderr).toMatch(/\nCannot record the run: .*\.fanfold.*\n$/);
        },
        { cwd },
      );
    });
  });
});

describe("fanfold ask --resume", () => {
  test("goes on with the last question of the folder, whatever ran since", async () => {
    await asking(
      [...TWO_READS, { text: ["Four."] }],
      ["What is there?"],
      async ({ cwd, again, received }) => {
        await fanfold(["exec", "true"], { cwd });
        const { code, stdout, stderr } = await again("How many letters has pear?", "--resume");
        expect([code, stdout]).toEqual([0, "Four.\n"]);
        const id = (await runs(cwd))[0]?.split("/").at(-1);
        expect(stderr.split("\n")[0]).toBe(`Going on with ${id}, after 2 steps: What is there?`);
        expect(saidIn(received[2]).map((said) => said.split("\n")[0])).toEqual([
          "user: What is there?",
          "assistant: I look.",
          expect.stringMatching(/^tool: /),
          expect.stringMatching(/^tool: /),
          "assistant: Apples and pears.",
          "user: How many letters has pear?",
        ]);
        // Its own recording has all of it: the one that it went on with may go.
        const [conversation] = conversationsIn((await lastRecording(cwd)).events);
        expect(conversation?.messages).toHaveLength(6);
      },
    );
  });

  test("takes the id or the folder of a run", async () => {
    const script: Script = ({ body }) => ({ text: [`${(body["messages"] as unknown[]).length}`] });
    await inFolder({}, async (folder) => {
      const out = join(folder, "run");
      await asking(script, ["One?"], async ({ cwd, again }) => {
        const [first = ""] = await readdir(runsIn(cwd));
        await again("Two?", "--resume", "--out", out);
        expect((await again("Three?", "--resume", first)).stdout).toBe("4\n");
        expect((await again("Three?", "--resume", out)).stdout).toBe("6\n");
      });
    });
  });

  test("just goes on without a question: after too few steps", async () => {
    await asking(
      TWO_READS,
      ["What is there?", "--max-steps", "1"],
      async ({ code, again, received }) => {
        expect(code).toBe(1);
        const { stdout } = await again("--resume");
        expect(stdout).toBe("Apples and pears.\n");
        expect(saidIn(received[1]).map((said) => said.split(":")[0])).toEqual([
          "user",
          "assistant",
          "tool",
          "tool",
        ]);
      },
    );
  });

  test("goes on after a signal: what was cancelled is told as such", async () => {
    const script: readonly Answer[] = [
      { toolCalls: [read("1", "a.txt"), command("2", "echo begun; sleep 3931")] },
      { text: ["Done."] },
    ];
    const stopped = whenPrinted("✓ read_files", (pid) => process.kill(pid, "SIGINT"));
    await asking(
      script,
      ["Try.", "--write"],
      async ({ code, cwd, again, received }) => {
        expect(code).toBe(130);
        const { isWhole, events } = await lastRecording(cwd);
        expect([isWhole, events.at(-1)]).toMatchObject([true, { status: "cancelled" }]);
        expect((await again("--resume", "--write")).stdout).toBe("Done.\n");
        const [apples, cancelled] = resultsIn(received[1]);
        expect(apples).toContain("apples");
        expect(cancelled).toMatch(/cancelled|stopped/i);
      },
      { onError: stopped },
    );
  });

  /** Answers when the recording of the process that asked holds a text: what was written before has reached the disk. */
  async function onDisk(cwd: string, text: string): Promise<void> {
    for (;;) {
      const recorded = existsSync(runsIn(cwd)) ? await allTextIn(runsIn(cwd)) : "";
      if (recorded.includes(text)) {
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  const TWO_STEPS: readonly Answer[] = [
    { toolCalls: [read("1", "a.txt")] },
    { text: ["Next."], toolCalls: [read("1", "b.txt")] },
  ];

  test("goes on at the last complete step when the process was killed while the model wrote the third", async () => {
    let pid = 0;
    let cwd = "";
    const script: Script = (_request, index) => {
      const answer = [...TWO_STEPS, undefined, { text: ["Both."] }][index];
      return (
        answer ??
        (async (response) => {
          response.writeHead(200, { "content-type": "text/event-stream" });
          response.write(
            `data: {"id":"1","choices":[{"index":0,"delta":{"content":"I think"}}]}\n\n`,
          );
          await onDisk(cwd, '"step":2,"from":4');
          process.kill(pid, "SIGKILL");
        })
      );
    };
    await inFolder(FILES, async (folder) => {
      cwd = folder;
      await asking(
        script,
        ["What is there?"],
        async ({ code, again, received }) => {
          expect(code).toBe(null);
          expect((await lastRecording(cwd)).isWhole).toBe(false);
          const { stdout, stderr } = await again("--resume");
          expect(stdout).toBe("Both.\n");
          expect(stderr).toMatch(/^Going on with \S+, after 2 steps: What is there\?\n1 step/);
          expect(saidIn(received[3])).toEqual(saidIn(received[2]));
          expect(saidIn(received[3])).toHaveLength(5);
        },
        { cwd, onError: (_text, id) => (pid = id) },
      );
    });
  });

  test("tells the model and the user what was under way when the process was killed while calls ran", async () => {
    let cwd = "";
    let asked = 0;
    const script: Script = ({ body }) => {
      if (body["main"] !== undefined) {
        return async (response) => {
          await onDisk(cwd, '"step":3,"from":5');
          process.kill(Number(body["main"]), "SIGKILL");
          response.end();
        };
      }
      asked += 1;
      const third = {
        toolCalls: [read("1", "a.txt"), command("2", TELL_AT_WORK), command("3", "touch never")],
      };
      return [...TWO_STEPS, third, { text: ["I look first."] }][asked - 1] ?? ANSWER;
    };
    await inFolder(FILES, async (folder) => {
      cwd = folder;
      await asking(
        script,
        ["Try.", "--write"],
        async ({ code, again, received }) => {
          expect(code).toBe(null);
          const { stdout, stderr } = await again("--resume", "--write");
          expect(stdout).toBe("I look first.\n");
          expect(stderr).toMatch(/^Going on with \S+, after 2 steps: Try\.\n/);
          expect(stderr).toMatch(/^Had begun when it ended: run_commands node -e .*$/m);
          const said = saidIn(received.at(-1));
          expect(said).toHaveLength(6);
          expect(said.at(-1)).toMatch(
            /^user: The program was interrupted[^]*\n- run_commands .*at-work.*\(was under way, and may still be\)$/,
          );
          expect(said.at(-1)).not.toContain("never");
          expect(existsSync(join(cwd, "never"))).toBe(false);
        },
        { cwd },
      );
    });
  });

  test("says what is other than it was, and what is wrong with it", async () => {
    await inFolder({}, async (root) => {
      await asking([ANSWER, ANSWER], ["One?", "--write"], async ({ cwd, again }) => {
        const [folder = ""] = await runs(cwd);
        await writeFile(join(folder, "pid"), `${process.pid}`);
        const events = join(folder, "events.jsonl");
        const lines = (await readFile(events, "utf8")).split("\n");
        // In place of the answer: what cannot be its place.
        const broken = lines.map((line) => line.replace('"step":1,"from":1', '"step":2,"from":3'));
        await writeFile(events, broken.join("\n"));
        const { stderr } = await again("Two?", "--resume", "--root", root, "--model", "other");
        expect(stderr.split("\n").slice(1, 6)).toEqual([
          "Its process seems to be still under way.",
          "The recording lacks events: what came after that step is lost.",
          `It was about ${await realpath(cwd)}; this one is about ${root}.`,
          expect.stringMatching(/^It asked .*\/test-model; this one asks .*\/other\.$/),
          "It could change files; this one only reads.",
        ]);
      });
    });
  });

  test("uses what is whole of a recording whose last line was torn", async () => {
    await asking([...TWO_READS, ANSWER], ["What?"], async ({ cwd, again }) => {
      const [folder = ""] = await runs(cwd);
      appendFileSync(join(folder, "events.jsonl"), '{"runId":"x","seq');
      expect((await again("And?", "--resume")).stdout).toBe("Apples.\n");
    });
  });

  test("exits with 2 and says why where there is nothing to go on with", async () => {
    await asking([ANSWER], ["What?"], async ({ cwd, again, received }) => {
      const [folder = ""] = await runs(cwd);
      const events = join(folder, "events.jsonl");
      const text = await readFile(events, "utf8");
      const refused = async (says: RegExp, ...args: readonly string[]): Promise<void> => {
        const { code, stdout, stderr } = await again(...args);
        expect(stderr).toMatch(says);
        expect(stderr.trimEnd()).not.toContain("\n");
        expect([code, stdout]).toEqual([2, ""]);
      };
      await refused(/has answered: ask something/, "--resume");
      await refused(/question is empty/, " ", "--resume");
      await refused(/there is none.*: nonsense \(a question stands before/, "--resume", "nonsense");
      await fanfold(["exec", "true"], { cwd });
      const exec = (await runs(cwd)).at(-1)?.split("/").at(-1) ?? "";
      await refused(/none of "fanfold ask", but of "fanfold exec"/, "More?", "--resume", exec);
      const [first = "", ...others] = text.split("\n");
      await writeFile(events, text.replace('"formatVersion":1', '"formatVersion":2'));
      await refused(/format is newer.*update fanfold/, "More?", "--resume", folder);
      await writeFile(events, [first, "damage", ...others].join("\n"));
      await refused(/line 2 is damaged/, "More?", "--resume");
      await writeFile(events, `${first}\n`);
      await refused(/nothing was asked yet/, "More?", "--resume");
      await writeFile(events, "");
      await refused(/no question was recorded here/, "More?", "--resume");
      await refused(/does not begin with run-started/, "More?", "--resume", folder);
      expect(received).toHaveLength(1);
    });
    await inFolder({}, async (cwd) => {
      await mkdir(join(cwd, ".fanfold"));
      const { code, stderr } = await fanfold(["ask", "More?", "--resume"], {
        cwd,
        env: { ...ENV, OPENAI_BASE_URL: "http://127.0.0.1:9" },
      });
      expect([code, stderr]).toEqual([2, expect.stringMatching(/^Cannot resume as no question/)]);
    });
  });
});
