/** Reads what hosts are told, as they do: the words that a server is started by. */
import { execFileSync } from "node:child_process";
import type { Host } from "../../src/cli/host-config.ts";

/** The program and its arguments in a block. */
export function wordsOf(host: Host, block: string): readonly string[] {
  switch (host) {
    case "codex": {
      const value = (key: string): unknown => {
        const line = block.split("\n").find((each) => each.startsWith(`${key} = `)) ?? "";
        return JSON.parse(line.slice(key.length + 3)); // Of these values TOML and JSON have one form.
      };
      return [value("command") as string, ...(value("args") as readonly string[])];
    }
    case "claude": {
      // The command is a function of the shell that prints its words, each with a NUL behind.
      const script = `claude() { printf '%s\\0' "$@"; }\n${block}`;
      const words = execFileSync("sh", ["-c", script]).toString().split("\0").slice(0, -1);
      return words.slice(words.indexOf("--") + 1);
    }
    case "opencode":
      return (JSON.parse(block) as { mcp: { fanfold: { command: string[] } } }).mcp.fanfold.command;
    default: {
      type Block = { mcpServers: { fanfold: { command: string; args: string[] } } };
      const { command, args } = (JSON.parse(block) as Block).mcpServers.fanfold;
      return [command, ...args];
    }
  }
}
