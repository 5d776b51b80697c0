// `fanfold ask` in a terminal, as a user sees it.
import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { modelServer, type Answer } from "../models/model-server.ts";
import { inFolder, MAIN } from "../support/fanfold.ts";
import { hasCommand } from "../support/has-command.ts";
import { call, ENV, FILES, read } from "./asking.ts";

/** A terminal of 60 columns in which a command line runs. */
function openTmux(line: string, cwd: string) {
  const socket = `fanfold-${randomUUID()}`;
  const tmux = (...args: readonly string[]): string =>
    execFileSync("tmux", ["-L", socket, "-f", "/dev/null", ...args], { encoding: "utf8" });
  tmux("new-session", "-d", "-x", "60", "-y", "20", "-c", cwd, `${line}; sleep 60`);
  const screen = (): string => tmux("capture-pane", "-p").trimEnd();
  return {
    screen,
    /** Resolves with the screen once it shows something; the test times out where it never does. */
    async shows(pattern: RegExp): Promise<string> {
      for (;;) {
        const text = screen();
        if (pattern.test(text)) {
          return text;
        }
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    close: () => tmux("kill-server"),
  };
}

test.skipIf(!hasCommand("tmux"))(
  "fanfold ask shows in a terminal what runs and what waits, and of that nothing in the end",
  async () => {
    const wait = call("2", "run_commands", {
      commands: [{ command: "until [ -e go ]; do sleep 0.05; done", writes: ["a.txt"] }],
    });
    const edit = call("3", "edit_file", {
      path: "a.txt",
      edits: [{ oldText: "apples", newText: "plums" }],
    });
    const script: readonly Answer[] = [
      { text: ["I look."], toolCalls: [read("1", "b.txt"), wait, edit] },
      { text: ["Plums."] },
    ];
    const server = await modelServer(script);
    await inFolder(FILES, async (cwd) => {
      const env = { ...ENV, OPENAI_BASE_URL: server.url, CI: "", NO_COLOR: "1" };
      const variables = Object.entries(env).map(([name, value]) => `${name}='${value}'`);
      const line = `env ${variables.join(" ")} '${process.execPath}' '${MAIN}' ask 'What?' --write`;
      const terminal = openTmux(line, cwd);
      try {
        const busy = await terminal.shows(
          /✓ read_files[^]*● run_commands[^]*○ edit_file.* waits for what run_commands/,
        );
        expect(busy).toMatch(
          /^I look\.\n✓ read_files b\.txt .*\n(?:.*\n)*● run_commands until \[ -e go .* {2}[\d.]+ m?s\n○ edit_file a\.txt {2}waits for what run_commands until .*…\n1 of 3 done, [\d.]+ m?s$/,
        );
        await writeFile(join(cwd, "go"), "");
        const ended = await terminal.shows(/Recorded in/);
        expect(ended).not.toMatch(/^[●○]|of 3 done/m);
        expect(ended).toMatch(/^✓ edit_file a\.txt/m);
        expect(ended).toMatch(/\nPlums\.\n2 steps\nRecorded in/);
      } finally {
        terminal.close();
      }
    });
    await server.close();
  },
);
