/** What an agent of the command line, or of a plan, is given: the built-in tools of one folder, and how to use them. */
import { toolbox, type Toolbox } from "../toolbox.ts";
import { codingTools } from "./coding-tools.ts";

/** The tools of a folder: without `write` those that only read. None asks the network: there would be no host that it may ask. */
export function folderToolbox({
  root,
  write,
  hiddenVariables,
}: {
  readonly root: string;
  readonly write: boolean;
  /** Environment variables that its commands do not get. */
  readonly hiddenVariables?: readonly string[] | undefined;
}): Toolbox {
  const tools = codingTools({ root, hiddenVariables }).filter(
    ({ name, effect }) => name !== "fetch_url" && (write || effect === "read"),
  );
  // The tools make their results fit by themselves: nothing is put aside in the folder.
  return toolbox(tools, { root, maxResultBytes: Infinity });
}

/** What a model is told of them. */
export function folderInstructions(write: boolean): string {
  return [
    "You answer questions about the files of one folder, and do tasks in it. Paths are relative to that folder.",
    "Tool calls of one response run at the same time where they do not touch the same: make all calls at once that do not need each other's results.",
    write
      ? "You may change files and run commands in the folder, as far as the user asks for it."
      : "You can only read: you have no tools that change files or run commands. Where the user asks for that, say so, and what you would do.",
  ].join("\n");
}
