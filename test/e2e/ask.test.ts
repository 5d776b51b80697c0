// `fanfold ask`, as a user runs it, against a service on this machine.
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { modelServer, type Answer } from "../models/model-server.ts";
import { fanfold, inFolder, whenPrinted } from "../support/fanfold.ts";
import { isGone } from "../support/is-gone.ts";
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
  toolsIn,
  TWO_READS,
  type Script,
} from "./asking.ts";

const edit = (id: string) =>
  call(id, "edit_file", { path: "a.txt", edits: [{ oldText: "apples", newText: "plums" }] });

describe("fanfold ask", () => {
  test("reads what the model asks for, shows its calls, prints the answer, and exits with 0", async () => {
    await asking(TWO_READS, ["What is there?"], ({ code, stdout, stderr, received }) => {
      expect(stdout).toBe("I look.\nApples and pears.\n");
      expect(stderr).toMatch(/^○ read_files a\.txt\n○ read_files b\.txt\n/);
      expect(stderr).toMatch(/^✓ read_files a\.txt {2}\d+ ms/m);
      expect(stderr).toMatch(/^✓ read_files b\.txt {2}\d+ ms/m);
      expect(stderr).toMatch(/^ {2}2 calls in .+; one after another .+$/m);
      expect(stderr).toMatch(
        /\n2 steps; 300 tokens in, 15 out\nRecorded in \.fanfold\/runs\/\S+\n$/,
      );
      expect(code).toBe(0);
      expect(received[0]?.headers.authorization).toBe(`Bearer ${KEY}`);
      expect(received[0]?.body["model"]).toBe("test-model");
      expect(resultsIn(received[1])).toEqual([
        expect.stringContaining("apples"),
        expect.stringContaining("pears"),
      ]);
    });
  });

  test("prints one document with --json and nothing else on standard output", async () => {
    await asking(TWO_READS, ["What is there?", "--json"], ({ code, stdout, stderr }) => {
      expect(JSON.parse(stdout)).toMatchObject({
        finish: "answered",
        answer: "Apples and pears.",
        steps: 2,
        spent: { calls: 2, unknownCalls: 0, inputTokens: 300, outputTokens: 15 },
        messages: [
          { role: "user", text: "What is there?" },
          { role: "assistant", text: "I look.", toolCalls: [{ id: "1" }, { id: "2" }] },
          { role: "tool", results: [{ id: "1" }, { id: "2" }] },
          { role: "assistant", text: "Apples and pears." },
        ],
      });
      expect(stderr).toMatch(/^✓ read_files b\.txt/m);
      expect(code).toBe(0);
    });
  });

  test("only reads: the model has no other tools, and is told so when it calls one", async () => {
    const script: readonly Answer[] = [
      { toolCalls: [edit("1"), command("2", "touch made")] },
      { text: ["I cannot."] },
    ];
    await asking(script, ["Change it."], async ({ code, stderr, received, cwd }) => {
      expect(toolsIn(received[0])).toEqual(["read_files", "search", "list_files"]);
      expect(JSON.stringify(received[0]?.body["messages"])).toContain("You can only read");
      expect(resultsIn(received[1])).toEqual([
        expect.stringContaining('There is no tool "edit_file"'),
        expect.stringContaining('There is no tool "run_commands"'),
      ]);
      expect(stderr).toMatch(/^✗ edit_file a\.txt; There is no tool "edit_file"/m);
      expect(await readdir(cwd)).toEqual([".fanfold", "a.txt", "b.txt"]);
      expect(await readFile(`${cwd}/a.txt`, "utf8")).toBe("apples\n");
      expect(code).toBe(0);
    });
  });

  test("changes files and runs commands with --write, and says what calls waited for", async () => {
    const script: readonly Answer[] = [
      { toolCalls: [command("1", "cat a.txt"), edit("2")] },
      { text: ["Done."] },
    ];
    await asking(script, ["Change it.", "--write"], async ({ code, stderr, received, cwd }) => {
      expect(toolsIn(received[0])).toEqual([
        "read_files",
        "search",
        "list_files",
        "run_commands",
        "edit_file",
        "write_file",
      ]);
      expect(await readFile(`${cwd}/a.txt`, "utf8")).toBe("plums\n");
      expect(resultsIn(received[1])[0]).toContain("apples");
      expect(stderr).toMatch(/^✓ edit_file a\.txt {2}.+; waited .*for run_commands cat a\.txt/m);
      expect(code).toBe(0);
    });
  });

  test("keeps the key from the commands of the model", async () => {
    const script: readonly Answer[] = [
      { toolCalls: [command("1", 'echo "key: [$OPENAI_API_KEY]"')] },
      { text: ["None."] },
    ];
    await asking(script, ["What is the key?", "--write", "--json"], ({ received }) => {
      expect(resultsIn(received[1])[0]).toMatch(/^key: \[\]$/m);
    });
  });

  test("reads the folder of --root and nothing outside of it", async () => {
    await inFolder({ "c.txt": "cherries\n" }, async (root) => {
      const script: readonly Answer[] = [
        { toolCalls: [read("1", "c.txt"), read("2", "../a.txt")] },
        { text: ["Cherries."] },
      ];
      await asking(script, ["What is there?", "--root", root], ({ received }) => {
        expect(resultsIn(received[1])[0]).toContain("cherries");
        expect(resultsIn(received[1])[1]).not.toContain("apples");
      });
    });
  });

  test("prints no control characters of the model", async () => {
    const script: readonly Answer[] = [
      { toolCalls: [read("1", "\u001b[2Ja.txt")] },
      { text: ["\u001b", "]0;title\u0007one\n\ttwo"] },
    ];
    await asking(script, ["What is there?"], ({ stdout, stderr }) => {
      expect(stdout).toBe("]0;titleone\n\ttwo\n");
      expect(stderr).toMatch(/^○ read_files a\.txt$/m);
      expect(stderr).not.toContain("\u001b");
    });
  });

  test.each([
    ["--max-steps", ["--max-steps", "1"], "max-steps", { toolCalls: [read("1", "a.txt")] }],
    ["a response that was cut off", [], "length", { text: ["Ap"], finishReason: "length" }],
  ] as const)("exits with 1 after %s", async (_what, args, finish, answer) => {
    await asking([answer], ["What?", ...args, "--json"], ({ code, stdout, stderr }) => {
      expect(JSON.parse(stdout)).toMatchObject({ finish, steps: 1 });
      expect(stderr).toMatch(/^Not answered: .+ \(1 step\)$/m);
      expect(code).toBe(1);
    });
  });

  const refused: Answer = (response, { headers }) => {
    response.writeHead(401, { "content-type": "application/json" });
    response.end(
      JSON.stringify({ error: { message: `Incorrect key: ${headers.authorization}`, type: "x" } }),
    );
  };
  const page: Answer = (response, { headers }) =>
    response.end(`<html>Welcome, ${headers.authorization}</html>`);
  const nonsense: Answer = (response, { headers }) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.end(`data: {"nonsense": "${headers.authorization}"\n\n`);
  };

  test.each([
    ["a refusal", refused, /^The model failed with status 401: Incorrect key: .*OPENAI_API_KEY/],
    ["a page", page, /^The model failed: ./],
    ["nonsense", nonsense, /^The model failed: ./],
  ])(
    "says what is wrong with %s, without the key, and exits with 1",
    async (_what, answer, says) => {
      await asking(
        () => answer,
        ["What is there?"],
        ({ code, stdout, stderr }) => {
          expect(stderr).toMatch(says);
          expect(stderr).toMatch(/^[^\n]+\nRecorded in [^\n]+\n$/);
          expect([code, stdout]).toEqual([1, ""]);
        },
      );
      await asking(
        () => answer,
        ["What is there?", "--json"],
        ({ code, stdout }) => {
          expect(JSON.parse(stdout)).toMatchObject({
            finish: "failed",
            steps: 0,
            error: { message: expect.stringMatching(says) as string },
            messages: [{ role: "user" }],
          });
          expect(code).toBe(1);
        },
      );
    },
  );

  /** A command at work; the first signal comes from the service. */
  function atWork(text: string, signal: NodeJS.Signals, seen: { group: number }): Script {
    return ({ body }) => {
      if (body["main"] === undefined) {
        return { text: ["I try."], toolCalls: [command("1", text)] };
      }
      return (response) => {
        seen.group = Number(body["group"]);
        process.kill(Number(body["main"]), signal);
        response.end();
      };
    };
  }

  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)(
    "cancels at the first %s while a tool runs, lets it tidy up, leaves nothing running, and exits with its number",
    async (signal, number) => {
      const seen = { group: 0 };
      const script = atWork(
        `trap 'touch tidied; exit' TERM; ${TELL_AT_WORK}; sleep 3930 & wait`,
        signal,
        seen,
      );
      await asking(script, ["Try.", "--write", "--json"], async ({ code, stdout, stderr, cwd }) => {
        expect(stderr).toMatch(/^Cancelling; a second signal ends everything at once\.$/m);
        expect(JSON.parse(stdout)).toMatchObject({
          finish: "cancelled",
          messages: [
            { role: "user" },
            { role: "assistant", text: "I try." },
            { role: "tool", results: [{ id: "1", isError: true }] },
          ],
        });
        expect(existsSync(`${cwd}/tidied`)).toBe(true);
        expect(code).toBe(number);
        expect(await isGone(seen.group)).toBe(true);
      });
    },
  );

  test("gives up the request at a signal while the model writes", async () => {
    const script: readonly Answer[] = [{ text: ["I think", " not"], hangsAfter: 1 }];
    await asking(
      script,
      ["What is there?"],
      ({ code, stdout, stderr }) => {
        expect(stdout).toBe("I think\n");
        expect(stderr).toMatch(/^Cancelling.+\nCancelled\.\nRecorded in .+\n$/);
        expect(code).toBe(130);
      },
      { onOutput: whenPrinted("I think", (pid) => process.kill(pid, "SIGINT")) },
    );
  });

  test("asks again where the service fails in passing", async () => {
    const script: readonly Answer[] = [{ status: 503 }, { text: ["Here."] }];
    await asking(script, ["Are you there?"], ({ code, stdout, received }) => {
      expect([code, stdout, received.length]).toEqual([0, "Here.\n", 2]);
    });
  });

  test("ends at once at a second signal, and kills what ignores the first", async () => {
    const seen = { group: 0 };
    const deaf = `trap '' TERM; ${TELL_AT_WORK}; while true; do sleep 0.1; done`;
    const again = whenPrinted("Cancelling", (pid) => process.kill(pid, "SIGINT"));
    await asking(
      atWork(deaf, "SIGINT", seen),
      ["Try.", "--write"],
      async ({ code, stdout }) => {
        expect([code, stdout]).toEqual([130, "I try.\n"]);
        expect(await isGone(seen.group)).toBe(true);
      },
      { onError: again },
    );
  });

  test("stops when nobody reads its output any more", async () => {
    const script: Script = (_request, index) => ({
      text: ["More."],
      toolCalls: [read(`${index}`, "a.txt")],
    });
    await asking(script, ["Go on.", "--max-steps", "1000"], ({ code }) => expect(code).toBe(141), {
      hangsUp: true,
    });
  });

  test("asks OpenAI by default, and keeps to a budget", async () => {
    const usage = { inputTokens: 1000, outputTokens: 100_000 };
    // In place of the network: what is meant for OpenAI goes to the service of the test.
    const led = `const { fetch } = globalThis; globalThis.fetch = (url, ...rest) => fetch(String(url).replace("https://api.openai.com/v1", process.env.LED_TO), ...rest);`;
    const server = await modelServer(() => ({ toolCalls: [read("1", "a.txt")], usage }));
    const env = {
      ...ENV,
      LED_TO: server.url,
      NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(led)}`,
    };
    await inFolder(FILES, async (cwd) => {
      const args = ["ask", "What?", "--model", "gpt-4o", "--budget", "0.9"];
      const { code, stderr } = await fanfold(args, { cwd, env });
      expect(stderr).toMatch(
        /^Not answered: another response does not fit into --budget \(1 step; .*1,000 tokens in, 100,000 out; .*\$1\.0025\)$/m,
      );
      expect(code).toBe(1);
      expect(server.received).toHaveLength(1);
    });
    await server.close();
  });

  test.each([
    ["no model", [], { FANFOLD_MODEL: "" }, /--model.*FANFOLD_MODEL/],
    ["no key", [], { OPENAI_API_KEY: "" }, /OPENAI_API_KEY/],
    ["a key of two lines", [], { OPENAI_API_KEY: `${KEY}\n${KEY}` }, /OPENAI_API_KEY/],
    ["no address", ["--base-url", "nonsense"], {}, /--base-url/],
    ["a price not known", ["--budget", "1", "--model", "x"], {}, /--budget.*"api.openai.com\/x"/],
    ["no folder", ["--root", "no-such-folder"], {}, /no-such-folder/],
  ] as const)("exits with 2 where there is %s, and says it", async (_what, args, env, says) => {
    const options = { env: { ...ENV, ...env } };
    const { code, stdout, stderr } = await fanfold(["ask", "What?", ...args], options);
    expect(stderr).toMatch(says);
    expect(stderr).not.toContain(KEY);
    expect(stderr.trimEnd()).not.toContain("\n");
    expect([code, stdout]).toEqual([2, ""]);
    const inJson = await fanfold(["ask", "What?", "--json", ...args], options);
    expect(JSON.parse(inJson.stdout)).toMatchObject({
      error: { message: expect.stringMatching(says) as string },
    });
    expect([inJson.code, inJson.stderr]).toEqual([2, ""]);
  });

  test.each([
    [["ask"]],
    [["ask", " "]],
    [["ask", "What?", "--max-steps", "0"]],
    [["ask", "What?", "--budget", "0"]],
    [["ask", "What?", "--budget", "much"]],
  ])("exits with 2 for %j", async (args) => {
    const { code, stdout } = await fanfold(args, { env: ENV });
    expect([code, stdout]).toEqual([2, ""]);
  });

  test("needs no key for a service of one's own, and sends none", async () => {
    await asking(
      [{ text: ["Yes."] }],
      ["Are you there?"],
      ({ code, received }) => {
        expect(received[0]?.headers.authorization).toBe(undefined);
        expect(code).toBe(0);
      },
      { env: { OPENAI_API_KEY: "" } },
    );
  });
});
