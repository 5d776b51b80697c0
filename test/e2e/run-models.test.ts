// `fanfold run` of plans that ask models, as a user runs it, against a service on this machine.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { modelServer, type Answer, type ServerRequest } from "../models/model-server.ts";
import {
  fanfold,
  inFolder,
  whenPrinted,
  type Ended,
  type FanfoldOptions,
} from "../support/fanfold.ts";

const KEY = "plain-words-4711-nobody-may-see";

interface Ran extends Ended {
  readonly received: readonly ServerRequest[];
  /** All that was recorded. */
  readonly recorded: string;
}

type Script = Parameters<typeof modelServer>[0];

/** Runs a plan that finds its service at `${url}`, and hands how it ended to `look`. The key is never seen. */
async function running(
  plan: string,
  script: Script,
  look: (ran: Ran) => unknown,
  { args = [], ...options }: FanfoldOptions & { readonly args?: readonly string[] } = {},
): Promise<void> {
  const server = await modelServer(script);
  try {
    await inFolder({ "plan.yaml": plan.replaceAll("{url}", server.url) }, async (cwd) => {
      const env = {
        ...{ OPENAI_API_KEY: "", OPENAI_BASE_URL: "", FANFOLD_MODEL: "", TEAM: KEY },
        ...options.env,
      };
      const ended = await fanfold(["run", "plan.yaml", ...args], { cwd, ...options, env });
      const recorded = await allTexts(join(cwd, ".fanfold"));
      expect(ended.stdout + ended.stderr + recorded).not.toContain(KEY);
      await look({ ...ended, received: server.received, recorded });
    });
  } finally {
    await server.close();
  }
}

async function allTexts(folder: string): Promise<string> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = entries.filter((each) => each.isFile());
    const texts = files.map((each) => readFile(join(each.parentPath, each.name), "utf8"));
    return (await Promise.all(texts)).join("\n");
  } catch {
    return "";
  }
}

const HEAD = `
using: service
models:
  service: { model: gpt-4o, baseUrl: "{url}", keyFrom: TEAM }
`;

const USAGE = { inputTokens: 100, outputTokens: 10 };

const OBJECT = {
  ...{ content: "written", keyPoints: [], reasoning: "so", answer: "yes", confidence: 1 },
  ...{ conflicts: [], gaps: [] },
};

/** Data where it is asked for, else a text. */
const answer = ({ body }: ServerRequest): Answer => ({
  text: [body["response_format"] === undefined ? "hello" : JSON.stringify(OBJECT)],
  usage: USAGE,
});

const ALL = `${HEAD}
combine: { synthesize: What is it? }
tasks:
  text: { model: Say hello }
  document: { sections: [a, b], topic: t }
  agreed: { consensus: q }
  agent: { agent: look }
  missing: { command: exit 3 }
`;

describe("fanfold run with models", () => {
  test("counts every token that the service counted, over rejections, broken JSON and streams", async () => {
    let rejected = 0;
    let broken = 0;
    const used = { calls: 0, inputTokens: 0, outputTokens: 0 };
    const script = (request: ServerRequest): Answer => {
      if (rejected < 2) {
        rejected += 1;
        return { status: 429, headers: { "retry-after": "0.05" } };
      }
      used.calls += 1;
      used.inputTokens += USAGE.inputTokens;
      used.outputTokens += USAGE.outputTokens;
      if (request.body["response_format"] !== undefined && broken < 2) {
        broken += 1;
        return { text: ["no { JSON"], usage: USAGE };
      }
      return answer(request);
    };
    await running(
      ALL,
      script,
      ({ code, stdout, received }) => {
        const document = JSON.parse(stdout) as Record<string, unknown>;
        expect([code, document["status"]]).toEqual([1, "partial"]);
        expect(document["spent"]).toMatchObject({
          calls: used.calls + rejected,
          unknownCalls: rejected,
          inputTokens: used.inputTokens,
          outputTokens: used.outputTokens,
        });
        expect(received.some(({ body }) => body["stream"] === true)).toBe(true);
        expect(received.every(({ headers }) => headers.authorization === `Bearer ${KEY}`)).toBe(
          true,
        );
        expect(document["tasks"]).toMatchObject({
          text: { value: { text: "hello" } },
          agreed: { value: { verdict: "won", answer: "yes" } },
          synthesis: { value: { answer: "yes", gaps: [{ key: "missing" }] } },
        });
      },
      { args: ["--json"] },
    );
  });

  test("shows each task with what it took, the answer, and no task that is not in the plan", async () => {
    await running(ALL, answer, ({ stdout }) => {
      expect(stdout).toMatch(/^✓ text {2,}\d+.*s {2}100 tokens in, 10 out$/m);
      expect(stdout).toMatch(/^✓ document .* 2 sections; 300 tokens in, 30 out$/m);
      expect(stdout).toMatch(/^✓ synthesis .* confidence 80 %, 1 gap; 100 tokens in, 10 out$/m);
      expect(stdout).toMatch(/── synthesis ──\nyes\n\nMissing:\n {2}missing: .*exit code 3/);
      expect(stdout).toMatch(/^6 tasks in /m);
      expect(stdout).toMatch(/^8 calls of models; 800 tokens in, 80 out\. /m);
      expect(stdout).not.toMatch(/127\.0\.0\.1|calls ->|ask ->/);
    });
  });

  test("never shows nor records a key, be it sent back in an error or printed by commands", async () => {
    const echo: Answer = (response, { headers }) => {
      response.writeHead(400, { "content-type": "application/json" });
      const message = `Bad key: ${String(headers.authorization)}`;
      response.end(JSON.stringify({ error: { message, type: "error" } }));
    };
    const command = (id: string) => ({
      ...{ id, name: "run_commands" },
      inputText: JSON.stringify({ commands: [{ command: "echo key=$TEAM" }] }),
    });
    const plan = `${HEAD}
failure: continue
tasks:
  echo: { model: x }
  printed: { command: "echo key=$TEAM; env" }
  agent: { agent: print it, write: true }
`;
    const script = (request: ServerRequest, index: number): Answer =>
      request.body["tools"] === undefined
        ? echo
        : JSON.stringify(request.body["messages"]).includes('"tool"')
          ? { text: [JSON.stringify(request.body["messages"])], usage: USAGE }
          : { toolCalls: [command(String(index))], usage: USAGE };
    for (const args of [[], ["--json"]]) {
      await running(
        plan,
        script,
        ({ code, stdout, recorded }) => {
          expect(code).toBe(1);
          expect(stdout).toContain("Bad key: Bearer [hidden]");
          expect(stdout).toContain("key=");
          expect(recorded).toContain("Bad key");
        },
        { args },
      );
    }
  });

  test("refuses, before anything runs, what cannot be asked or paid for", async () => {
    const plan = `${HEAD}\ntasks:\n  a: { command: touch ran }\n  b: { model: x }`;
    await running(
      plan,
      [],
      ({ code, stdout, stderr, received }) => {
        expect([code, stdout, received]).toEqual([2, "", []]);
        expect(stderr).toMatch(
          /^Cannot run task "b" \(plan\.yaml:\d+\): Cannot keep to a budget as the price of model "127\.0\.0\.1:\d+\/gpt-4o" is not known/,
        );
      },
      { args: ["--budget", "0.5"] },
    );
    await running(
      plan,
      [],
      ({ code, stdout }) => {
        expect([code, JSON.parse(stdout)]).toMatchObject([
          2,
          {
            error: {
              message: expect.stringContaining("there is no key for it: set TEAM") as unknown,
            },
          },
        ]);
      },
      { env: { TEAM: "" }, args: ["--json"] },
    );
  });

  test("asks the model of --model where tasks name none", async () => {
    const server = await modelServer(answer);
    try {
      await running("tasks: { a: { model: x } }", [], ({ code }) => expect(code).toBe(0), {
        args: ["--model", "their/model"],
        env: { OPENAI_BASE_URL: server.url },
      });
      expect(server.received.map(({ body }) => body["model"])).toEqual(["their/model"]);
    } finally {
      await server.close();
    }
  });

  test("gives its calls up on Ctrl-C, and tidies up", async () => {
    const plan = `${HEAD}\ntasks:\n  a: { model: x }\n  b: { agent: x }\n  down: { always: true, after: a, command: echo tidied }`;
    await running(
      plan,
      () => ({ hangsAfter: 0 }),
      ({ code, stdout }) => {
        expect(code).toBe(130);
        expect(stdout).toContain("tidied");
        expect(stdout).toMatch(/^■ a /m);
      },
      { onOutput: whenPrinted("> b", (pid) => process.kill(pid, "SIGINT")) },
    );
  });

  test("sends nothing with --dry-run, and says what it would send", async () => {
    const plan = ALL.replace("exit 3", "touch ran");
    await running(
      plan,
      [],
      ({ code, stdout, received, recorded }) => {
        expect([code, received, recorded]).toEqual([0, [], ""]);
        expect(stdout).toMatch(/^ {2}document {3}3 – 9 requests, [\d,]+ – [\d,]+ tokens in/m);
        expect(stdout).toMatch(/^ {2}synthesis {2}1 – 3 requests, at least /m);
        expect(stdout).toMatch(
          /service: 127\.0\.0\.1:\d+\/gpt-4o, at http:.*, key from TEAM, price unknown/,
        );
        expect(stdout).toMatch(/the price of model "127.*" is not known, which a budget needs/);
      },
      { args: ["--dry-run", "--budget", "1"] },
    );
  });
});
