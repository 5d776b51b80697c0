/** The built-in tools: what a coding assistant needs, safe by default. */
import type { Tool } from "../tool.ts";
import { editFileTool } from "./edit-file.ts";
import { fetchUrlTool } from "./fetch-url.ts";
import { listFilesTool } from "./list-files.ts";
import { readFilesTool } from "./read-files.ts";
import { runCommandsTool } from "./run-commands.ts";
import { searchTool } from "./search.ts";
import { codingSettings, type CodingToolsOptions } from "./settings.ts";
import { writeFileTool } from "./write-file.ts";

/**
 * Makes the tools of a coding assistant: `read_files`, `search`, `list_files`, `run_commands`, `edit_file`, `write_file` and `fetch_url`.
 * Leave out or change what you like: a tool is a plain object.
 *
 * Guarantees: the tools for files neither read nor write outside of `root`, whatever paths and links say; each call claims what it touches;
 * no result is longer than `maxResultBytes`, and it says what was cut and how to get more.
 * Does not confine commands: they may do whatever this process may, with its environment. Let `approve` of the toolbox ask for them, or run
 * the whole process in a container.
 *
 * @throws `Error` when `root` is no folder; `TypeError` or `RangeError` when another option is invalid.
 *
 * @example
 * ```ts
 * import { codingTools, toolbox } from "fanfold/tools";
 *
 * const tools = toolbox(codingTools({ root: "." }), { root: "." });
 * console.log([...tools.tools.keys()]);
 * ```
 */
export function codingTools(options: CodingToolsOptions): readonly Tool[] {
  const settings = codingSettings(options);
  return [
    readFilesTool(settings),
    searchTool(settings),
    listFilesTool(settings),
    runCommandsTool(settings),
    editFileTool(settings),
    writeFileTool(settings),
    fetchUrlTool(settings),
  ];
}
