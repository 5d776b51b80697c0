/** `fanfold ask`, as a user runs it, against a service on this machine. */
import { expect } from "vitest";
import { modelServer, type Answer, type ServerRequest } from "../models/model-server.ts";
import { fanfold, inFolder, type Ended, type FanfoldOptions } from "../support/fanfold.ts";

export const KEY = "key-that-nobody-may-see-4711";

export const ENV = { OPENAI_API_KEY: KEY, OPENAI_BASE_URL: "", FANFOLD_MODEL: "test-model" };

export const FILES = { "a.txt": "apples\n", "b.txt": "pears\n" };

export interface Asked extends Ended {
  readonly received: readonly ServerRequest[];
  readonly cwd: string;
  /** Asks again in the same folder, of the same service. */
  readonly again: (...args: readonly string[]) => Promise<Ended>;
}

export type Script = Parameters<typeof modelServer>[0];

/** Runs `fanfold ask` in a folder of two files, and hands how it ended to `look` before the folder goes. */
export async function asking(
  script: Script,
  args: readonly string[],
  look: (asked: Asked) => unknown,
  options: FanfoldOptions = {},
): Promise<void> {
  const server = await modelServer(script);
  try {
    await inFolder(FILES, async (folder) => {
      const { cwd = folder } = options;
      const env = { ...ENV, OPENAI_BASE_URL: server.url, ...options.env };
      const asked = async (given: readonly string[], more: FanfoldOptions): Promise<Ended> => {
        const ended = await fanfold(["ask", ...given], { ...more, cwd, env });
        expect(ended.stdout + ended.stderr).not.toContain(KEY);
        return ended;
      };
      const ended = await asked(args, options);
      const again = async (...given: readonly string[]): Promise<Ended> => await asked(given, {});
      await look({ ...ended, received: server.received, cwd, again });
    });
  } finally {
    await server.close();
  }
}

/** What is answered to the model in a request: the texts of the results, in order. */
export function resultsIn(request: ServerRequest | undefined): readonly string[] {
  const messages = (request?.body["messages"] ?? []) as {
    readonly role: string;
    readonly content: string;
  }[];
  return messages.filter(({ role }) => role === "tool").map(({ content }) => content);
}

export function toolsIn(request: ServerRequest | undefined): readonly string[] {
  const tools = (request?.body["tools"] ?? []) as {
    readonly function: { readonly name: string };
  }[];
  return tools.map(({ function: { name } }) => name);
}

export function call(id: string, name: string, input: unknown) {
  return { id, name, inputText: JSON.stringify(input) };
}

export const read = (id: string, path: string) => call(id, "read_files", { files: [{ path }] });
export const command = (id: string, text: string) =>
  call(id, "run_commands", { commands: [{ command: text }] });

/** A command that tells the service which process runs it, as `main`, and which group it has. */
export const TELL_AT_WORK =
  'node -e \'fetch(process.argv[1] + "/at-work", { method: "POST", body: JSON.stringify({ main: +process.argv[2], group: +process.argv[3] }) }).catch(() => {})\' "$OPENAI_BASE_URL" $PPID $$';

export const TWO_READS: readonly Answer[] = [
  {
    text: ["I look."],
    toolCalls: [read("1", "a.txt"), read("2", "b.txt")],
    usage: { inputTokens: 100, outputTokens: 10 },
  },
  { text: ["Apples ", "and pears."], usage: { inputTokens: 200, outputTokens: 5 } },
];
