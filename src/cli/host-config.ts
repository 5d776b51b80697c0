/** What the hosts of MCP servers are told of this one, each in its own words. */

/** The hosts, as users name them. */
export const HOSTS = ["codex", "claude", "opencode", "gemini", "generic"] as const;

/** A host; `generic` is any that has `mcpServers` in JSON. */
export type Host = (typeof HOSTS)[number];

/** What to paste, and where. */
export interface HostConfig {
  /** Ends with a line feed. Holds `place` as a comment where there are comments. */
  readonly text: string;
  /** Sentences about where it belongs. */
  readonly place: string;
  /** Whether `text` says by itself where it belongs. */
  readonly saysPlace: boolean;
}

const NAME = "fanfold";

/** How long a host waits for a call, in seconds: some would give up before a few commands of 120 seconds each have ended. */
const CALL_SECONDS = 600;

/** What a host is told of a server that is started by these words, the first of which is the program. */
export function hostConfig(host: Host, words: readonly string[]): HostConfig {
  switch (host) {
    case "codex":
      return commented(
        "Codex: ~/.codex/config.toml, or .codex/config.toml of a project that it trusts.",
        codex(words),
      );
    case "claude":
      return commented(
        "Claude Code: run this in the project. With --scope user it is for all projects, with --scope project in .mcp.json for everybody.",
        `claude mcp add ${NAME} -- ${words.map(shellWord).join(" ")}\n`,
      );
    case "opencode":
      return json("OpenCode: opencode.json of the project, or ~/.config/opencode/opencode.json.", [
        `"$schema": "https://opencode.ai/config.json",`,
        `"mcp": {`,
        `  "${NAME}": {`,
        `    "type": "local",`,
        `    "command": ${list(words)},`,
        `    "timeout": ${CALL_SECONDS * 1000}`,
        `  }`,
        `}`,
      ]);
    case "gemini":
      return json(
        "Gemini CLI: .gemini/settings.json of the project, or ~/.gemini/settings.json.",
        servers(words),
      );
    case "generic":
      return json(
        'Cursor: .cursor/mcp.json. Claude Code: .mcp.json. Cline, Windsurf and Claude Desktop: the file that their settings open. VS Code: .vscode/mcp.json, with "servers" in place of "mcpServers". Zed: settings.json, with "context_servers".',
        servers(words),
      );
  }
}

function commented(place: string, text: string): HostConfig {
  return { text: `# ${place}\n${text}`, place, saysPlace: true };
}

function json(place: string, lines: readonly string[]): HostConfig {
  const text = ["{", ...lines.map((line) => `  ${line}`), "}", ""].join("\n");
  return { text, place, saysPlace: false };
}

function servers([command, ...args]: readonly string[]): readonly string[] {
  return [
    `"mcpServers": {`,
    `  "${NAME}": { "command": ${JSON.stringify(command)}, "args": ${list(args)} }`,
    `}`,
  ];
}

/** A list of texts on one line, as JSON. */
function list(words: readonly string[]): string {
  return `[${words.map((word) => JSON.stringify(word)).join(", ")}]`;
}

function codex([command = "", ...args]: readonly string[]): string {
  return [
    `[mcp_servers.${NAME}]`,
    `command = ${tomlText(command)}`,
    `args = [${args.map(tomlText).join(", ")}]`,
    "# The server itself orders what touches the same.",
    "supports_parallel_tool_calls = true",
    `tool_timeout_sec = ${CALL_SECONDS}`,
    "",
  ].join("\n");
}

/** A basic string of TOML: as in JSON, but that DEL has to be escaped too. */
function tomlText(text: string): string {
  return JSON.stringify(text).replaceAll("\u007f", "\\u007f");
}

/** A word of a POSIX shell that stands for nothing but itself. */
function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
